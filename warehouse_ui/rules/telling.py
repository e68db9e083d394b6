"""A rule in one or two sentences, for lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from personalization.conditions.explanation import describe_comparison
from personalization.conditions.parsing import parse_condition
from personalization.conditions.tree import All, Always, Comparison, Condition, Not
from personalization.conditions.tree import Any as AnyOf
from personalization.facts.question import Audience
from personalization.models import Insert
from personalization.problems import Problems
from personalization.rulesets.catalogue import TemplateInfo
from warehouse_ui.i18n import get_language, gettext

LONGEST = 4


def tell_conditions(rule: Mapping[str, Any]) -> str:
    """Return when the rule acts; a broken condition says that it is broken."""
    problems = Problems()
    condition = parse_condition(rule.get("when"), "when", problems)
    if condition is None or problems.found:
        return gettext("条件に間違いがあります")
    audience = Audience(rule.get("audience", "buyer"))
    return _tell(condition, audience)


def _tell(condition: Condition, audience: Audience) -> str:
    match condition:
        case Always():
            return gettext("すべての出荷")
        case Comparison():
            words = describe_comparison(condition, audience)
            return words.ja if get_language() == "ja" else words.en
        case Not(part):
            return gettext("「%(part)s」ではない") % {"part": _tell(part, audience)}
        case All(parts):
            return _join(parts, audience, gettext(" かつ "))
        case AnyOf(parts):
            return _join(parts, audience, gettext(" または "))


def _join(parts: tuple[Condition, ...], audience: Audience, word: str) -> str:
    told = [_tell(part, audience) for part in parts[:LONGEST]]
    more = gettext("、ほか%(count)s件") % {"count": len(parts) - LONGEST} if len(parts) > LONGEST else ""
    return word.join(told) + more


@dataclass(frozen=True)
class Names:
    """What people call inserts, templates and slots, by key."""

    inserts: Mapping[str, str]
    templates: Mapping[str, str]
    slots: Mapping[str, str]


def name_things(inserts: Iterable[Insert], templates: Mapping[str, TemplateInfo]) -> Names:
    """Return the names in the reader's language."""
    japanese = get_language() == "ja"
    return Names(
        {insert.key: insert.name_ja if japanese else insert.name_en for insert in inserts},
        {key: (each.name_ja if japanese else each.name_en) or key for key, each in templates.items()},
        {slot: each.label(slot)[0 if japanese else 1] for each in templates.values() for slot in each.slots},
    )


def tell_actions(rule: Mapping[str, Any], names: Names) -> list[tuple[str, str]]:
    """Return what the rule does: an icon's name and a phrase for each action."""
    return [_tell_action(action, names) for action in rule.get("then", [])]


def _tell_action(action: Mapping[str, Any], names: Names) -> tuple[str, str]:
    kind = str(action.get("do", ""))
    insert = names.inserts.get(action.get("insert", ""), action.get("insert", ""))
    template = names.templates.get(action.get("template", ""), action.get("template", ""))
    slot = names.slots.get(action.get("slot", ""), action.get("slot", ""))
    quantity = action.get("quantity", 1)
    phrases = {
        "enclose": ("gift", f"{insert} × {quantity}" if quantity != 1 else str(insert)),
        "task": ("hand", str(insert)),
        "letter": ("letter", gettext("お手紙 %(name)s") % {"name": template}),
        "slip": ("slip", gettext("納品書 %(name)s") % {"name": template}),
        "message": ("speech", gettext("文面 %(name)s") % {"name": slot}),
        "flag": ("flag", str(action.get("flag", ""))),
        "tag": ("label", str(action.get("tag", ""))),
        "priority": ("up", gettext("優先度 %(value)s") % {"value": action.get("value", "")}),
        "hold": ("pause", gettext("保留にする")),
    }
    return phrases.get(kind, ("warning", kind))
