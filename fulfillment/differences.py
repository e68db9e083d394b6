"""What a second look at a frozen decision would change in substance: letter, slip, things, marks, holds. Pure.

Wording that only follows the clock (days since, counts) is none, and neither are tags, priority and fresh codes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalization.plan import ActionKind

# A care flag that stops a parcel holds it under a reason of its own.
OWN_HOLD: Final = "system:care"
ONE_OF: Final = (ActionKind.LETTER, ActionKind.SLIP)
THINGS: Final = (ActionKind.ENCLOSE, ActionKind.TASK)
Difference = dict[str, Any]


def find_differences(before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> list[Difference]:
    """Compare what fired, as decisions keep it; returns {"what", "before", "now"} of keys, counts and rules.

    `what` is letter, slip, insert, message, flag, coupon or hold; absent sides are None.
    """
    old, new = list(before), list(now)
    return [
        *_compare_choices(old, new),
        *_compare_things(old, new),
        *_compare_marks(old, new),
        *_find_new_holds(old, new),
    ]


def _compare_choices(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> Iterable[Difference]:
    for kind in ONE_OF:
        first, second = _choice(old, kind), _choice(new, kind)
        if first != second:
            yield {"what": kind.value, "before": first, "now": second}


def _choice(fired: list[Mapping[str, Any]], kind: ActionKind) -> dict[str, Any] | None:
    """The same template by another rule says something else."""
    found = next((each for each in fired if each["kind"] == kind), None)
    return None if found is None else {"template": found.get("template"), "rule": found["rule_key"]}


def _compare_things(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> Iterable[Difference]:
    first, second = _count(old), _count(new)
    for key in sorted(first.keys() | second.keys()):
        if first[key] != second[key]:
            yield {"what": "insert", "insert": key, "before": first[key] or None, "now": second[key] or None}


def _count(fired: list[Mapping[str, Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in fired:
        if each["kind"] in THINGS:
            counts[each["insert_key"]] += each.get("quantity", 1)
    return counts


def _compare_marks(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> Iterable[Difference]:
    """Flags change what papers show, messages what they say, coupons what they promise."""
    for kind, name in (
        (ActionKind.FLAG, "word"),
        (ActionKind.MESSAGE, "slot"),
        (ActionKind.RECOMMEND, "slot"),
        (ActionKind.COUPON, "series"),
    ):
        first, second = _mark(old, kind, name), _mark(new, kind, name)
        for key in sorted(first.keys() | second.keys()):
            if first.get(key) != second.get(key):
                yield {"what": kind.value, "of": key, "before": first.get(key), "now": second.get(key)}


def _mark(fired: list[Mapping[str, Any]], kind: ActionKind, name: str) -> dict[str, str]:
    """Whoever set a flag, it is the same flag; a message is what its rule says."""
    is_flag = kind is ActionKind.FLAG
    return {str(each.get(name)): "set" if is_flag else each["rule_key"] for each in fired if each["kind"] == kind}


def _find_new_holds(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> Iterable[Difference]:
    """A hold that is asked for no more is no reason to stop."""
    first, second = ({e["rule_key"] for e in fired if e["kind"] == ActionKind.HOLD} for fired in (old, new))
    for rule in sorted(second - first):
        if not rule.startswith(OWN_HOLD):
            yield {"what": "hold", "before": None, "now": rule}
