"""Why something is in a parcel or not: the explained rules, sorted and searched as a person on the telephone asks."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from personalization.conditions.explanation import Naming, ValueKind
from personalization.explaining import PlanExplanation, RuleExplanation, RuleOutcome
from personalization.insert_info import Inserts
from warehouse_ui.i18n import get_language

ORDER: Final = (RuleOutcome.FIRED, RuleOutcome.LOST, RuleOutcome.NOT_MATCHED, RuleOutcome.NOT_VALID)
# What people call a kind of insert on the telephone.
SPOKEN: Final[Mapping[str, str]] = {
    "sample": "試供品 サンプル sample tester",
    "leaflet": "リーフレット チラシ 冊子 案内 leaflet flyer",
    "gift": "プレゼント おまけ 景品 gift present",
    "letter": "手紙 お手紙 レター letter",
    "coupon": "クーポン 割引 coupon",
    "task": "作業 包装 のし wrapping",
}


@dataclass(frozen=True)
class WhyAnswer:
    """What the question found. `without_rule`: inserts that nobody's rule would enclose, by name."""

    query: str
    rules: Sequence[RuleExplanation]
    without_rule: Sequence[str]

    @property
    def is_in(self) -> bool:
        return any(rule.outcome is RuleOutcome.FIRED for rule in self.rules)


def list_in_order(told: PlanExplanation) -> list[RuleExplanation]:
    """Return the rules that acted first, then those that lost, then the others, each in order of priority."""
    places = {outcome: place for place, outcome in enumerate(ORDER)}
    return sorted(told.rules, key=lambda rule: places.get(rule.outcome, len(ORDER)))


def answer(told: PlanExplanation, inserts: Inserts, query: str) -> WhyAnswer:
    """Return the rules whose name, or whose inserts and papers, hold the words of the question."""
    words = fold(query).split()
    found = [rule for rule in list_in_order(told) if _holds(" ".join(_list_texts(rule, inserts, told.names)), words)]
    ruled = frozenset().union(*(rule.gives_keys for rule in told.rules))
    unruled = [
        insert.name_ja if get_language() == "ja" else insert.name_en
        for key, insert in inserts.items()
        if key not in ruled and _holds(" ".join(_describe_insert(key, inserts)), words)
    ]
    return WhyAnswer(query, found, sorted(unruled))


def fold(text: str) -> str:
    """Return a text as it is compared: width and case do not matter, katakana is hiragana."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(chr(ord(each) - 0x60) if "ァ" <= each <= "ヶ" else each for each in folded)


def _holds(text: str, words: Sequence[str]) -> bool:
    folded = fold(text)
    return bool(words) and all(word in folded for word in words)


def _list_texts(rule: RuleExplanation, inserts: Inserts, names: Naming) -> Iterator[str]:
    yield rule.name
    yield rule.rule_key
    yield from rule.gives
    for key in rule.gives_keys:
        if key in inserts:
            yield from _describe_insert(key, inserts)
        elif (ValueKind.TEMPLATE, key) in names.words:
            yield SPOKEN["letter"]


def _describe_insert(key: str, inserts: Inserts) -> Iterator[str]:
    insert = inserts[key]
    yield from (key, insert.name_ja, insert.name_en, SPOKEN.get(insert.kind, ""))


def list_suggestions(told: PlanExplanation, inserts: Inserts) -> list[str]:
    """Return what may be asked about: inserts and rules, by name."""
    japanese = get_language() == "ja"
    named = {insert.name_ja if japanese else insert.name_en for insert in inserts.values() if insert.active}
    return sorted(named) + [rule.name for rule in told.rules]
