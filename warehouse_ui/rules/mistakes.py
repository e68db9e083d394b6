"""What is wrong with a rule, told at the input where it is mended instead of by its place in the document. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from personalization.facts.catalogue import find_fact
from personalization.problems import Problem
from personalization.rulesets.catalogue import TemplateInfo
from warehouse_ui.i18n import get_language, gettext, mark
from warehouse_ui.rules.actions import PLAIN
from warehouse_ui.rules.forms import RuleForm

_RULE: Final = re.compile(r"^\$\.rules\[(\d+)\]\.?(.*)$")
_CONDITION: Final = re.compile(r"^when(?:\.(?:all|any)\[(\d+)\])?(?:\.not)?(?:\.(fact|op|value)|\.with\.(\w+))?")
_ACTION: Final = re.compile(r"^then\[(\d+)\](?:\.(\w+)(?:\.(\w+))?(?:\.(ja|en))?)?")
_LIMIT: Final = re.compile(r"^limits\[(\d+)\](?:\.(\w+))?")
_INPUTS: Final[Mapping[str, str]] = {
    "key": mark("識別名"),
    "name-ja": mark("名前（日本語）"),
    "name-en": mark("名前（英語）"),
    "fact": mark("判定データ"),
    "op": mark("比べ方"),
    "value": mark("値"),
    "do": mark("内容"),
    "insert": mark("同梱物"),
    "quantity": mark("数"),
    "template": mark("帳票"),
    "slot": mark("差し込む場所"),
    "flag": mark("印の名前"),
    "tag": mark("印の名前"),
    "text": mark("文面"),
    "per_customer": mark("1人のお客様に合計（回）"),
    "per_window": mark("1人のお客様に、期間内（回）"),
    "within_days": mark("その期間（日）"),
    "overall": mark("先着（件）"),
    "valid-from": mark("開始日"),
    "valid-until": mark("終了日"),
    "group": mark("排他グループ"),
    "advanced": mark("条件（JSON）"),
}
_REASONS: Final[Mapping[str, str]] = {
    "empty_value": mark("入力してください。"),
    "missing_key": mark("選ぶか、入力してください。"),
    "slot_needed": mark("この文面がないと、帳票を印刷できません。"),
}


@dataclass(frozen=True)
class Mistake:
    """`field` is the id of the input; `label` says where that is."""

    field: str
    label: str
    reason: str


def find_mistakes(
    problems: Sequence[Problem], place: int, form: RuleForm, templates: Mapping[str, TemplateInfo]
) -> list[Mistake]:
    """Return the mistakes of the rule at this place of the document, each once, in the order of the problems."""
    found: dict[Mistake, None] = {}
    for problem in problems:
        match = _RULE.match(problem.place)
        if match and int(match[1]) == place:
            field = _find_field(match[2], form)
            found[Mistake(field, _label(field, form, templates), _say(problem, field))] = None
    return list(found)


def tell_problem(problem: Problem) -> str:
    return problem.ja if get_language() == "ja" else problem.en


def _say(problem: Problem, field: str) -> str:
    if problem.code == "empty_value" and field in ("c0-fact", "a0-do"):
        return gettext("1つ以上、選んでください。")
    return gettext(_REASONS[problem.code]) if problem.code in _REASONS else tell_problem(problem)


def _find_field(where: str, form: RuleForm) -> str:
    if found := _ACTION.match(where):
        return _find_action(found, form)
    if where.startswith("when"):
        return _find_condition(where, form)
    if found := _LIMIT.match(where):
        return _find_limit(int(found[1]), found[2], form)
    name = where.partition("[")[0].replace(".", "-")
    return {"name": "name-ja", "valid": "valid-from", "then": "a0-do"}.get(name, name)


def _find_condition(where: str, form: RuleForm) -> str:
    """Rows without a fact are not in the document, so its numbers are counted over the others."""
    found = _CONDITION.match(where)
    if form.conditions.join == "advanced" or found is None:
        return "advanced"
    rows = [number for number, row in enumerate(form.conditions.rows) if row.fact]
    place = int(found[1] or 0)
    row = rows[place] if place < len(rows) else 0
    return f"c{row}-with-{found[3]}" if found[3] else f"c{row}-{found[2] or 'fact'}"


def _find_action(found: re.Match[str], form: RuleForm) -> str:
    rows = [number for number, row in enumerate(form.actions) if row.do]
    row = rows[int(found[1])]
    part, inner = found[2], found[3]
    if part is None:
        action = form.actions[row]
        missing = [name for name in PLAIN.get(action.do, ()) if not action.values.get(name, "").strip()]
        return f"a{row}-{(missing or ['do'])[0]}"
    if part == "slots":
        return f"a{row}-slot-{inner}-{found[4] or 'ja'}" if inner else f"a{row}-template"
    return f"a{row}-text-{inner or 'ja'}" if part in ("text", "reason") else f"a{row}-{part}"


def _find_limit(number: int, part: str | None, form: RuleForm) -> str:
    """The limits of the document are those inputs that are filled, in this order."""
    if part == "within_days":
        return "within_days"
    limits = form.limits
    kinds = ["per_customer"] if limits.get("per_customer") else []
    kinds += ["per_window"] if limits.get("per_window") or limits.get("within_days") else []
    kinds += ["overall"] if limits.get("overall") else []
    return kinds[number] if number < len(kinds) else "per_customer"


def _label(field: str, form: RuleForm, templates: Mapping[str, TemplateInfo]) -> str:
    """Return where an input stands, in the words of the form."""
    row, _, part = field.partition("-")
    if not (row[:1] in ("c", "a") and row[1:].isdigit()):
        return gettext(_INPUTS.get(field, field))
    number = int(row[1:])
    if row[0] == "c":
        start = gettext("条件 %(number)s") % {"number": number + 1}
        return f"{start} · {_label_parameter(part, form.conditions.rows[number].fact if form.conditions.rows else '')}"
    start = gettext("すること %(number)s") % {"number": number + 1}
    return f"{start} · {_label_action(part, form.actions[number].values.get('template', ''), templates)}"


def _label_parameter(part: str, fact_key: str) -> str:
    fact = find_fact(fact_key)
    parameter = fact.find_parameter(part.removeprefix("with-")) if fact and part.startswith("with-") else None
    if parameter is not None:
        return parameter.ja if get_language() == "ja" else parameter.en
    return gettext(_INPUTS.get(part, part))


def _label_action(part: str, template_key: str, templates: Mapping[str, TemplateInfo]) -> str:
    words = part.split("-")
    if words[0] == "slot" and len(words) > 1 and template_key in templates:
        return templates[template_key].label(words[1])[0 if get_language() == "ja" else 1]
    return gettext(_INPUTS.get(words[0], part))
