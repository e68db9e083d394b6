"""All facts by key, in the order in which editor and documentation show them."""

from personalization.facts.calendar_facts import CALENDAR_FACTS
from personalization.facts.customer_facts import CUSTOMER_FACTS
from personalization.facts.fact import Fact
from personalization.facts.history_facts import HISTORY_FACTS
from personalization.facts.order_facts import ORDER_FACTS

GROUPS = {
    "order": ("注文", "Order"),
    "customer": ("顧客", "Customer"),
    "history": ("履歴", "History"),
    "calendar": ("カレンダー", "Calendar"),
}
FACTS: dict[str, Fact] = {f.key: f for f in (*ORDER_FACTS, *CUSTOMER_FACTS, *HISTORY_FACTS, *CALENDAR_FACTS)}


def find_fact(key: str) -> Fact | None:
    return FACTS.get(key)


def get_fact(key: str) -> Fact:
    """Return the fact; raises KeyError when the catalogue has none of this key."""
    return FACTS[key]
