"""One comparison as two domains: where it is true, and where it is false. Pure."""

from functools import lru_cache
from typing import Any, Final

from personalization.advice.domains import (
    INF,
    Domain,
    Interval,
    Members,
    Numbers,
    Values,
    Words,
    make_domain,
    make_numbers,
)
from personalization.columns import FactType
from personalization.conditions.operators import ORDERED, as_number
from personalization.conditions.tree import Comparison
from personalization.facts.catalogue import get_fact
from personalization.facts.fact import Fact, Source
from personalization.facts.question import Question

BOOLEANS: Final = frozenset({"true", "false"})
# Every shipment has an order and a moment: these are never missing.
CERTAIN: Final = frozenset(
    {
        "customer.is_known",
        "order.categories",
        "order.count",
        "order.coupon_codes",
        "order.discount_total",
        "order.goods_total",
        "order.has_note",
        "order.is_gift",
        "order.is_subscription",
        "order.is_to_other",
        "order.line_count",
        "order.quantity",
        "order.shipping_fee",
        "order.skus",
        "order.tags",
        "order.total",
    }
)


def is_whole(fact: Fact) -> bool:
    """Whether values of the fact are whole numbers, as far as its kind says so."""
    name = fact.key.partition(".")[2]
    counts = name.endswith("_count") or name == "nth_order" or (name.startswith("days_") and fact.group != "prediction")
    return fact.type is FactType.DATE or counts


@lru_cache(maxsize=4096)
def make_base(question: Question) -> Domain:
    """Return every value that the fact may have at all."""
    fact = question.fact
    return Domain(not (fact.source is Source.CLOCK or fact.key in CERTAIN), _base(fact))


def _base(fact: Fact) -> Values:
    if fact.type in ORDERED:
        low = -INF if fact.minimum is None else fact.minimum
        high = INF if fact.maximum is None else fact.maximum
        return Numbers((Interval(low, high),))
    if fact.type is FactType.BOOLEAN:
        return Words(BOOLEANS)
    choices = frozenset(choice.value for choice in fact.choices)
    if fact.type is FactType.TEXT_SET:
        return Members(universe=choices or None)
    return Words(choices if fact.type is FactType.CHOICE and choices else None)


@lru_cache(maxsize=4096)
def read_comparison(comparison: Comparison) -> tuple[Domain, Domain]:
    """Return where the comparison is true and where it is false; an operator unknown here may be either anywhere."""
    fact = get_fact(comparison.fact)
    if comparison.op in ("is_missing", "is_known"):
        missing, known = Domain(True, None), Domain(False, _base(fact))
        return (missing, known) if comparison.op == "is_missing" else (known, missing)
    found: tuple[Values, Values] | None
    if fact.type in ORDERED:
        found = _read_ordered(fact, comparison.op, comparison.operand)
    elif fact.type is FactType.TEXT_SET:
        found = _read_members(comparison.op, comparison.operand)
    else:
        found = _read_words(comparison.op, comparison.operand)
    if found is None:
        anything = Domain(False, _base(fact))
        return anything, anything
    return make_domain(missing=False, known=found[0]), make_domain(missing=False, known=found[1])


def _read_ordered(fact: Fact, op: str, operand: Any) -> tuple[Numbers, Numbers] | None:
    low = as_number(operand[0] if op == "between" else operand)
    high = as_number(operand[1]) if op == "between" else low
    inside, below, above = Interval(low, high), Interval(high=low, high_open=True), Interval(high, low_open=True)
    up_to, from_on = Interval(high=low), Interval(high)
    table: dict[str, tuple[list[Interval], list[Interval]]] = {
        "equals": ([inside], [below, above]),
        "not_equals": ([below, above], [inside]),
        "between": ([inside], [below, above]),
        "less_than": ([below], [from_on]),
        "before": ([below], [from_on]),
        "at_most": ([up_to], [above]),
        "on_or_before": ([up_to], [above]),
        "more_than": ([above], [up_to]),
        "after": ([above], [up_to]),
        "at_least": ([from_on], [below]),
        "on_or_after": ([from_on], [below]),
    }
    if op not in table:
        return None
    positive, negative = table[op]
    whole = is_whole(fact)
    return make_numbers(positive, whole=whole), make_numbers(negative, whole=whole)


def _read_words(op: str, operand: Any) -> tuple[Words, Words] | None:
    if isinstance(operand, bool):
        operand = "true" if operand else "false"
    listed = operand if isinstance(operand, frozenset) else frozenset({str(operand)})
    table = {
        "equals": (Words(listed), Words(excluded=listed)),
        "one_of": (Words(listed), Words(excluded=listed)),
        "not_equals": (Words(excluded=listed), Words(listed)),
        "none_of": (Words(excluded=listed), Words(listed)),
        "contains": (Words(contains=listed), Words(lacks=listed)),
        "starts_with": (Words(starts=listed), Words(starts_not=listed)),
    }
    return table.get(op)


def _read_members(op: str, operand: Any) -> tuple[Members, Members] | None:
    listed = operand if isinstance(operand, frozenset) else frozenset()
    any_of, none_of = Members(any_of=frozenset({listed})), Members(must_not=listed)
    void, filled = Members(is_void=True), Members(is_filled=True)
    table = {
        "has_any": (any_of, none_of),
        "has_none": (none_of, any_of),
        "has_all": (Members(must=listed), Members(not_all=frozenset({listed}))),
        "is_empty": (void, filled),
        "is_not_empty": (filled, void),
    }
    return table.get(op)
