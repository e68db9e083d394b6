"""Why a condition tree came out as it did for one row: each condition, expected, actual, result, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any as Anything

from personalization.columns import Column, FactType, Value
from personalization.conditions.evaluation import Evaluator
from personalization.conditions.operators import FALSE, OPERATORS, TRUE
from personalization.conditions.tree import All, Always, Any, Comparison, Condition, Not
from personalization.facts.fact import Fact
from personalization.facts.question import Audience, Question

UNITS = {
    "days": ("日", " days"),
    "times": ("回", " times"),
    "pieces": ("点", " pieces"),
    "lines": ("行", " lines"),
    "orders": ("件", " orders"),
    "tickets": ("件", " tickets"),
    "parcels": ("個", " parcels"),
    "points": ("点", " points"),
    "years": ("歳", " years"),
    "hours": ("時", " o'clock"),
    "percent": ("%", " %"),
    "kinds": ("種類", " kinds"),
    "grams": ("g", " g"),
    "millimetres": ("mm", " mm"),
}


@dataclass(frozen=True, slots=True)
class Words:
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One node of the tree. `result` None is unknown. `actual` is None for nodes that are not comparisons."""

    kind: str
    result: bool | None
    expected: Words
    actual: Words | None = None
    question: Question | None = None
    parts: tuple["Explanation", ...] = ()


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains rows of one batch with the same evaluator that decided it."""

    evaluator: Evaluator
    audience: Audience = Audience.BUYER

    def explain(self, condition: Condition, row: int) -> Explanation:
        result = {FALSE: False, TRUE: True}.get(int(self.evaluator.evaluate(condition, self.audience)[row]))
        match condition:
            case Always():
                return Explanation("always", result, Words("いつも", "always"))
            case Not(part):
                return Explanation("not", result, Words("次が当てはまらない", "not"), parts=(self.explain(part, row),))
            case All(parts):
                return Explanation("all", result, Words("すべて", "all of"), parts=self._each(parts, row))
            case Any(parts):
                return Explanation("any", result, Words("いずれか", "any of"), parts=self._each(parts, row))
            case Comparison():
                question = condition.question(self.audience)
                actual = describe_value(question.fact, self.evaluator.columns[question].get(row))
                expected = describe_comparison(condition, self.audience)
                return Explanation("comparison", result, expected, actual, question)

    def _each(self, parts: tuple[Condition, ...], row: int) -> tuple[Explanation, ...]:
        return tuple(self.explain(part, row) for part in parts)


def make_evaluator(columns: Mapping[Question, Column]) -> Evaluator:
    """Return an evaluator over stored inputs of one shipment."""
    return Evaluator(columns, 1)


def describe_comparison(comparison: Comparison, audience: Audience) -> Words:
    question = comparison.question(audience)
    operator = OPERATORS[comparison.op]
    label, value = describe_question(question), describe_operand(question.fact, comparison.operand)
    if question.fact.type is FactType.BOOLEAN and comparison.op == "equals":
        return Words(f"{label.ja}: {value.ja}", f"{label.en}: {value.en}")
    return Words(
        operator.ja.format(fact=label.ja, value=value.ja),
        operator.en.format(fact=label.en, value=value.en),
    )


def describe_question(question: Question) -> Words:
    """Return the label of the fact with its parameters, and whose it is when it is the recipient's."""
    fact = question.fact
    ja, en = [], []
    for key, value in question.parameters:
        parameter = fact.find_parameter(key)
        if parameter is None:
            continue
        listed = [str(v) for v in value] if isinstance(value, tuple) else [str(value)]
        ja.append(f"{parameter.ja}: {'、'.join(listed)}")
        en.append(f"{parameter.en}: {', '.join(listed)}")
    recipient = question.audience is Audience.RECIPIENT
    return Words(
        ("お届け先の" if recipient else "") + fact.ja + (f"({' / '.join(ja)})" if ja else ""),
        ("recipient's " if recipient else "") + fact.en + (f" ({'; '.join(en)})" if en else ""),
    )


def describe_operand(fact: Fact, operand: Anything) -> Words:
    if operand is None:
        return Words("", "")
    if isinstance(operand, frozenset):
        listed = [describe_value(fact, text) for text in sorted(operand)]
        return Words("、".join(w.ja for w in listed), ", ".join(w.en for w in listed))
    if isinstance(operand, tuple):
        low, high = describe_value(fact, operand[0]), describe_value(fact, operand[1])
        return Words(f"{low.ja}〜{high.ja}", f"{low.en} and {high.en}")
    return describe_value(fact, operand)


def describe_value(fact: Fact, value: Value) -> Words:
    """Return a fact's value in words."""
    if value is None:
        return Words("不明", "unknown")
    if isinstance(value, bool):
        return Words("はい" if value else "いいえ", "yes" if value else "no")
    if isinstance(value, tuple):
        return _describe_set(fact, value)
    if isinstance(value, str):
        choice = next((c for c in fact.choices if c.value == value), None)
        return Words(f"「{value}」", f"“{value}”") if choice is None else Words(f"「{choice.ja}」", f"“{choice.en}”")
    if isinstance(value, date):
        return Words(value.isoformat(), value.isoformat())
    return _describe_number(fact, value)


def _describe_set(fact: Fact, members: tuple[str, ...]) -> Words:
    if not members:
        return Words("なし", "none")
    listed = [describe_value(fact, member) for member in members]
    return Words("、".join(w.ja for w in listed), ", ".join(w.en for w in listed))


def _describe_number(fact: Fact, value: int | float) -> Words:
    number = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    ja, en = UNITS.get(fact.unit or "", ("", ""))
    if fact.type is FactType.MONEY:
        ja, en = "円", " yen"
    return Words(number + ja, number + en)
