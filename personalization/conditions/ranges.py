"""Conditions of one `all` that can never be true together: an operator sees it before a parcel does."""

from collections.abc import Sequence
from typing import Any

from personalization.conditions.operators import ORDERED, as_number
from personalization.conditions.tree import Comparison, Condition
from personalization.facts.catalogue import get_fact
from personalization.problems import Problems

_INF = float("inf")


def find_interval(comparison: Comparison) -> tuple[float, float, bool, bool] | None:
    """Return (low, high, low is open, high is open); None when the operator names no interval."""
    operand: Any = comparison.operand
    if operand is None or get_fact(comparison.fact).type not in ORDERED:
        return None
    if comparison.op == "between":
        return as_number(operand[0]), as_number(operand[1]), False, False
    number = as_number(operand)
    bounds = {
        "equals": (number, number, False, False),
        "less_than": (-_INF, number, False, True),
        "before": (-_INF, number, False, True),
        "at_most": (-_INF, number, False, False),
        "on_or_before": (-_INF, number, False, False),
        "more_than": (number, _INF, True, False),
        "after": (number, _INF, True, False),
        "at_least": (number, _INF, False, False),
        "on_or_after": (number, _INF, False, False),
    }
    return bounds.get(comparison.op)


def check_together(parts: Sequence[Condition], place: str, problems: Problems) -> None:
    """Add a problem when the direct comparisons of one fact (same parameters) leave no value."""
    grouped: dict[tuple[str, object], list[tuple[float, float, bool, bool]]] = {}
    for part in parts:
        if isinstance(part, Comparison) and (interval := find_interval(part)) is not None:
            grouped.setdefault((part.fact, part.parameters), []).append(interval)
    for (fact, _), intervals in grouped.items():
        low, low_open = max((i[0], i[2]) for i in intervals)
        # Of two equal bounds the open one is the stricter: True sorts last for `max`, False first for `min`.
        high, high_closed = min((i[1], not i[3]) for i in intervals)
        if low > high or (low == high and (low_open or not high_closed)):
            problems.add(place, "impossible_together", fact=get_fact(fact).ja)
