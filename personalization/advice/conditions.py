"""Advice on a rule's own condition: it holds never, never again, always, or only where the rule is kept out. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from crm_link.kinds import CareKind, Purpose
from personalization.advice.advice import Notebook
from personalization.advice.atoms import read_comparison
from personalization.advice.formulas import Atom, Effort, Formula, Or, prove_empty, translate
from personalization.advice.relations import contradicts
from personalization.advice.subjects import Subject
from personalization.conditions.explanation import Words
from personalization.conditions.tree import Always, Any, Comparison, Condition
from personalization.facts.question import Audience
from personalization.insert_info import Inserts
from personalization.plan import ActionKind
from personalization.resolver.enclosing import CARE_TESTS
from personalization.resolver.gates import is_hidden_from_recipient, list_implied_purposes
from personalization.rulesets.standing import ALLERGIES, CARE, DENIED, GRANTED
from personalization.versions.wording import describe_tree

# To name the parts that contradict each other, so many are looked at.
MOST_PARTS: Final = 20
PURPOSES: Final[Mapping[str, Words]] = {
    Purpose.PERSONALISATION: Words("履歴による選択", "personalisation"),
    Purpose.MARKETING: Words("広告・試供品・クーポン", "marketing"),
    Purpose.LETTER: Words("履歴にふれるお手紙", "letters that use history"),
    Purpose.MEASUREMENT: Words("効果測定", "measurement"),
}
_CARE_WORDS: Final[Mapping[str, Words]] = {
    CareKind.NO_INSERTS: Words("注意フラグ「同梱物不要」", "care flag “no inserts”"),
    CareKind.NO_SAMPLES: Words("注意フラグ「サンプル不要」", "care flag “no samples”"),
    CareKind.NO_LETTERS: Words("注意フラグ「手紙不要」", "care flag “no letters”"),
}


def name_purpose(purpose: str) -> Words:
    return PURPOSES.get(purpose, Words(purpose, purpose))


def advise_condition(subject: Subject, inserts: Inserts, today: date, notebook: Notebook) -> None:
    """Say that the rule never acts, never again or always matches, or is always kept out where it matches."""
    formulas = [translate(part, subject.rule.audience) for _, part in subject.parts]
    if _is_empty(formulas):
        _say_never(subject, formulas, notebook)
    elif why := _find_end(subject, formulas, today):
        notebook.say(f"{subject.place}.when", "never_again", subject.rule.key, why=why)
    else:
        _advise_ways(subject, formulas, notebook)
        _advise_gates(subject, inserts, notebook)
        if not isinstance(subject.rule.when, Always) and _is_empty([subject.when_not]):
            notebook.say(f"{subject.place}.when", "always_matches", subject.rule.key)


def _is_empty(formulas: list[Formula]) -> bool:
    return prove_empty(formulas, contradicts, Effort())


def _say_never(subject: Subject, formulas: list[Formula], notebook: Notebook) -> None:
    kept = list(zip(subject.parts, formulas, strict=True))
    if len(kept) <= MOST_PARTS:
        for pair in list(kept):
            rest = [each for each in kept if each is not pair]
            if _is_empty([formula for _, formula in rest]):
                kept = rest
        told = [_tell(part, subject.rule.audience) for (_, part), _ in kept]
        why = _tell_clash(told)
    else:
        why = Words("条件が互いに矛盾しています。", "Its conditions contradict each other.")
    place = kept[0][0][0] if len(kept) == 1 else f"{subject.place}.when"
    notebook.say(place, "never_matches", subject.rule.key, why=why)


def _tell(condition: Condition, audience: Audience) -> Words:
    return describe_tree(condition, audience)


def _tell_clash(parts: list[Words]) -> Words:
    ja, en = "」と「".join(part.ja for part in parts), "” and “".join(part.en for part in parts)
    if len(parts) == 1:
        return Words(f"「{ja}」となる値はありません。", f"Nothing can be “{en}”.")
    return Words(f"「{ja}」は同時に成り立ちません。", f"“{en}” cannot hold together.")


def _find_end(subject: Subject, formulas: list[Formula], today: date) -> Words | None:
    """Return why the rule is over, None when it is not."""
    until = subject.rule.valid_until
    if until is not None and until < today:
        return Words(f"期間は{until}までです。", f"It was valid until {until}.")
    start = max(today, subject.rule.valid_from or today)
    if _is_empty([*formulas, _atom(Comparison("calendar.date", "on_or_after", start), Audience.BUYER)]):
        return Words("条件の日付が過ぎています。", "The dates of its condition are past.")
    return None


def _atom(comparison: Comparison, audience: Audience, *, positive: bool = True) -> Atom:
    return Atom(comparison.question(audience), read_comparison(comparison)[0 if positive else 1])


def _advise_ways(subject: Subject, formulas: list[Formula], notebook: Notebook) -> None:
    """Name each way of an `any` that cannot hold with the rest."""
    for number, (place, part) in enumerate(subject.parts):
        if not isinstance(part, Any):
            continue
        others = formulas[:number] + formulas[number + 1 :]
        for way, branch in enumerate(part.parts):
            if _is_empty([*others, translate(branch, subject.rule.audience)]):
                told = _tell(branch, subject.rule.audience)
                notebook.say(f"{place}.any[{way}]", "part_never_matches", subject.rule.key, part=told)


def _advise_gates(subject: Subject, inserts: Inserts, notebook: Notebook) -> None:
    for place, gate, why in _list_gates(subject, inserts):
        if _is_empty([subject.when, gate]):
            notebook.say(place, "contradicts_exclusion", subject.rule.key, why=why)


def _list_gates(subject: Subject, inserts: Inserts) -> Iterator[tuple[str, Formula, Words]]:
    """Yield what must hold for the rule to act, besides its condition."""
    rule, place = subject.rule, subject.place
    for purpose in sorted(rule.purposes):
        has = Comparison(GRANTED, "has_all", frozenset({purpose}))
        told = name_purpose(purpose)
        why = Words(f"「{told.ja}」への同意が必要です", f"consent to “{told.en}” is needed")
        yield f"{place}.purposes", _atom(has, rule.audience), why
    for purpose in sorted(rule.purposes | list_implied_purposes(rule, inserts)):
        lacks = Comparison(DENIED, "has_none", frozenset({purpose}))
        told = name_purpose(purpose)
        why = Words(f"「{told.ja}」を拒否したお客様です", f"these customers denied “{told.en}”")
        yield f"{place}.when", _atom(lacks, rule.audience), why
    if is_hidden_from_recipient(rule):
        own = [Comparison("order.is_gift", "equals", False), Comparison("order.is_to_other", "equals", False)]
        gate = Or(tuple(_atom(each, rule.audience) for each in own))
        yield f"{place}.gifts", gate, Words("他の人へのギフトでは動かない設定です", "it is off for gifts to others")
    if any(limit.per_customer for limit in rule.limits):
        known = Comparison("customer.is_known", "equals", True)
        why = Words(
            "お客様ごとの上限は、お客様が分からないと数えられません", "limits per customer need a known customer"
        )
        yield f"{place}.limits", _atom(known, rule.audience), why
    yield from _list_care(subject, inserts)


def _list_care(subject: Subject, inserts: Inserts) -> Iterator[tuple[str, Formula, Words]]:
    rule = subject.rule
    for index, action in enumerate(rule.then):
        place = f"{subject.place}.then[{index}]"
        insert = inserts.get(action.insert_key or "")
        flags = [kind for kind, test in CARE_TESTS if insert is not None and test(insert.kind)]
        if action.kind is ActionKind.LETTER:
            flags.append(CareKind.NO_LETTERS)
        for flag in flags:
            lacks = Comparison(CARE, "has_none", frozenset({str(flag)}))
            yield place, _atom(lacks, rule.audience), _CARE_WORDS.get(flag, Words(flag, flag))
        if insert is not None and insert.allergens:
            lacks = Comparison(ALLERGIES, "has_none", insert.allergens)
            listed = "、".join(sorted(insert.allergens))
            yield place, _atom(lacks, rule.audience), Words(f"アレルギー: {listed}", f"allergy: {listed}")
