"""Named reads of invoices."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfillment.invoicing.models import Invoice


def list_invoices(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> list[Invoice]:
    """Return the invoices of these orders, newest first."""
    statement = select(Invoice).where(Invoice.shop_id == shop_id, Invoice.order_id.in_(order_ids))
    return list(session.scalars(statement.order_by(Invoice.id.desc())))
