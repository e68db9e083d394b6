"""A whole rule as a form, and back. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final

from warehouse_ui.rules.actions import LANGUAGES, ActionRow, read_action, show_action
from warehouse_ui.rules.conditions import (
    JOINS,
    ConditionForm,
    ConditionRow,
    read_conditions,
    settle_row,
    show_conditions,
)

_CONDITION: Final = re.compile(r"^c(\d+)-(fact|op|value|not|with-.+)$")
# Room for a number behind it: keys have at most 60 characters.
_LONGEST_KEY: Final = 50
_ACTION: Final = re.compile(r"^a(\d+)-(do|slot-(?P<slot>.+)-(?P<language>ja|en)|text-(ja|en)|.+)$")


@dataclass(frozen=True)
class RuleForm:
    """`original_key` is the key under which the rule stands in the draft; empty for a new one."""

    original_key: str = ""
    key: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    audience: str = "buyer"
    gifts: str = "careful"
    group: str = ""
    valid: Mapping[str, str] = field(default_factory=dict)
    purposes: Sequence[str] = ()
    conditions: ConditionForm = field(default_factory=lambda: ConditionForm("all", [ConditionRow()]))
    actions: Sequence[ActionRow] = (ActionRow(),)
    limits: Mapping[str, str] = field(default_factory=dict)


def show_rule(rule: Mapping[str, Any]) -> RuleForm:
    return RuleForm(
        original_key=rule["key"],
        key=rule["key"],
        names=rule.get("name", {}),
        enabled=rule.get("enabled", True),
        audience=rule.get("audience", "buyer"),
        gifts=rule.get("gifts", "careful"),
        group=rule.get("group", ""),
        valid=rule.get("valid", {}),
        purposes=rule.get("purposes", []),
        conditions=show_conditions(rule.get("when", {"always": True})),
        actions=[show_action(action) for action in rule.get("then", [])],
        limits=_show_limits(rule.get("limits", [])),
    )


def _show_limits(limits: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the limits by input field; a limit within days is told from one for ever by its days."""
    shown: dict[str, str] = {}
    for limit in limits:
        if "within_days" in limit:
            shown |= {"per_window": str(limit["per_customer"]), "within_days": str(limit["within_days"])}
        else:
            shown |= {name: str(limit[name]) for name in ("per_customer", "overall") if name in limit}
    return shown


def read_rule(form: RuleForm) -> dict[str, Any]:
    """Return the rule's document, without what is left at its default."""
    rule: dict[str, Any] = {"key": form.key, "name": dict(form.names)}
    if not form.enabled:
        rule["enabled"] = False
    rule |= {name: text for name, text, usual in _plain(form) if text != usual}
    rule["when"] = read_conditions(form.conditions)
    rule["then"] = [read_action(row) for row in form.actions if row.do]
    optional = {
        "purposes": list(form.purposes),
        "limits": _read_limits(form.limits),
        "valid": {name: text for name, text in form.valid.items() if text},
    }
    return rule | {name: value for name, value in optional.items() if value}


def _plain(form: RuleForm) -> list[tuple[str, str, str]]:
    return [("audience", form.audience, "buyer"), ("gifts", form.gifts, "careful"), ("group", form.group, "")]


def _read_limits(limits: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if limits.get("per_customer"):
        found.append({"per_customer": _whole(limits["per_customer"])})
    if limits.get("within_days") or limits.get("per_window"):
        # A count without its days stays in the document, so that the check asks for them.
        each = limits.get("per_window") or "1"
        found.append({"per_customer": _whole(each), "within_days": _whole(limits.get("within_days", ""))})
    if limits.get("overall"):
        found.append({"overall": _whole(limits["overall"])})
    return found


def _whole(text: str) -> Any:
    return int(text) if text.isdecimal() else text


def parse_form(fields: Iterable[tuple[str, str]]) -> RuleForm:
    """Return the form of the posted fields; rows in the order of their numbers."""
    posted = [(name, text) for name, text in fields]
    single = dict(posted)
    join = single.get("join", "all")
    return RuleForm(
        original_key=single.get("original_key", ""),
        key=single.get("key", "").strip(),
        names={language: single.get(f"name-{language}", "").strip() for language in LANGUAGES},
        enabled=single.get("enabled") == "1",
        audience=single.get("audience", "buyer"),
        gifts=single.get("gifts", "careful"),
        group=single.get("group", "").strip(),
        valid={name: single.get(f"valid-{name}", "") for name in ("from", "until")},
        purposes=[text for name, text in posted if name == "purposes"],
        conditions=ConditionForm(
            join if join in JOINS else "all", _parse_conditions(posted), single.get("advanced", "")
        ),
        actions=_parse_actions(posted),
        limits={
            name: single.get(name, "").strip() for name in ("per_customer", "per_window", "within_days", "overall")
        },
    )


def _parse_conditions(posted: Sequence[tuple[str, str]]) -> list[ConditionRow]:
    rows: dict[int, ConditionRow] = {}
    for name, text in posted:
        found = _CONDITION.match(name)
        if found:
            row = rows.get(int(found[1]), ConditionRow())
            rows[int(found[1])] = _set_condition(row, found[2], text)
    return [rows[number] for number in sorted(rows)]


def _set_condition(row: ConditionRow, part: str, text: str) -> ConditionRow:
    if part.startswith("with-"):
        return replace(row, parameters={**row.parameters, part.removeprefix("with-"): text})
    if part == "not":
        return replace(row, negated=text == "1")
    if part == "fact":
        return replace(row, fact=text)
    return replace(row, op=text) if part == "op" else replace(row, value=text)


def _parse_actions(posted: Sequence[tuple[str, str]]) -> list[ActionRow]:
    rows: dict[int, ActionRow] = {}
    for name, text in posted:
        found = _ACTION.match(name)
        if found:
            row = rows.get(int(found[1]), ActionRow())
            rows[int(found[1])] = _set_action(row, found, text)
    return [rows[number] for number in sorted(rows)]


def _set_action(row: ActionRow, found: re.Match[str], text: str) -> ActionRow:
    part, slot = found[2], found["slot"]
    if part == "do":
        return replace(row, do=text)
    if slot:
        return replace(row, slots={**row.slots, slot: {**row.slots.get(slot, {}), found["language"]: text}})
    if part.startswith("text-"):
        return replace(row, texts={**row.texts, part.removeprefix("text-"): text})
    return replace(row, values={**row.values, part: text})


def change_rows(form: RuleForm, act: str) -> RuleForm:
    """Return the form with a row more or less, each comparison with an operator that fits its fact."""
    kind, _, number = act.partition(":")
    conditions, actions = list(form.conditions.rows), list(form.actions)
    if kind == "add-condition":
        conditions.append(ConditionRow())
    elif kind == "add-action":
        actions.append(ActionRow())
    elif kind == "remove-condition" and number.isdigit():
        conditions = [row for place, row in enumerate(conditions) if place != int(number)]
    elif kind == "remove-action" and number.isdigit():
        actions = [row for place, row in enumerate(actions) if place != int(number)]
    settled = [settle_row(row) for row in conditions]
    return replace(form, conditions=replace(form.conditions, rows=settled), actions=actions)


def name_rule(form: RuleForm, taken: Sequence[str]) -> RuleForm:
    """Return the form with a key, made of the English name where nobody gave one."""
    if form.key:
        return form
    plain = re.sub(r"[^a-z0-9]+", "-", form.names.get("en", "").lower()).strip("-")[:_LONGEST_KEY].rstrip("-")
    others = [key for key in taken if key != form.original_key]
    numbered = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return replace(form, key=next(key for key in numbered if key not in others) if plain else "")
