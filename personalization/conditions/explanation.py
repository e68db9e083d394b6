"""Why a condition tree came out as it did for one row: each condition, expected, actual, result, in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any as Anything
from typing import Final

from crm_link.topics import name_topic
from personalization.columns import Column, FactType, Value
from personalization.conditions.evaluation import Evaluator
from personalization.conditions.operators import FALSE, OPERATORS, TRUE
from personalization.conditions.program import compile_nodes
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


class ValueKind(StrEnum):
    """What a text is the key of, where people know it by a name."""

    TEMPLATE = "template"
    SLOT = "slot"
    FLAG = "flag"
    SERIES = "series"
    EXPERIMENT = "experiment"
    ARM = "arm"  # key: experiment/arm
    PRODUCT = "product"
    INSERT = "insert"
    INSERT_KIND = "insert_kind"
    SERVICE = "service"
    PURPOSE = "purpose"
    CARE = "care"
    TOPIC = "topic"


# Fact or parameter, or the last word of its key, as in `first_order_skus` → what its values are.
KINDS: Final[Mapping[str, ValueKind]] = {
    "skus": ValueKind.PRODUCT,
    "inserts": ValueKind.INSERT,
    "kinds": ValueKind.INSERT_KIND,
    "delivery_service": ValueKind.SERVICE,
    "purposes_granted": ValueKind.PURPOSE,
    "purposes_denied": ValueKind.PURPOSE,
    "care_flags": ValueKind.CARE,
    "topics": ValueKind.TOPIC,
}


def find_value_kind(key: str) -> ValueKind | None:
    last = key.rpartition(".")[2]
    return KINDS.get(last) or KINDS.get(last.rpartition("_")[2])


@dataclass(frozen=True, slots=True)
class Naming:
    """What people call the things that rules hold by key; what is not there is told by its key."""

    words: Mapping[tuple[ValueKind, str], Words] = field(default_factory=dict)

    def find(self, key: str, value: str) -> Words | None:
        """Return the name of a value of a fact or parameter."""
        kind = find_value_kind(key)
        if kind is ValueKind.TOPIC:
            return Words(*name_topic(value))
        return None if kind is None else self.words.get((kind, value))

    def say(self, kind: ValueKind, key: str) -> Words:
        return self.words.get((kind, key)) or Words(key, key)


NO_NAMES: Final = Naming()


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
    names: Naming = NO_NAMES

    def explain(self, condition: Condition, row: int) -> Explanation:
        truth = self.evaluator.run(compile_nodes(condition, self.audience))[:, row]
        return self._explain(condition, row, iter(truth.tolist()))

    def _explain(self, condition: Condition, row: int, truth: Iterator[int]) -> Explanation:
        """`truth` has what comes next for this node and all below it, in the order of `list_nodes`."""
        result = {FALSE: False, TRUE: True}.get(next(truth))
        match condition:
            case Always():
                return Explanation("always", result, Words("いつも", "always"))
            case Not(part):
                return Explanation(
                    "not", result, Words("次が当てはまらない", "not"), parts=(self._explain(part, row, truth),)
                )
            case All(parts):
                below = tuple(self._explain(part, row, truth) for part in parts)
                return Explanation("all", result, Words("すべて", "all of"), parts=below)
            case Any(parts):
                below = tuple(self._explain(part, row, truth) for part in parts)
                return Explanation("any", result, Words("いずれか", "any of"), parts=below)
            case Comparison():
                question = condition.question(self.audience)
                actual = describe_value(question.fact, self.evaluator.columns[question].get(row), self.names)
                expected = describe_comparison(condition, self.audience, self.names)
                return Explanation("comparison", result, expected, actual, question)


def make_evaluator(columns: Mapping[Question, Column]) -> Evaluator:
    """Return an evaluator over stored inputs of one shipment."""
    return Evaluator(columns, 1)


def describe_comparison(comparison: Comparison, audience: Audience, names: Naming = NO_NAMES) -> Words:
    question = comparison.question(audience)
    operator = OPERATORS[comparison.op]
    label, value = describe_question(question, names), describe_operand(question.fact, comparison.operand, names)
    if question.fact.type is FactType.BOOLEAN and comparison.op == "equals":
        return Words(f"{label.ja}: {value.ja}", f"{label.en}: {value.en}")
    return Words(
        operator.ja.format(fact=label.ja, value=value.ja),
        operator.en.format(fact=label.en, value=value.en),
    )


def describe_question(question: Question, names: Naming = NO_NAMES) -> Words:
    """Return the label of the fact with its parameters, and whose it is when it is the recipient's."""
    fact = question.fact
    ja, en = [], []
    for key, value in question.parameters:
        parameter = fact.find_parameter(key)
        if parameter is None:
            continue
        listed = [str(v) for v in value] if isinstance(value, tuple) else [str(value)]
        named = [names.find(key, each) or Words(each, each) for each in listed]
        ja.append(f"{parameter.ja}: {'、'.join(each.ja for each in named)}")
        en.append(f"{parameter.en}: {', '.join(each.en for each in named)}")
    recipient = question.audience is Audience.RECIPIENT
    return Words(
        ("お届け先の" if recipient else "") + fact.ja + (f"({' / '.join(ja)})" if ja else ""),
        ("recipient's " if recipient else "") + fact.en + (f" ({'; '.join(en)})" if en else ""),
    )


def describe_operand(fact: Fact, operand: Anything, names: Naming = NO_NAMES) -> Words:
    if operand is None:
        return Words("", "")
    if isinstance(operand, frozenset):
        listed = [describe_value(fact, text, names) for text in sorted(operand)]
        return Words("、".join(w.ja for w in listed), ", ".join(w.en for w in listed))
    if isinstance(operand, tuple):
        low, high = describe_value(fact, operand[0]), describe_value(fact, operand[1])
        return Words(f"{low.ja}〜{high.ja}", f"{low.en} and {high.en}")
    return describe_value(fact, operand, names)


def describe_value(fact: Fact, value: Value, names: Naming = NO_NAMES) -> Words:
    """Return a fact's value in words."""
    if value is None:
        return Words("不明", "unknown")
    if isinstance(value, bool):
        return Words("はい" if value else "いいえ", "yes" if value else "no")
    if isinstance(value, tuple):
        return _describe_set(fact, value, names)
    if isinstance(value, str):
        return _describe_text(fact, value, names)
    if isinstance(value, date):
        return Words(value.isoformat(), value.isoformat())
    return _describe_number(fact, value)


def _describe_text(fact: Fact, value: str, names: Naming) -> Words:
    choice = next((c for c in fact.choices if c.value == value), None)
    named = names.find(fact.key, value) or Words(value, value)
    return Words(f"「{named.ja}」", f"“{named.en}”") if choice is None else Words(f"「{choice.ja}」", f"“{choice.en}”")


def _describe_set(fact: Fact, members: tuple[str, ...], names: Naming) -> Words:
    if not members:
        return Words("なし", "none")
    listed = [describe_value(fact, member, names) for member in members]
    return Words("、".join(w.ja for w in listed), ", ".join(w.en for w in listed))


def _describe_number(fact: Fact, value: int | float) -> Words:
    number = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    ja, en = UNITS.get(fact.unit or "", ("", ""))
    if fact.type is FactType.MONEY:
        ja, en = "円", " yen"
    return Words(number + ja, number + en)
