"""Invoices over HTTP: issue, list, draw."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.invoicing.drawing import draw_invoice
from fulfillment.invoicing.loading import list_refunds
from fulfillment.invoicing.models import InvoiceKind
from fulfillment.invoicing.queries import list_invoices
from fulfillment.invoicing.service import issue_invoices, issue_return_invoice
from fulfillment.schemas import Shape
from orders.queries import get_order

router = APIRouter(prefix="/api", tags=["invoices"])
OfficeAccess = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]


class InvoiceIn(Shape):
    """Without `kind` what the shop's slips are."""

    kind: InvoiceKind | None = None


class InvoiceOut(Shape):
    """`totals` holds [rate, net, tax, gross] for each rate."""

    id: UUID
    number: str
    kind: InvoiceKind
    order_id: UUID
    shipment_id: UUID | None
    refund_id: UUID | None
    currency: str
    total: int
    totals: list[Any]
    transaction_on: date
    issued_at: datetime


class RefundOut(Shape):
    id: UUID
    external_id: str
    refunded_at: datetime
    amount: int


@router.post("/shipments/{shipment_id}/invoices", status_code=201)
def post_invoices(shipment_id: UUID, body: InvoiceIn, session: SessionDep, access: OfficeAccess) -> list[InvoiceOut]:
    """Issue the invoice of a shipment, or of each of its orders, as the shop chose. Repeating it gives the same."""
    issued = issue_invoices(session, access.shop_id, shipment_id, kind=body.kind)
    return [InvoiceOut.model_validate(invoice) for invoice in issued]


@router.post("/refunds/{refund_id}/invoice", status_code=201)
def post_return_invoice(refund_id: UUID, session: SessionDep, access: OfficeAccess) -> InvoiceOut:
    """Issue the invoice of a refund."""
    return InvoiceOut.model_validate(issue_return_invoice(session, access.shop_id, refund_id))


@router.get("/orders/{order_id}/invoices")
def get_invoices(order_id: UUID, session: SessionDep, access: OfficeAccess) -> list[InvoiceOut]:
    order = get_order(session, access.shop_id, order_id).order
    return [InvoiceOut.model_validate(invoice) for invoice in list_invoices(session, access.shop_id, [order.id])]


@router.get("/orders/{order_id}/refunds")
def get_refunds(order_id: UUID, session: SessionDep, access: OfficeAccess) -> list[RefundOut]:
    order = get_order(session, access.shop_id, order_id).order
    return [RefundOut.model_validate(refund) for refund in list_refunds(session, access.shop_id, [order.id])]


@router.get("/invoices/{invoice_id}.pdf")
def get_pdf(invoice_id: UUID, session: SessionDep, access: OfficeAccess) -> Response:
    """The PDF itself, drawn again as it was issued."""
    invoice, drawn = draw_invoice(session, access.shop_id, invoice_id)
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{invoice.number}.pdf"'}
    return Response(drawn.data, media_type="application/pdf", headers=headers)
