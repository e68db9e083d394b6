"""Differences of rules on the screen: rule by rule, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from personalization.advice.advice import Advice, Severity
from personalization.conditions.explanation import Words
from personalization.problems import Problem
from personalization.rulesets.catalogue import Catalogue
from personalization.versions.differences import diff_documents
from personalization.versions.names import load_names
from personalization.versions.wording import name_rule
from warehouse_ui.i18n import get_language, gettext

# A page shows so many rules; a document may have a thousand.
MOST: Final = 100


@dataclass
class RuleChanges:
    """All sentences about one rule; `kinds` are words of the group rule_change."""

    name: str
    kinds: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Remark:
    """A mistake or advice; `key` leads to the rule in the editor."""

    key: str | None
    rule: str
    sentence: str
    todo: str = ""
    is_warning: bool = True


def say(words: Words) -> str:
    return words.ja if get_language() == "ja" else words.en


def tell_changes(
    session: Session, shop_id: UUID, catalogue: Catalogue, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[RuleChanges]:
    """Return what differs, one entry per rule, in the order of the new document."""
    found: dict[str | None, RuleChanges] = {}
    for change in diff_documents(old, new, load_names(session, shop_id, catalogue)):
        entry = found.setdefault(change.rule_key, RuleChanges(say(change.rule_name)))
        if change.kind not in entry.kinds:
            entry.kinds.append(change.kind)
        entry.sentences.append(say(change.words))
    return list(found.values())


def tell_problems(document: Mapping[str, Any], problems: Iterable[Problem]) -> list[Remark]:
    return [
        Remark(*_find_rule(document, problem.place), problem.ja if get_language() == "ja" else problem.en)
        for problem in problems
    ]


def tell_advice(document: Mapping[str, Any], advice: Sequence[Advice]) -> list[Remark]:
    """Return the advice, warnings first."""
    ordered = sorted(advice, key=lambda each: each.severity is not Severity.WARNING)
    japanese = get_language() == "ja"
    return [
        Remark(
            *_find_rule(document, each.place),
            each.ja if japanese else each.en,
            each.todo_ja if japanese else each.todo_en,
            each.severity is Severity.WARNING,
        )
        for each in ordered
    ]


def _find_rule(document: Mapping[str, Any], place: str) -> tuple[str | None, str]:
    """Return key and name of the rule that a JSON path leads to."""
    number = place.removeprefix("$.rules[").partition("]")[0]
    rules = document.get("rules")
    if (
        number.isdigit()
        and isinstance(rules, list)
        and int(number) < len(rules)
        and isinstance(rules[int(number)], dict)
    ):
        rule = rules[int(number)]
        return str(rule.get("key", "")), say(name_rule(rule))
    return None, gettext("全体")
