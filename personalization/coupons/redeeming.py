"""Orders that name a code: the code knows which order redeemed it. Subscribed in `app/wiring.py`."""

from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from orders.events import OrdersRecorded
from orders.models import Order
from personalization.coupons.codes import fold_code

# The earliest order that stands keeps a code; one whose order was cancelled may be redeemed again.
REDEEM: Final = text(
    f"""
    UPDATE coupons c SET redeemed_order_id = wanted.order_id, redeemed_at = wanted.placed_at
      FROM {rowset("wanted", {"folded": "text", "order_id": "uuid", "placed_at": "timestamptz"})}
     WHERE c.shop_id = :shop_id AND c.folded = wanted.folded AND c.state <> 'free'
       AND (c.redeemed_order_id IS NULL OR c.redeemed_at > wanted.placed_at)
    """
)
UNDO: Final = text(
    f"""
    UPDATE coupons c SET redeemed_order_id = NULL, redeemed_at = NULL
     WHERE c.shop_id = :shop_id AND c.redeemed_order_id = ANY(:orders)
       AND NOT EXISTS (SELECT FROM {rowset("wanted", {"folded": "text", "order_id": "uuid"})}
                        WHERE wanted.folded = c.folded AND wanted.order_id = c.redeemed_order_id)
    """
)


def note_redemptions(session: Session, event: OrdersRecorded) -> None:
    """Join the codes of these orders with what was given; a cancelled order redeems nothing."""
    ids = [change.order_id for change in event.orders]
    orders = session.execute(
        select(Order.id, Order.placed_at, Order.coupon_codes).where(
            Order.shop_id == event.shop_id, Order.id.in_(ids), Order.cancelled_at.is_(None)
        )
    )
    named = {
        (fold_code(code), order.id): order.placed_at
        for order in sorted(orders, key=lambda order: (order.placed_at, order.id), reverse=True)
        for code in order.coupon_codes or ()
    }
    rows = [{"folded": folded, "order_id": id_, "placed_at": placed} for (folded, id_), placed in named.items()]
    # Of several orders of one batch that name a code, the earliest is the last of the list and stands.
    earliest = {row["folded"]: row for row in rows}
    session.execute(UNDO, {"shop_id": event.shop_id, "orders": ids, "wanted": pack_rows(rows)})
    if earliest:
        session.execute(REDEEM, {"shop_id": event.shop_id, "wanted": pack_rows(earliest.values())})
