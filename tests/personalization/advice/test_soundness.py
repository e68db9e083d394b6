"""Advice claims nothing that is not so: whatever is "proven empty" holds for no row of random data."""

from datetime import date
from typing import Any as Anything

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.advice.formulas import Effort, Mode, prove_empty, translate
from personalization.advice.relations import contradicts
from personalization.columns import FactType, make_column
from personalization.conditions.evaluation import Evaluator
from personalization.conditions.operators import FALSE, TRUE
from personalization.conditions.tree import All, Always, Any, Comparison, Condition, Not
from personalization.facts.question import Audience, ask

# Few values on a small ground, so that random conditions often clash.
FACTS: dict[str, tuple[FactType, list[Anything]]] = {
    "order.total": (FactType.MONEY, [0, 1, 2, 3]),
    "customer.rank": (FactType.TEXT, [None, "gold", "golden", "tin"]),
    "customer.days_to_birthday": (FactType.NUMBER, [None, 0, 1, 366]),
    "order.is_gift": (FactType.BOOLEAN, [True, False]),
    "customer.tags": (FactType.TEXT_SET, [None, (), ("a",), ("a", "b"), ("c",)]),
    "calendar.season": (FactType.CHOICE, ["spring", "winter"]),
    "calendar.date": (FactType.DATE, [date(2026, 11, 1), date(2026, 11, 2)]),
}
AMOUNT = st.integers(-1, 4) | st.sampled_from([0.5, 2.5])
SET = st.frozensets(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2)
WORD = st.sampled_from(["gold", "golden", "go", "tin", "x"])
DAY = st.sampled_from([date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)])


def compare(fact: str, ops: list[str], values: st.SearchStrategy[Anything]) -> st.SearchStrategy[Condition]:
    return st.builds(Comparison, st.just(fact), st.sampled_from(ops), values)


def pairs(values: st.SearchStrategy[Anything]) -> st.SearchStrategy[Anything]:
    return st.tuples(values, values).map(lambda pair: tuple(sorted(pair)))


NUMBER_OPS = ["equals", "not_equals", "less_than", "at_most", "more_than", "at_least"]
DATE_OPS = ["equals", "not_equals", "before", "on_or_before", "after", "on_or_after"]
LEAVES = st.one_of(
    compare("order.total", NUMBER_OPS, AMOUNT),
    compare("order.total", ["between"], pairs(AMOUNT)),
    compare("customer.days_to_birthday", NUMBER_OPS, AMOUNT),
    compare("customer.rank", ["equals", "not_equals", "contains", "starts_with"], WORD),
    compare("customer.rank", ["one_of", "none_of"], st.frozensets(WORD, min_size=1, max_size=2)),
    compare("order.is_gift", ["equals"], st.booleans()),
    compare("customer.tags", ["has_any", "has_all", "has_none"], SET),
    compare("customer.tags", ["is_empty", "is_not_empty"], st.none()),
    compare("calendar.season", ["equals", "not_equals"], st.sampled_from(["spring", "winter"])),
    compare("calendar.date", DATE_OPS, DAY),
    compare("customer.rank", ["is_missing", "is_known"], st.none()),
    compare("customer.tags", ["is_missing", "is_known"], st.none()),
    st.just(Always()),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Any, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


def make_rows() -> Evaluator:
    """Every combination of the values above."""
    grids = np.meshgrid(*[np.arange(len(values)) for _, values in FACTS.values()])
    size = grids[0].size
    columns = {
        ask(key): make_column(kind, [values[index] for index in grid.ravel()])
        for (key, (kind, values)), grid in zip(FACTS.items(), grids, strict=True)
    }
    return Evaluator(columns, size)


HOLDS = {
    Mode.TRUE: lambda truth: truth == TRUE,
    Mode.FALSE: lambda truth: truth == FALSE,
    Mode.NOT_TRUE: lambda truth: truth != TRUE,
    Mode.NOT_FALSE: lambda truth: truth != FALSE,
}


@settings(max_examples=150, deadline=None)
@given(trees=st.lists(st.tuples(TREES, st.sampled_from(list(Mode))), min_size=1, max_size=3))
def test_what_is_proven_empty_holds_for_no_row(trees: list[tuple[Condition, Mode]]) -> None:
    formulas = [translate(tree, Audience.BUYER, mode) for tree, mode in trees]
    if prove_empty(formulas, contradicts, Effort()):
        rows = make_rows()
        together = np.ones(rows.size, dtype=np.bool_)
        for tree, mode in trees:
            together &= HOLDS[mode](rows.evaluate(tree, Audience.BUYER))
        assert not together.any()


@settings(max_examples=60, deadline=None)
@given(tree=TREES)
def test_a_condition_contradicts_its_own_opposite(tree: Condition) -> None:
    """Not only is nothing wrong claimed: what is plain is found."""
    true, other = translate(tree, Audience.BUYER), translate(tree, Audience.BUYER, Mode.NOT_TRUE)
    assert prove_empty([true, other], contradicts, Effort(20_000))


def test_a_search_that_grows_too_large_claims_nothing() -> None:
    tree = Comparison("order.total", "less_than", -1)
    assert prove_empty([translate(tree, Audience.BUYER)], contradicts, Effort(1))
    assert not prove_empty([translate(tree, Audience.BUYER)], contradicts, Effort(0))
