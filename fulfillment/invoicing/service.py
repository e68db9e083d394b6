"""Issues invoices on request. The same content is issued once, however often and by whomever it is asked for."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.ids import new_id
from fulfillment.errors import InvoiceNotFoundError
from fulfillment.invoicing.contents import Content, need_addressee
from fulfillment.invoicing.loading import build_refund, get_issuer, list_sales
from fulfillment.invoicing.models import Invoice, InvoiceKind


def issue_invoices(
    session: Session, shop_id: UUID, shipment_id: UUID, *, kind: InvoiceKind | None = None
) -> list[Invoice]:
    """Issue the invoice of a shipment, or of each of its orders, as the shop chose; `kind` as its slips, unless told.

    Raises InvoiceNotPossibleError with the reason.
    """
    return [_issue(session, shop_id, content) for content in list_sales(session, shop_id, shipment_id, kind)]


def issue_return_invoice(session: Session, shop_id: UUID, refund_id: UUID) -> Invoice:
    """Issue the invoice of a refund (適格返還請求書). Raises InvoiceNotPossibleError with the reason."""
    return _issue(session, shop_id, build_refund(session, shop_id, refund_id))


def _issue(session: Session, shop_id: UUID, content: Content) -> Invoice:
    _, _, number = get_issuer(session, shop_id)
    need_addressee(content)
    digest = content.digest(number)
    actor = get_context().actor
    statement = (
        insert(Invoice)
        .values(
            id=new_id(),
            shop_id=shop_id,
            kind=content.kind,
            order_id=content.orders[0].order.id,
            shipment_id=content.shipment_id,
            refund_id=content.refund.id if content.refund else None,
            currency=content.orders[0].order.currency,
            total=content.total,
            totals=content.totals,
            transaction_on=content.transaction_on,
            content_digest=digest,
            issued_at=clock.now(),
            issued_by=actor.id,
        )
        .on_conflict_do_nothing()
        .returning(Invoice.id)
    )
    fresh = session.scalar(statement)
    found = session.scalars(select(Invoice).where(Invoice.shop_id == shop_id, Invoice.content_digest == digest)).one()
    if fresh is not None:
        details = {"number": found.number, "kind": found.kind.value, "total": found.total}
        record(session, "fulfillment:invoice:issue", shop_id=shop_id, subject_id=found.id, details=details)
    return found


def get_invoice(session: Session, shop_id: UUID, invoice_id: UUID) -> Invoice:
    found = session.scalars(select(Invoice).where(Invoice.shop_id == shop_id, Invoice.id == invoice_id)).one_or_none()
    if found is None:
        raise InvoiceNotFoundError(invoice_id)
    return found
