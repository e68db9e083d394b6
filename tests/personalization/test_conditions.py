"""The tree against a slow, obvious reference; and what parsing refuses."""

from collections.abc import Callable
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.columns import FactType, make_column
from personalization.conditions import evaluation
from personalization.conditions.evaluation import FEW, Evaluator
from personalization.conditions.explanation import Explainer
from personalization.conditions.parsing import MAX_CONDITIONS, MAX_DEPTH, parse_condition
from personalization.conditions.program import compile_conditions
from personalization.conditions.tree import Condition, walk
from personalization.facts.question import Audience, Question
from personalization.problems import Problems

TOTAL = "order.total"
NUMBERS = ("order.quantity", "customer.nth_order")
TEXTS = ("order.channel", "customer.language")
SETS = ("order.skus", "customer.tags")
BOOLEANS = ("order.is_gift",)
DATES = ("order.desired_date",)
WORDS = st.sampled_from(["a", "b", "ab", "お茶", "c"])
DAYS = st.dates(date(2024, 2, 27), date(2024, 3, 2))
TYPES = {
    **dict.fromkeys(NUMBERS, FactType.NUMBER),
    **dict.fromkeys(TEXTS, FactType.TEXT),
    **dict.fromkeys(SETS, FactType.TEXT_SET),
    **dict.fromkeys(BOOLEANS, FactType.BOOLEAN),
    **dict.fromkeys(DATES, FactType.DATE),
}
ROWS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(NUMBERS, st.none() | st.integers(1, 6)),
    **dict.fromkeys(TEXTS, st.none() | WORDS),
    **dict.fromkeys(SETS, st.none() | st.frozensets(WORDS, max_size=3)),
    **dict.fromkeys(BOOLEANS, st.none() | st.booleans()),
    **dict.fromkeys(DATES, st.none() | DAYS),
}


def one(fact: str, op: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value}


def comparisons() -> st.SearchStrategy[dict[str, Any]]:
    number_ops = st.sampled_from(["equals", "not_equals", "less_than", "at_most", "more_than", "at_least"])
    date_ops = st.sampled_from(["equals", "before", "on_or_before", "after", "on_or_after", "not_equals"])
    words = st.lists(WORDS, min_size=1, max_size=3)
    return st.one_of(
        st.builds(one, st.sampled_from(NUMBERS), number_ops, st.integers(1, 6)),
        st.builds(
            one, st.sampled_from(NUMBERS), st.just("between"), st.tuples(st.integers(1, 3), st.integers(3, 6)).map(list)
        ),
        st.builds(one, st.sampled_from(TEXTS), st.sampled_from(["equals", "contains", "starts_with"]), WORDS),
        st.builds(one, st.sampled_from(TEXTS), st.sampled_from(["one_of", "none_of"]), words),
        st.builds(one, st.sampled_from(SETS), st.sampled_from(["has_any", "has_all", "has_none"]), words),
        st.builds(one, st.just("order.is_gift"), st.just("equals"), st.booleans()),
        st.builds(one, st.just("order.desired_date"), date_ops, DAYS.map(date.isoformat)),
        st.sampled_from([{"fact": fact, "op": op} for fact in TYPES for op in ("is_missing", "is_known")]),
        st.sampled_from([{"fact": fact, "op": op} for fact in SETS for op in ("is_empty", "is_not_empty")]),
        st.just({"always": True}),
    )


TREES = st.recursive(
    comparisons(),
    lambda parts: st.one_of(
        st.builds(lambda part: {"not": part}, parts),
        st.builds(lambda members: {"any": members}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda members: {"all": members}, st.lists(parts, min_size=1, max_size=3)),
    ),
    max_leaves=12,
)


def refer(tree: dict[str, Any], row: dict[str, Any]) -> bool | None:
    """The obvious reading of a tree for one row; None is unknown."""
    if "always" in tree:
        return True
    if "not" in tree:
        part = refer(tree["not"], row)
        return None if part is None else not part
    if "all" in tree:
        results = [refer(part, row) for part in tree["all"]]
        return False if False in results else None if None in results else True
    if "any" in tree:
        results = [refer(part, row) for part in tree["any"]]
        return True if True in results else None if None in results else False
    return refer_comparison(tree["op"], row[tree["fact"]], tree.get("value"))


def refer_comparison(op: str, actual: Any, value: Any) -> bool | None:
    if op in ("is_missing", "is_known"):
        return (actual is None) == (op == "is_missing")
    if actual is None:
        return None
    if isinstance(actual, date):
        value = date.fromisoformat(value)
    table: dict[str, Callable[[], Any]] = {
        "equals": lambda: actual == value,
        "not_equals": lambda: actual != value,
        "less_than": lambda: actual < value,
        "before": lambda: actual < value,
        "at_most": lambda: actual <= value,
        "on_or_before": lambda: actual <= value,
        "more_than": lambda: actual > value,
        "after": lambda: actual > value,
        "at_least": lambda: actual >= value,
        "on_or_after": lambda: actual >= value,
        "between": lambda: value[0] <= actual <= value[1],
        "one_of": lambda: actual in value,
        "none_of": lambda: actual not in value,
        "contains": lambda: value in actual,
        "starts_with": lambda: actual.startswith(value),
        "has_any": lambda: bool(set(actual) & set(value)),
        "has_all": lambda: set(value) <= set(actual),
        "has_none": lambda: not set(actual) & set(value),
        "is_empty": lambda: not actual,
        "is_not_empty": lambda: bool(actual),
    }
    return bool(table[op]())


def make_batch(rows: list[dict[str, Any]]) -> Evaluator:
    columns = {Question(fact): make_column(kind, [row[fact] for row in rows]) for fact, kind in TYPES.items()}
    return Evaluator(columns, len(rows))


def parse(document: Any) -> tuple[Condition | None, list[tuple[str, str]]]:
    problems = Problems()
    tree = parse_condition(document, "$.when", problems)
    return tree, [(problem.place, problem.code) for problem in problems.found]


@settings(max_examples=300, deadline=None)
@given(TREES, st.lists(st.fixed_dictionaries(ROWS), min_size=1, max_size=8))
def test_the_evaluator_equals_the_obvious_reference(document: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    tree, found = parse(document)
    if tree is None:  # Only a contradiction or the depth can be wrong with these trees.
        assert {code for _, code in found} <= {"impossible_together", "too_deep"}
        return
    evaluator = make_batch(rows)
    results = evaluator.evaluate(tree)
    for index, row in enumerate(rows):
        expected = refer(document, row)
        assert int(results[index]) == {False: 0, None: 1, True: 2}[expected]
        assert Explainer(evaluator).explain(tree, index).result is expected


@settings(max_examples=100, deadline=None)
@given(TREES, st.lists(st.fixed_dictionaries(ROWS), min_size=2, max_size=6))
def test_a_batch_decides_as_its_rows_alone(document: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    tree, _ = parse(document)
    if tree is not None:
        together = make_batch(rows).evaluate(tree)
        assert [int(v) for v in together] == [int(make_batch([row]).evaluate(tree)[0]) for row in rows]


@settings(max_examples=50, deadline=None)
@given(st.lists(TREES, min_size=1, max_size=6), st.lists(st.fixed_dictionaries(ROWS), min_size=1, max_size=8))
def test_many_conditions_over_many_rows_come_out_as_each_alone(
    documents: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    trees = [tree for tree in (parse(document)[0] for document in documents) if tree is not None]
    program = compile_conditions((tree, Audience.BUYER) for tree in trees)
    # More rows than are compared together, in blocks of 70: each question is compared for itself, block by block.
    times = 2 * FEW // len(rows) + 1
    with patch.object(evaluation, "CELLS", program.rows * 70):
        together = make_batch(rows * times).run(program)
    alone = [[int(make_batch([row]).evaluate(tree)[0]) for row in rows] * times for tree in trees]
    assert together.tolist() == alone


def nested(depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"always": True}
    for _ in range(depth):
        tree = {"not": tree}
    return tree


@pytest.mark.parametrize(
    ("document", "place", "code"),
    [
        ([], "$.when", "not_an_object"),
        ({}, "$.when", "missing_key"),
        ({"all": []}, "$.when.all", "empty_value"),
        ({"all": [{"always": False}]}, "$.when.all[0].always", "unknown_choice"),
        ({"any": [{"always": True}], "all": [{"always": True}]}, "$.when.any", "unknown_key"),
        ({"fact": "order.totl", "op": "equals", "value": 1}, "$.when.fact", "unknown_fact"),
        ({"fact": "order.total", "op": "contains", "value": 1}, "$.when.op", "unknown_operator"),
        ({"fact": "order.total", "op": ["equals"], "value": 1}, "$.when.op", "unknown_operator"),
        ({"fact": "order.total", "op": "equals", "value": "8800"}, "$.when.value", "not_a_whole_number"),
        ({"fact": "order.total", "op": "equals", "value": True}, "$.when.value", "not_a_whole_number"),
        ({"fact": "order.total", "op": "equals"}, "$.when", "missing_key"),
        ({"fact": "order.quantity", "op": "equals", "value": float("nan")}, "$.when.value", "not_a_number"),
        ({"fact": "order.channel", "op": "equals", "value": " "}, "$.when.value", "empty_value"),
        ({"fact": "order.channel", "op": "one_of", "value": []}, "$.when.value", "empty_value"),
        ({"fact": "order.channel", "op": "one_of", "value": ["a", 1]}, "$.when.value[1]", "not_a_text"),
        ({"fact": "order.total", "op": "between", "value": [5, 1]}, "$.when.value", "impossible_range"),
        ({"fact": "customer.birth_month", "op": "equals", "value": 13}, "$.when.value", "out_of_range"),
        ({"fact": "order.desired_date", "op": "before", "value": "2026-02-30"}, "$.when.value", "not_a_date"),
        ({"fact": "calendar.weekday", "op": "equals", "value": "friyay"}, "$.when.value", "unknown_choice"),
        ({"fact": "order.is_gift", "op": "is_known", "value": True}, "$.when.value", "unexpected_value"),
        ({"fact": "order.total", "with": {"days": 3}, "op": "is_known"}, "$.when.with.days", "unknown_key"),
        ({"fact": "history.ticket_count", "with": {"days": -1}, "op": "is_known"}, "$.when.with.days", "out_of_range"),
        ({"fact": "history.purchase_count", "with": {"skus": []}, "op": "is_known"}, "$.when.with.skus", "empty_value"),
        ({"fact": "order.attribute", "op": "equals", "value": "x"}, "$.when.with", "missing_key"),
        ({"all": [one(TOTAL, "at_least", 5), one(TOTAL, "less_than", 5)]}, "$.when.all", "impossible_together"),
        (nested(MAX_DEPTH), "$.when" + ".not" * MAX_DEPTH, "too_deep"),
        ({"any": [{"any": [{"always": True}] * 100}] * 3}, "$.when", "too_many"),
    ],
)  # fmt: skip
def test_a_broken_tree_is_refused_with_place_and_reason(document: Any, place: str, code: str) -> None:
    tree, found = parse(document)
    assert tree is None
    assert (place, code) in found


def test_the_limits_themselves_are_allowed() -> None:
    assert parse(nested(MAX_DEPTH - 1))[0] is not None
    assert parse({"all": [{"any": [{"always": True}] * 98}, {"any": [{"always": True}] * 99}]})[0] is not None
    assert MAX_CONDITIONS == 200


def test_equal_parameters_are_one_question_however_written() -> None:
    first, _ = parse({"fact": "history.purchase_count", "with": {"skus": ["b", "a", "b"], "days": 9}, "op": "is_known"})
    second, _ = parse({"fact": "history.purchase_count", "with": {"days": 9, "skus": ["a", "b"]}, "op": "is_known"})
    assert first == second


def test_a_row_is_explained_in_words() -> None:
    tree, _ = parse(
        {"all": [one("order.quantity", "at_least", 3), {"not": one("order.channel", "one_of", ["a", "お茶"])}]}
    )
    assert tree is not None
    row = {**dict.fromkeys(TYPES), "order.quantity": 2, "order.channel": "お茶"}
    explained = Explainer(make_batch([row])).explain(tree, 0)
    count, negated = explained.parts
    assert explained.result is False
    assert (count.expected.ja, count.actual and count.actual.ja) == ("商品点数が3点以上", "2点")
    assert (count.expected.en, count.actual and count.actual.en) == (
        "quantity of goods is at least 3 pieces",
        "2 pieces",
    )
    assert negated.parts[0].expected.ja == "販売チャネルが「a」、「お茶」のいずれか"


def test_the_recipient_is_asked_only_about_facts_of_a_person() -> None:
    tree, _ = parse({"all": [one("customer.nth_order", "equals", 1), one("order.total", "equals", 1)]})
    assert tree is not None
    asked = [c.question(Audience.RECIPIENT).code for c in walk(tree)]
    assert asked == ["customer.nth_order@recipient", "order.total"]
