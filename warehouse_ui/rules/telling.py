"""A rule in one or two sentences, for lists."""

from collections.abc import Mapping
from typing import Any

from personalization.conditions.explanation import describe_comparison
from personalization.conditions.parsing import parse_condition
from personalization.conditions.tree import All, Always, Comparison, Condition, Not
from personalization.conditions.tree import Any as AnyOf
from personalization.facts.question import Audience
from personalization.problems import Problems
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
