"""What happens to decisions when a customer is erased or joined. Subscribed in `app/wiring.py`."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from crm_link.events import CustomerErased, CustomersMoved

# The key is destroyed by crm_link; decisions of gifts to or from the person may be sealed under another's.
FORGET: Final = text(
    """
    UPDATE decisions SET sealed = NULL, fired = NULL, lost = NULL, erased_at = :now
     WHERE shop_id = :shop_id AND (customer_id = :customer_id OR recipient_customer_id = :customer_id)
       AND erased_at IS NULL
    """
)
FOLLOW: Final = tuple(
    text(f"UPDATE {table} SET {column} = :to_id WHERE shop_id = :shop_id AND {column} = :from_id")
    for table, column in (
        ("decisions", "customer_id"),
        ("decisions", "recipient_customer_id"),
        ("allotments", "customer_id"),
        ("coupons", "customer_id"),
    )
)
# An assignment is never changed; who has none in an experiment takes the one of the person that joined.
ADOPT: Final = text(
    """
    INSERT INTO assignments (shop_id, experiment_id, customer_id, arm, assigned_at)
    SELECT shop_id, experiment_id, :to_id, arm, assigned_at FROM assignments
     WHERE shop_id = :shop_id AND customer_id = :from_id
    ON CONFLICT DO NOTHING
    """
)


def forget_customer(session: Session, event: CustomerErased) -> None:
    """Empty every decision about this person; allotments stay, as figures of nobody."""
    bound = {"shop_id": event.shop_id, "customer_id": event.customer_id, "now": clock.now()}
    session.execute(FORGET, bound)


def follow_customer(session: Session, event: CustomersMoved) -> None:
    """Let limits count for the customer that stands for the other one now."""
    if not event.whole:
        return
    bound = {"shop_id": event.shop_id, "from_id": event.from_customer_id, "to_id": event.to_customer_id}
    for statement in (*FOLLOW, ADOPT):
        session.execute(statement, bound)
