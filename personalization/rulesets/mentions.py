"""What a parsed ruleset names, and where: the comparisons of its conditions with their JSON paths, SKUs, tags and the
like. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from personalization.conditions.tree import All, Any, Comparison, Condition, Not
from personalization.plan import ActionKind
from personalization.rulesets.ruleset import Rule, RulesetDocument

# Fact or parameter, by its last word → what kind of name its values are.
KINDS: Final = {
    "skus": "sku",
    "purchased_skus": "sku",
    "last_order_skus": "sku",
    "first_order_skus": "sku",
    "categories": "category",
    "purchased_categories": "category",
    "last_order_categories": "category",
    "first_order_categories": "category",
    "favourite_category": "category",
    "campaigns": "campaign",
    "used_campaigns": "campaign",
    "scheme": "scheme",
}
# Facts whose last word alone would not tell.
FACTS: Final = {
    "customer.tags": "customer_tag",
    "customer.days_since_tagged": None,
    "customer.rank": "rank",
    "customer.previous_rank": "rank",
    "order.tags": "order_tag",
}
CUSTOMER_TAG: Final = "tag"
EXACT: Final = frozenset({"equals", "not_equals", "one_of", "none_of", "has_any", "has_all", "has_none"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One name that a rule uses; `kind` is sku, category, customer_tag, order_tag, rank, scheme or campaign."""

    place: str
    kind: str
    value: str


def walk_places(condition: Condition, place: str) -> Iterator[tuple[Comparison, str]]:
    """Yield every comparison of the tree with its JSON path."""
    match condition:
        case Comparison():
            yield condition, place
        case Not(part):
            yield from walk_places(part, f"{place}.not")
        case All(parts) | Any(parts):
            word = "all" if isinstance(condition, All) else "any"
            for index, part in enumerate(parts):
                yield from walk_places(part, f"{place}.{word}[{index}]")


def list_mentions(document: RulesetDocument) -> list[Mention]:
    """Return every name that may be misspelt, in the order of the document."""
    return [mention for index, rule in enumerate(document.rules) for mention in _list_of_rule(rule, index)]


def _list_of_rule(rule: Rule, index: int) -> Iterator[Mention]:
    for comparison, place in walk_places(rule.when, f"$.rules[{index}].when"):
        yield from _list_of_comparison(comparison, place)
    for action in rule.then:
        if action.kind is ActionKind.RECOMMEND:
            for category in action.categories:
                yield Mention(f"{action.place}.categories", "category", category)


def _list_of_comparison(comparison: Comparison, place: str) -> Iterator[Mention]:
    kind = FACTS.get(comparison.fact) or KINDS.get(comparison.fact.rpartition(".")[2])
    if kind is not None and comparison.op in EXACT:
        operand = comparison.operand
        values = sorted(operand) if isinstance(operand, frozenset) else [operand]
        for value in values:
            if isinstance(value, str):
                yield Mention(f"{place}.value", kind, value)
    for key, given in comparison.parameters:
        kind = "customer_tag" if key == CUSTOMER_TAG else KINDS.get(key)
        if kind is not None:
            for value in given if isinstance(given, tuple) else (str(given),):
                yield Mention(f"{place}.with.{key}", kind, value)
