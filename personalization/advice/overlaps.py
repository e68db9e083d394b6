"""Advice on rules that stand behind others: of the same exclusion group, or with the same exclusive choice. Pure."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final

from personalization.advice.advice import Notebook
from personalization.advice.formulas import Effort, prove_empty
from personalization.advice.relations import contradicts
from personalization.advice.subjects import Subject
from personalization.conditions.explanation import Words
from personalization.insert_info import Inserts
from personalization.plan import ActionKind
from personalization.resolver.gates import is_hidden_from_recipient, list_implied_purposes
from personalization.resolver.parcel import TAKEN
from personalization.rulesets.catalogue import Catalogue
from personalization.rulesets.placeholders import list_facts
from personalization.rulesets.ruleset import Action, Rule

# Steps of proof for a whole document: 0.6 s at the most (500 rules in five groups, measured).
STEPS: Final = 4_000
STEPS_PER_PAIR: Final = 200
SURE: Final = frozenset({ActionKind.FLAG, ActionKind.TAG, ActionKind.HOLD})
_CHOICES: Final = {
    ActionKind.LETTER: Words("お手紙", "the letter"),
    ActionKind.SLIP: Words("納品書", "the slip"),
    ActionKind.MESSAGE: Words("文面の差込欄", "the slot"),
    ActionKind.PRIORITY: Words("優先度", "the priority"),
}
Choice = tuple[ActionKind, str]


def advise_overlaps(
    subjects: Sequence[Subject], inserts: Inserts, catalogue: Catalogue | None, rule_key: str | None, notebook: Notebook
) -> None:
    """Say which rules are always behind one further up. Silent where it cannot be proven."""
    effort = Effort(STEPS)
    active = [subject for subject in subjects if subject.rule.enabled]
    wants = [_list_wants(subject.rule) for subject in active]
    for number, lower in enumerate(active):
        if rule_key is not None and lower.rule.key != rule_key:
            continue
        # Most rules want nothing that another one wants.
        for upper in (active[above] for above in range(number) if not wants[above].isdisjoint(wants[number])):
            contested = _find_contested(upper.rule, lower.rule)
            if contested and _is_always_with(lower, upper, effort):
                _say(upper, lower, contested, _may_lose(upper.rule, lower.rule, inserts, catalogue), notebook)
                break  # One rule above is enough to know.


def _list_wants(rule: Rule) -> AbstractSet[object]:
    """Return what only one rule can have: its exclusion group, its choices."""
    group = set() if rule.group is None else {rule.group}
    return group | ({_choice(action) for action in rule.then} - {None})


def _find_contested(upper: Rule, lower: Rule) -> list[int] | None:
    """Return the actions of the lower rule that both want, the whole rule as an empty list; None for nothing."""
    if upper.group is not None and upper.group == lower.group:
        return [-1]
    wanted = {_choice(action) for action in upper.then} - {None}
    return [index for index, action in enumerate(lower.then) if _choice(action) in wanted] or None


def _choice(action: Action) -> Choice | None:
    return (action.kind, action.slot or "") if action.kind in TAKEN and action.kind in _CHOICES else None


def _is_always_with(lower: Subject, upper: Subject, effort: Effort) -> bool:
    """Whether the upper rule certainly matches whenever the lower one does."""
    if not _covers(upper.rule, lower.rule):
        return False
    # A quick look before the proof: what the lower rule never speaks of, it hardly implies.
    if not {_family(fact) for fact in upper.asked} <= {_family(fact) for fact in lower.asked}:
        return False
    own = Effort(min(STEPS_PER_PAIR, effort.steps))
    before = own.steps
    proven = prove_empty([lower.when, upper.when_not], contradicts, own)
    effort.steps -= before - max(own.steps, 0)
    # A rule that never matches is told so itself.
    return proven and not prove_empty([lower.when], contradicts, Effort(STEPS_PER_PAIR))


def _covers(upper: Rule, lower: Rule) -> bool:
    """Whether the upper rule is in force on every day on which the lower one is."""
    starts = upper.valid_from is None or (lower.valid_from or date.min) >= upper.valid_from
    ends = upper.valid_until is None or (lower.valid_until or date.max) <= upper.valid_until
    return starts and ends


# Facts about the same thing under different keys.
_KIN: Final = {
    "customer.nth_order": "orders",
    "customer.order_count": "orders",
    "history.purchase_count": "orders",
    "customer.days_since_last_order": "since",
    "history.days_since_purchase": "since",
    "calendar.month": "month",
    "calendar.season": "month",
}


def _family(fact: str) -> str:
    return _KIN.get(fact, fact)


def _may_lose(upper: Rule, lower: Rule, inserts: Inserts, catalogue: Catalogue | None) -> bool:
    """Whether the upper rule might match and still leave to the lower one what both want."""
    return any(_list_ways_to_lose(upper, lower, inserts, catalogue))


def _list_ways_to_lose(upper: Rule, lower: Rule, inserts: Inserts, catalogue: Catalogue | None) -> Iterator[bool]:
    yield bool(upper.limits or upper.physical or upper.experiment)
    yield any(action.kind is ActionKind.COUPON for action in upper.then)
    yield upper.audience is not lower.audience
    yield not upper.purposes <= lower.purposes
    denied = lower.purposes | list_implied_purposes(lower, inserts)
    yield not list_implied_purposes(upper, inserts) <= denied
    yield is_hidden_from_recipient(upper) and not is_hidden_from_recipient(lower)
    if upper.group is not None and upper.group == lower.group:
        yield not any(action.kind in SURE for action in upper.then)
    else:
        yield upper.group is not None
        yield any(list_facts(text) for action in upper.then for text in action.texts())
        yield not _are_carried_alike(upper, lower, catalogue)


def _are_carried_alike(upper: Rule, lower: Rule, catalogue: Catalogue | None) -> bool:
    """Whether whatever service may carry the lower rule's papers may carry the upper one's."""
    classes = [{_letter_class(action, catalogue) for action in rule.then if action.template} for rule in (upper, lower)]
    return classes[0] <= classes[1] and None not in classes[0]


def _letter_class(action: Action, catalogue: Catalogue | None) -> tuple[str, bool] | None:
    template = None if catalogue is None else catalogue.templates.get(action.template or "")
    return None if template is None else (template.letter_class, template.sealed)


def _say(upper: Subject, lower: Subject, contested: list[int], may_lose: bool, notebook: Notebook) -> None:
    rule = lower.rule
    code = "fallback_only" if may_lose else "shadowed"
    if contested == [-1]:
        what = Words(f"排他グループ「{rule.group}」", f"the exclusion group “{rule.group}”")
        notebook.say(lower.place, code, rule.key, by=upper.name, what=what)
        return
    for index in contested:
        notebook.say(
            f"{lower.place}.then[{index}]", code, rule.key, by=upper.name, what=_CHOICES[rule.then[index].kind]
        )
