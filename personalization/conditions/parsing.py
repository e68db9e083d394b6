"""From JSON to a condition tree. Every mistake is reported with its JSON path; a tree is returned only without any."""

from collections.abc import Callable
from typing import Any as Anything

from personalization.columns import FactType
from personalization.conditions.operators import OPERATORS, Shape, list_operators
from personalization.conditions.ranges import check_together
from personalization.conditions.tree import All, Always, Any, Comparison, Condition, Not, Operand
from personalization.facts.catalogue import find_fact
from personalization.facts.fact import Fact, Parameter, ParameterType
from personalization.facts.question import ParameterValue
from personalization.problems import Problems
from personalization.reading import (
    read_between,
    read_boolean,
    read_choice,
    read_date,
    read_list,
    read_object,
    read_text,
    read_texts,
    read_whole,
)

MAX_DEPTH = 8
MAX_CONDITIONS = 200
MAX_PARTS = 100
MAX_DAYS = 3650
LARGEST_MONEY = 10**12


def parse_condition(document: object, place: str, problems: Problems) -> Condition | None:
    """Return the tree, or None after adding at least one problem."""
    before = len(problems.found)
    count = [0]
    tree = _parse(document, place, problems, count)
    if count[0] > MAX_CONDITIONS:
        problems.add(place, "too_many", limit=MAX_CONDITIONS)
    return tree if len(problems.found) == before else None


def _parse(document: object, place: str, problems: Problems, count: list[int], depth: int = 1) -> Condition | None:
    if depth > MAX_DEPTH:
        problems.add(place, "too_deep", limit=MAX_DEPTH)
        return None
    if not isinstance(document, dict):
        problems.add(place, "not_an_object")
        return None
    count[0] += 1
    for key, parse in _FORMS.items():
        if key in document:
            read_object(document, place, problems, (key,))
            return parse(document[key], f"{place}.{key}", problems, count, depth)
    return _parse_comparison(document, place, problems)


def _parse_always(value: object, place: str, problems: Problems, _count: list[int], _depth: int) -> Always | None:
    if value is not True:
        problems.add(place, "unknown_choice", value=value, allowed="true")
        return None
    return Always()


def _parse_not(value: object, place: str, problems: Problems, count: list[int], depth: int) -> Not | None:
    part = _parse(value, place, problems, count, depth + 1)
    return None if part is None else Not(part)


def _parse_parts(
    value: object, place: str, problems: Problems, count: list[int], depth: int
) -> tuple[Condition, ...] | None:
    members = read_list(value, place, problems, MAX_PARTS)
    if members is None:
        return None
    parts = [_parse(m, f"{place}[{index}]", problems, count, depth + 1) for index, m in enumerate(members)]
    found = tuple(part for part in parts if part is not None)
    return found if len(found) == len(parts) else None


def _parse_all(value: object, place: str, problems: Problems, count: list[int], depth: int) -> All | None:
    parts = _parse_parts(value, place, problems, count, depth)
    if parts is None:
        return None
    check_together(parts, place, problems)
    return All(parts)


def _parse_any(value: object, place: str, problems: Problems, count: list[int], depth: int) -> Any | None:
    parts = _parse_parts(value, place, problems, count, depth)
    return None if parts is None else Any(parts)


_FORMS: dict[str, Callable[..., Condition | None]] = {
    "all": _parse_all,
    "any": _parse_any,
    "not": _parse_not,
    "always": _parse_always,
}


def _parse_comparison(document: dict[str, Anything], place: str, problems: Problems) -> Comparison | None:
    if read_object(document, place, problems, ("fact", "op"), ("value", "with")) is None:
        return None
    key = read_text(document["fact"], f"{place}.fact", problems)
    if key is None:
        return None
    fact = find_fact(key)
    if fact is None:
        problems.add(f"{place}.fact", "unknown_fact", key=key)
        return None
    parameters = _parse_parameters(fact, document.get("with", {}), f"{place}.with", problems)
    allowed = [operator.key for operator in list_operators(fact.type)]
    op = document["op"]
    if op not in allowed:
        problems.add(f"{place}.op", "unknown_operator", op=op, allowed=", ".join(allowed))
        return None
    shape = OPERATORS[op].shape
    if shape is not Shape.NOTHING and "value" not in document:
        problems.add(place, "missing_key", key="value")
        return None
    if shape is Shape.NOTHING and "value" in document:
        problems.add(f"{place}.value", "unexpected_value")
        return None
    operand = _parse_operand(fact, shape, document.get("value"), f"{place}.value", problems)
    return Comparison(key, op, operand, parameters)


def _parse_operand(fact: Fact, shape: Shape, value: object, place: str, problems: Problems) -> Operand:
    match shape:
        case Shape.NOTHING:
            return None
        case Shape.ONE:
            return _parse_one(fact, value, place, problems)
        case Shape.PAIR:
            return _parse_pair(fact, value, place, problems)
        case Shape.TEXTS:
            texts = read_texts(value, place, problems) or []
            for index, text in enumerate(texts):
                _check_choice(fact, text, f"{place}[{index}]", problems)
            return frozenset(texts)


def _parse_pair(fact: Fact, value: object, place: str, problems: Problems) -> Operand:
    if not isinstance(value, list) or len(value) != 2:
        problems.add(place, "not_a_list")
        return None
    low: Anything = _parse_one(fact, value[0], f"{place}[0]", problems)
    high: Anything = _parse_one(fact, value[1], f"{place}[1]", problems)
    if low is not None and high is not None and low > high:
        problems.add(place, "impossible_range")
    return (low, high)


def _parse_one(fact: Fact, value: object, place: str, problems: Problems) -> int | float | bool | str | Anything:
    match fact.type:
        case FactType.BOOLEAN:
            return read_boolean(value, place, problems)
        case FactType.DATE:
            return read_date(value, place, problems)
        case FactType.MONEY:
            least = -LARGEST_MONEY if fact.minimum is None else int(fact.minimum)
            return read_whole(value, place, problems, least, LARGEST_MONEY)
        case FactType.NUMBER:
            return read_between(value, place, problems, fact.minimum, fact.maximum)
        case _:
            text = read_text(value, place, problems)
            if text is not None:
                _check_choice(fact, text, place, problems)
            return text


def _check_choice(fact: Fact, text: str, place: str, problems: Problems) -> None:
    if fact.choices:
        read_choice(text, place, problems, [choice.value for choice in fact.choices])


def _parse_parameters(
    fact: Fact, document: object, place: str, problems: Problems
) -> tuple[tuple[str, ParameterValue], ...]:
    required = [p.key for p in fact.parameters if p.required]
    given = read_object(document, place, problems, required, [p.key for p in fact.parameters]) or {}
    found: dict[str, ParameterValue] = {}
    for key in sorted(given):
        parameter = fact.find_parameter(key)
        value = None if parameter is None else _parse_parameter(parameter, given[key], f"{place}.{key}", problems)
        if value is not None:
            found[key] = value
    return tuple(found.items())


def _parse_parameter(parameter: Parameter, value: object, place: str, problems: Problems) -> ParameterValue | None:
    match parameter.type:
        case ParameterType.DAYS:
            return read_whole(value, place, problems, 0, MAX_DAYS)
        case ParameterType.TEXT:
            return read_text(value, place, problems)
        case ParameterType.TEXTS:
            texts = read_texts(value, place, problems)
            for index, text in enumerate(texts or ()):
                if parameter.choices:
                    read_choice(text, f"{place}[{index}]", problems, parameter.choices)
            return None if texts is None else tuple(sorted(set(texts)))
