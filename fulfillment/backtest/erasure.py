"""What happens to backtests when a customer is erased. Subscribed in `app/wiring.py`."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_link.events import CustomerErased

# What the numbers stand for stays: it belongs to whoever else got the same.
FORGET: Final = text(
    """
    UPDATE backtest_decisions d
       SET gained = NULL, lost = NULL, segment = NULL, live_plan = NULL, draft_plan = NULL,
           live_seen = NULL, draft_seen = NULL
      FROM shipments s
     WHERE s.shop_id = :shop_id AND (s.customer_id = :customer_id OR s.recipient_customer_id = :customer_id)
       AND d.shop_id = :shop_id AND d.shipment_id = s.id
    """
)


def forget_customer(session: Session, event: CustomerErased) -> None:
    """Empty what backtests chose for this person; that so many gained or lost something remains."""
    session.execute(FORGET, {"shop_id": event.shop_id, "customer_id": event.customer_id})
