"""What differs between two documents, rule by rule, in sentences. Pure; reads broken documents too."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from personalization.conditions.explanation import Naming, Words
from personalization.facts.question import Audience
from personalization.versions.names import Names
from personalization.versions.wording import (
    ALWAYS,
    OPTIONS,
    dump,
    identify_action,
    list_texts,
    name_rule,
    quote,
    read_audience,
    same,
    tell_action,
    tell_condition,
    tell_option,
)


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence about one rule; `rule_key` is None for what concerns the whole document. `place` is the rule's
    place in the new document (in the old one when it was removed), from 0.
    """

    kind: ChangeKind
    rule_key: str | None
    rule_name: Words
    place: int
    words: Words


Rule = Mapping[str, Any]
WHOLE: Final = Words("全体", "all rules")
_KNOWN: Final = frozenset({"key", "when", "then"})


def diff_documents(old: Mapping[str, Any], new: Mapping[str, Any], names: Names | None = None) -> list[Change]:
    """Return every difference in the order of the new document; what was removed comes last, the whole first."""
    names = names or Names()
    before, after = _index(old), _index(new)
    found = [
        Change(ChangeKind.CHANGED, None, WHOLE, 0, words)
        for words in _diff_option("box", old.get("box"), new.get("box"), names)
    ]
    moved = _find_moved(list(before), [key for key in after if key in before])
    for key, (place, rule) in after.items():
        name = name_rule(rule)
        if key not in before:
            words = Words("ルールを追加しました: " + _tell_rule(rule, names).ja, "added: " + _tell_rule(rule, names).en)
            found.append(Change(ChangeKind.ADDED, key, name, place, words))
            continue
        if key in moved:
            found.append(Change(ChangeKind.MOVED, key, name, place, _tell_move(before[key][0], place)))
        changes = _diff_rule(before[key][1], rule, names)
        found += [Change(ChangeKind.CHANGED, key, name, place, words) for words in changes]
    gone = Words("ルールを削除しました", "removed")
    found += [
        Change(ChangeKind.REMOVED, key, name_rule(rule), place, gone)
        for key, (place, rule) in before.items()
        if key not in after
    ]
    return found


def count_changes(changes: Sequence[Change]) -> dict[str, int]:
    """Return kind → how many rules; a rule that was changed in three places is one."""
    return dict(Counter(str(kind) for kind, _ in {(change.kind, change.rule_key) for change in changes}))


def _index(document: Mapping[str, Any]) -> dict[str, tuple[int, Rule]]:
    """Return the rules by key with their places; a second one of the same key, or none, is known by its place."""
    found: dict[str, tuple[int, Rule]] = {}
    rules = document.get("rules")
    for place, rule in enumerate(rules if isinstance(rules, list) else []):
        if isinstance(rule, dict):
            key = str(rule.get("key") or f"#{place + 1}")
            found[key if key not in found else f"{key}#{place + 1}"] = (place, rule)
    return found


def _find_moved(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Return the fewest rules whose moving explains the new order: those outside a longest rising row."""
    places = {key: place for place, key in enumerate(before)}
    tails: list[int] = []
    ends: list[str] = []
    earlier: dict[str, str | None] = {}
    for key in after:
        at = bisect_left(tails, places[key])
        earlier[key] = ends[at - 1] if at else None
        tails[at : at + 1] = [places[key]]
        ends[at : at + 1] = [key]
    stayed = set()
    key_of_row = ends[-1] if ends else None
    while key_of_row is not None:
        stayed.add(key_of_row)
        key_of_row = earlier[key_of_row]
    return frozenset(after) - stayed


def _tell_move(old: int, new: int) -> Words:
    ja, en = ("上へ", "up") if new < old else ("下へ", "down")
    return Words(
        f"{old + 1}番目から{new + 1}番目へ({ja})動かしました", f"moved {en}, from place {old + 1} to {new + 1}"
    )


def _tell_rule(rule: Rule, names: Names) -> Words:
    when = tell_condition(rule.get("when"), read_audience(rule), names.naming)
    actions = [tell_action(action, names) for action in _list_actions(rule)]
    then_ja, then_en = "、".join(each.ja for each in actions), ", ".join(each.en for each in actions)
    if when == ALWAYS:
        return Words(f"{when.ja}で、{then_ja}", f"for {when.en}, {then_en}")
    return Words(f"{when.ja} のとき、{then_ja}", f"when {when.en}: {then_en}")


def _list_actions(rule: Rule) -> list[Any]:
    then = rule.get("then")
    return then if isinstance(then, list) else []


def _diff_rule(old: Rule, new: Rule, names: Names) -> Iterator[Words]:
    yield from _diff_conditions(old.get("when"), new.get("when"), read_audience(new), names.naming)
    yield from _diff_actions(old, new, names)
    for key in dict.fromkeys([*OPTIONS, *old, *new]):
        if key not in _KNOWN:
            yield from _diff_option(key, old.get(key), new.get(key), names)


def _diff_option(key: str, old: Any, new: Any, names: Names) -> Iterator[Words]:
    if key == "enabled":
        old, new = old is not False, new is not False
    if old != new:
        yield _from_to(OPTIONS.get(key, same(key)), tell_option(key, old, names), tell_option(key, new, names))


def _from_to(what: Words, old: Words, new: Words) -> Words:
    return Words(f"{what.ja}を {old.ja} から {new.ja} に変えました", f"{what.en} changed from {old.en} to {new.en}")


def _diff_conditions(old: Any, new: Any, audience: Audience, names: Naming) -> Iterator[Words]:
    """Two lists of the same kind are compared part by part; anything else from … to …."""
    if old == new:
        return
    for form in ("all", "any"):
        before, after = _read_parts(old, form), _read_parts(new, form)
        if before is not None and after is not None:
            yield from _diff_parts(before, after, audience, names)
            return
    yield _from_to(Words("条件", "condition"), _tell(old, audience, names), _tell(new, audience, names))


def _tell(condition: Any, audience: Audience, names: Naming) -> Words:
    return quote(tell_condition(condition, audience, names))


def _read_parts(condition: Any, form: str) -> list[Any] | None:
    """Return the parts of a group; a lone comparison is a group of one."""
    if not isinstance(condition, dict):
        return None
    parts = condition.get(form)
    if isinstance(parts, list):
        return parts
    return [condition] if "fact" in condition or "not" in condition else None


def _diff_parts(old: list[Any], new: list[Any], audience: Audience, names: Naming) -> Iterator[Words]:
    gone = [part for part in old if part not in new]
    come = [part for part in new if part not in old]
    for part in come:
        twin = next((other for other in gone if _subject(other) == _subject(part)), None)
        if twin is None:
            told = _tell(part, audience, names)
            yield Words(f"条件{told.ja}を加えました", f"condition {told.en} added")
            continue
        gone.remove(twin)
        if _subject(part) in ("all", "any"):
            yield from _diff_conditions(twin, part, audience, names)
        else:
            yield _from_to(Words("条件", "condition"), _tell(twin, audience, names), _tell(part, audience, names))
    for part in gone:
        told = _tell(part, audience, names)
        yield Words(f"条件{told.ja}をなくしました", f"condition {told.en} removed")
    if not gone and not come:
        yield Words("条件の順番を変えました", "conditions put in another order")


def _subject(part: Any) -> str:
    """Return what a part is about: a group, or the fact with its parameters."""
    if not isinstance(part, dict):
        return ""
    inner = part["not"] if isinstance(part.get("not"), dict) else part
    if "fact" in inner:
        return f"{inner['fact']} {dump(inner.get('with', {})).ja}"
    return next((form for form in ("all", "any") if form in inner), "")


def _diff_actions(old: Rule, new: Rule, names: Names) -> Iterator[Words]:
    before = {identify_action(action): action for action in _list_actions(old)}
    after = {identify_action(action): action for action in _list_actions(new)}
    for identity, action in after.items():
        if identity not in before:
            told = tell_action(action, names)
            yield Words(f"「{told.ja}」を加えました", f"“{told.en}” added")
        elif before[identity] != action:
            yield from _diff_action(before[identity], action, names)
    for identity, action in before.items():
        if identity not in after:
            told = tell_action(action, names)
            yield Words(f"「{told.ja}」をなくしました", f"“{told.en}” removed")


def _diff_action(old: Any, new: Any, names: Names) -> Iterator[Words]:
    told, before = tell_action(new, names), tell_action(old, names)
    if told != before:
        yield _from_to(Words("すること", "action"), quote(before), quote(told))
    old_texts, new_texts = list_texts(old), list_texts(new)
    found = False
    for place in dict.fromkeys([*old_texts, *new_texts]):
        if old_texts.get(place) != new_texts.get(place):
            found = True
            nothing = Words("", "")
            was, is_now = old_texts.get(place, nothing), new_texts.get(place, nothing)
            yield _from_to(_name_text(place, told, names), quote(was), quote(is_now))
    if told == before and not found:
        yield _from_to(Words("すること", "action"), dump(old), dump(new))


def _name_text(place: str, action: Words, names: Names) -> Words:
    if place == "reason":
        return Words("保留の理由", "reason of the hold")
    if place == "text":
        return Words(f"「{action.ja}」の文面", f"text of “{action.en}”")
    slot = names.slots.get(place, same(place))
    return Words(f"「{action.ja}」の{slot.ja}", f"{slot.en} of “{action.en}”")
