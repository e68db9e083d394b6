"""Reads what an invoice is made from, and builds its content from today's order."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.tenancy import Shop, get_shop
from fulfillment.errors import InvoiceNotPossibleError, ShipmentNotFoundError
from fulfillment.invoicing.contents import Content, describe_refund, describe_sale, list_sold
from fulfillment.invoicing.figures import Sold
from fulfillment.invoicing.models import Invoice, InvoiceKind
from fulfillment.invoicing.sent import load_sent
from fulfillment.invoicing.settings import InvoiceForm, InvoiceScope, InvoiceSettings, read_settings
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.states import ShipmentState
from orders.errors import OrderNotFoundError
from orders.models import Refund
from orders.queries import get_order, load_orders

KINDS = {
    InvoiceForm.NONE: InvoiceKind.INVOICE,
    InvoiceForm.QUALIFIED: InvoiceKind.INVOICE,
    InvoiceForm.SIMPLIFIED: InvoiceKind.SIMPLIFIED_INVOICE,
}


def get_issuer(session: Session, shop_id: UUID) -> tuple[Shop, InvoiceSettings, str]:
    """Return shop, settings and registration number; raises InvoiceNotPossibleError without one."""
    shop = get_shop(session, shop_id)
    settings = read_settings(shop.profile)
    if settings.number is None:
        raise InvoiceNotPossibleError("registration_number")
    return shop, settings, settings.number


def list_sales(session: Session, shop_id: UUID, shipment_id: UUID, kind: InvoiceKind | None) -> list[Content]:
    """Return what may be invoiced of a shipment: the box, or each of its orders whole, as the shop chose."""
    shop, settings, _ = get_issuer(session, shop_id)
    shipment = _get_shipment(session, shop_id, shipment_id)
    wanted = kind or KINDS[settings.form]
    lines = session.scalars(
        select(ShipmentLine).where(ShipmentLine.shop_id == shop_id, ShipmentLine.shipment_id == shipment_id)
    ).all()
    order_ids = {line.order_id for line in lines}
    if settings.scope is InvoiceScope.ORDER:
        return [build_order(session, shop_id, order_id, wanted) for order_id in sorted(order_ids)]
    sent = load_sent(session, shop_id, order_ids)
    orders = sorted(load_orders(session, shop_id, order_ids), key=lambda record: record.order.accepted_at)
    fees_of = sent.find_fees_of(shipment, order_ids)
    taken = {line.order_line_id: line.quantity for line in lines}
    sold = Sold(
        lines=[(line, taken[line.id]) for record in orders for line in record.lines if taken.get(line.id)],
        fees=[fee for record in orders if record.order.id in fees_of for fee in record.fees],
        before=sent.list_earlier(shipment, order_ids),
    )
    day = (shipment.handed_over_at or clock.now()).astimezone(shop.zone).date()
    return [describe_sale(wanted, orders, settings, transaction_on=day, sold=sold, shipment_id=shipment_id)]


def build_order(session: Session, shop_id: UUID, order_id: UUID, kind: InvoiceKind) -> Content:
    """Return the content of an invoice for an order, of the day its last box left."""
    shop, settings, _ = get_issuer(session, shop_id)
    record = get_order(session, shop_id, order_id)
    left_at = load_sent(session, shop_id, [order_id]).find_left_at(order_id)
    day = (left_at or clock.now()).astimezone(shop.zone).date()
    return describe_sale(kind, [record], settings, transaction_on=day, sold=list_sold(record))


def build_refund(session: Session, shop_id: UUID, refund_id: UUID) -> Content:
    """Return the content of a refund's invoice."""
    shop, settings, _ = get_issuer(session, shop_id)
    refund = session.scalars(select(Refund).where(Refund.shop_id == shop_id, Refund.id == refund_id)).one_or_none()
    if refund is None:
        raise OrderNotFoundError(refund_id)
    record = get_order(session, shop_id, refund.order_id)
    left_at: datetime = load_sent(session, shop_id, [refund.order_id]).find_left_at(refund.order_id) or (
        record.order.placed_at
    )
    return describe_refund(record, refund, settings, transaction_on=left_at.astimezone(shop.zone).date())


def rebuild(session: Session, shop_id: UUID, invoice: Invoice) -> list[Content]:
    """Return what the subject of an invoice comes to today; the one of the invoice is told by its digest."""
    if invoice.refund_id is not None:
        return [build_refund(session, shop_id, invoice.refund_id)]
    if invoice.shipment_id is None:
        return [build_order(session, shop_id, invoice.order_id, invoice.kind)]
    return list_sales(session, shop_id, invoice.shipment_id, invoice.kind)


def list_refunds(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> list[Refund]:
    """Return the refunds of these orders, oldest first."""
    statement = select(Refund).where(Refund.shop_id == shop_id, Refund.order_id.in_(order_ids))
    return list(session.scalars(statement.order_by(Refund.refunded_at, Refund.id)))


def _get_shipment(session: Session, shop_id: UUID, shipment_id: UUID) -> Shipment:
    shipment = session.get(Shipment, shipment_id)
    if shipment is None or shipment.shop_id != shop_id:
        raise ShipmentNotFoundError(shipment_id)
    if shipment.resend_of_id is not None:
        raise InvoiceNotPossibleError("sent_again")
    if shipment.state in (ShipmentState.CANCELLED, ShipmentState.MERGED):
        raise InvoiceNotPossibleError("cancelled")
    return shipment
