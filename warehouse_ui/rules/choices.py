"""What the selects of the rule editor offer, in the reader's language."""

from dataclasses import dataclass
from typing import Any

from personalization.conditions.operators import OPERATORS, Operator, Shape, list_operators
from personalization.facts.catalogue import FACTS, GROUPS, find_fact
from personalization.facts.fact import Fact
from warehouse_ui.i18n import get_language, gettext, mark
from warehouse_ui.rules.conditions import ConditionRow

ACTIONS = {
    "enclose": mark("同梱物を入れる"),
    "task": mark("作業をする（包装・のし）"),
    "letter": mark("お手紙を選ぶ"),
    "slip": mark("納品書を選ぶ"),
    "message": mark("文面を差し込む"),
    "flag": mark("帳票の目印を立てる"),
    "tag": mark("出荷に印を付ける"),
    "priority": mark("優先度を決める"),
    "hold": mark("保留にして確認する"),
}


@dataclass(frozen=True)
class Option:
    value: str
    text: str


@dataclass(frozen=True)
class ConditionChoices:
    """What one row of conditions may say, given its fact. `about` explains the fact."""

    operators: list[Option]
    values: list[Option]
    parameters: list[tuple[str, str, bool]]
    about: str
    needs_value: bool
    hint: str


def _say(ja: str, en: str) -> str:
    return ja if get_language() == "ja" else en


def list_facts() -> list[tuple[str, list[Option]]]:
    """Return the facts by group, in the order of the catalogue."""
    return [
        (_say(*words), [Option(f.key, _say(f.ja, f.en)) for f in FACTS.values() if f.group == group])
        for group, words in GROUPS.items()
    ]


def list_actions() -> list[Option]:
    return [Option(key, gettext(text)) for key, text in ACTIONS.items()]


def find_choices(row: ConditionRow) -> ConditionChoices:
    fact = find_fact(row.fact)
    if fact is None:
        return ConditionChoices([], [], [], "", True, "")
    operator = OPERATORS.get(row.op)
    shape = operator.shape if operator else Shape.ONE
    return ConditionChoices(
        operators=[Option(each.key, _phrase(each)) for each in list_operators(fact.type)],
        values=_list_values(fact) if shape is Shape.ONE else [],
        parameters=[(p.key, _say(p.ja, p.en), p.required) for p in fact.parameters],
        about=_say(fact.about_ja, fact.about_en),
        needs_value=shape is not Shape.NOTHING,
        hint=_hint(fact, shape),
    )


def _phrase(operator: Operator) -> str:
    """Return an operator as it reads in a sentence, with dots where fact and value stand."""
    return _say(operator.ja, operator.en).format(fact="…", value="…")


def _list_values(fact: Fact) -> list[Option]:
    if fact.type.value == "boolean":
        return [Option("true", gettext("はい")), Option("false", gettext("いいえ"))]
    return [Option(choice.value, _say(choice.ja, choice.en)) for choice in fact.choices]


def _hint(fact: Fact, shape: Shape) -> str:
    if shape is Shape.TEXTS:
        return gettext("カンマで区切って、いくつでも。")
    if shape is Shape.PAIR:
        return gettext("例: 1〜5")
    return gettext("例: %(example)s") % {"example": _show_example(fact.example)}


def _show_example(example: Any) -> str:
    return ", ".join(str(each) for each in example) if isinstance(example, list) else str(example)
