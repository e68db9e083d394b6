"""All facts by key, in the order in which editor and documentation show them."""

from itertools import chain

from personalization.facts.attribute_facts import ATTRIBUTE_FACTS
from personalization.facts.calendar_facts import CALENDAR_FACTS
from personalization.facts.contact_facts import CONTACT_FACTS
from personalization.facts.customer_facts import CUSTOMER_FACTS
from personalization.facts.delivery_facts import DELIVERY_FACTS
from personalization.facts.fact import Fact
from personalization.facts.history_facts import HISTORY_FACTS
from personalization.facts.order_facts import ORDER_FACTS
from personalization.facts.prediction_facts import PREDICTION_FACTS
from personalization.facts.receipt_facts import RECEIPT_FACTS
from personalization.facts.value_facts import VALUE_FACTS

GROUPS = {
    "order": ("注文", "Order"),
    "customer": ("顧客", "Customer"),
    "history": ("履歴", "History"),
    "prediction": ("予測", "Prediction"),
    "calendar": ("カレンダー", "Calendar"),
}
_LISTED = chain(
    ORDER_FACTS,
    DELIVERY_FACTS,
    VALUE_FACTS,
    CUSTOMER_FACTS,
    ATTRIBUTE_FACTS,
    HISTORY_FACTS,
    CONTACT_FACTS,
    RECEIPT_FACTS,
    PREDICTION_FACTS,
    CALENDAR_FACTS,
)
FACTS: dict[str, Fact] = {fact.key: fact for fact in _LISTED}


def find_fact(key: str) -> Fact | None:
    return FACTS.get(key)


def get_fact(key: str) -> Fact:
    """Return the fact; raises KeyError when the catalogue has none of this key."""
    return FACTS[key]
