"""Conditions as rows of a form, and back. Pure. A tree that no flat list can show is edited as JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from personalization.columns import FactType
from personalization.conditions.operators import OPERATORS, Shape, list_operators
from personalization.facts.catalogue import find_fact
from personalization.facts.fact import Fact, ParameterType

_SEPARATOR: Final = re.compile(r"[,、，\n]+")
_RANGE: Final = re.compile(r"\s*(?:〜|～|~|\.\.|,|、)\s*")
JOINS: Final = ("all", "any", "always", "advanced")


@dataclass(frozen=True)
class ConditionRow:
    """One comparison as texts of input fields."""

    fact: str = ""
    op: str = ""
    value: str = ""
    negated: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ConditionForm:
    """`join` says how the rows hold together; `advanced` is the JSON of a tree that is no flat list."""

    join: str = "all"
    rows: Sequence[ConditionRow] = ()
    advanced: str = ""


def show_conditions(when: Mapping[str, Any]) -> ConditionForm:
    if "always" in when:
        return ConditionForm("always")
    for join in ("all", "any"):
        parts = when.get(join)
        if isinstance(parts, list) and all(_is_flat(part) for part in parts):
            return ConditionForm(join, [_show_row(part) for part in parts])
    if _is_flat(when):
        return ConditionForm("all", [_show_row(when)])
    return ConditionForm("advanced", (), json.dumps(when, ensure_ascii=False, indent=2))


def _is_flat(part: Any) -> bool:
    return isinstance(part, dict) and ("fact" in part or (isinstance(part.get("not"), dict) and "fact" in part["not"]))


def _show_row(part: Mapping[str, Any]) -> ConditionRow:
    negated = "not" in part
    inner = part["not"] if negated else part
    parameters = {key: _show_value(value) for key, value in inner.get("with", {}).items()}
    return ConditionRow(inner["fact"], inner.get("op", ""), _show_value(inner.get("value")), negated, parameters)


def _show_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def read_conditions(form: ConditionForm) -> Any:
    """Return the tree. What is no number stays a text, so that the check names it; broken JSON becomes a text too."""
    if form.join == "always":
        return {"always": True}
    if form.join == "advanced":
        return _read_json(form.advanced)
    return {form.join: [_read_row(row) for row in form.rows if row.fact]}


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read_row(row: ConditionRow) -> dict[str, Any]:
    fact, operator = find_fact(row.fact), OPERATORS.get(row.op)
    comparison: dict[str, Any] = {"fact": row.fact}
    parameters = {key: _read_parameter(fact, key, text) for key, text in row.parameters.items() if text.strip()}
    if parameters:
        comparison["with"] = parameters
    comparison["op"] = row.op
    if operator is None or operator.shape is not Shape.NOTHING:
        comparison["value"] = _read_value(fact, operator.shape if operator else Shape.ONE, row.value.strip())
    return {"not": comparison} if row.negated else comparison


def _read_parameter(fact: Fact | None, key: str, text: str) -> Any:
    parameter = fact.find_parameter(key) if fact else None
    if parameter is not None and parameter.type is ParameterType.TEXTS:
        return split_texts(text)
    return _read_number(text) if parameter is not None and parameter.type is ParameterType.DAYS else text.strip()


def split_texts(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]


def _read_value(fact: Fact | None, shape: Shape, text: str) -> Any:
    kind = fact.type if fact else FactType.TEXT
    if shape is Shape.TEXTS:
        return split_texts(text)
    if shape is Shape.PAIR:
        return [_read_one(kind, part) for part in _RANGE.split(text)]
    return _read_one(kind, text)


def _read_one(kind: FactType, text: str) -> Any:
    if kind is FactType.BOOLEAN:
        return {"true": True, "false": False}.get(text, text)
    return _read_number(text) if kind in (FactType.NUMBER, FactType.MONEY) else text


def _read_number(text: str) -> Any:
    plain = text.strip().replace(",", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text


def settle_row(row: ConditionRow) -> ConditionRow:
    """Return the row with an operator that its fact takes: choosing another fact leaves one of the fact before."""
    fact = find_fact(row.fact)
    possible = [operator.key for operator in list_operators(fact.type)] if fact else []
    return row if not possible or row.op in possible else replace(row, op=possible[0], value="")
