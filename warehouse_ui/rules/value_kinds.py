"""Which list a fact or a parameter is chosen from: by the last word of its key, so that new facts find theirs. Pure."""

from collections.abc import Mapping
from typing import Final

from personalization.columns import FactType
from personalization.facts.fact import Fact, Parameter, ParameterType

# Key of a fact or parameter, or its last word, singular or plural → kind of list.
_KINDS: Final[Mapping[str, str]] = {
    "order.tags": "order_tags",
    "customer.tags": "customer_tags",
    "customer.rank": "ranks",
    "customer.previous_rank": "ranks",
    "customer.allergies": "allergens",
    "history.open_ticket_topics": "topics",
    "history.events": "campaigns",
    "order.source": "sources",
    "order.gift_wrapping": "gift_wrappings",
    "order.noshi": "noshi",
    "order.desired_slot": "desired_slots",
    "customer.purposes_granted": "purposes",
    "customer.purposes_denied": "purposes",
    "customer.care_flags": "care_flags",
    "customer.language": "languages",
    "order.language": "languages",
    "order.delivery_service": "services",
    "order.payment_method": "payment_methods",
    "order.channel": "order_channels",
    "order.coupon_codes": "coupon_codes",
    "skus": "products",
    "sku": "products",
    "categories": "categories",
    "category": "categories",
    "prefecture": "prefectures",
    "country": "countries",
    "campaigns": "campaigns",
    "campaign": "campaigns",
    "channels": "channels",
    "channel": "channels",
    "inserts": "inserts",
    "insert": "inserts",
    "insert_key": "inserts",
    "scheme": "rank_schemes",
    "tag": "customer_tags",
    "kinds": "insert_kinds",
}
_TEXTUAL: Final = frozenset({FactType.TEXT, FactType.TEXT_SET})


def find_fact_kind(fact: Fact) -> str | None:
    """Return the list that values of this fact are chosen from; None: typed, or the fact brings its choices."""
    if fact.choices or fact.type not in _TEXTUAL:
        return None
    last = fact.key.rpartition(".")[2]
    found = _KINDS.get(fact.key) or _KINDS.get(last)
    return found or next((kind for word, kind in _KINDS.items() if "." not in word and last.endswith(f"_{word}")), None)


def find_parameter_kind(fact: Fact, parameter: Parameter) -> str | None:
    if parameter.choices or parameter.type is ParameterType.DAYS:
        return None
    if parameter.key == "name":
        return "order_attributes" if fact.group == "order" else "customer_attributes"
    return "topics" if parameter.key == "topics" else _KINDS.get(parameter.key)
