"""Invoices on request, from the page of a shipment."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access
from core.tenancy import get_shop
from core.web import SessionDep, require
from fulfillment.invoicing.drawing import draw_invoice
from fulfillment.invoicing.loading import list_refunds
from fulfillment.invoicing.models import InvoiceKind
from fulfillment.invoicing.queries import list_invoices
from fulfillment.invoicing.service import issue_invoices, issue_return_invoice
from fulfillment.invoicing.settings import read_settings
from fulfillment.queries import ShipmentDetail
from warehouse_ui.answers import go_to
from warehouse_ui.navigation import SHIPMENTS

router = APIRouter(prefix="/shipments", include_in_schema=False)

Office = Annotated[Access, require(*SHIPMENTS)]


@router.post("/{shipment_id}/invoices")
def issue(
    shipment_id: UUID, access: Office, session: SessionDep, kind: Annotated[InvoiceKind, Form()] = InvoiceKind.INVOICE
) -> Response:
    issue_invoices(session, access.shop_id, shipment_id, kind=kind)
    return go_to(f"/shipments/{shipment_id}", "invoice_issued")


@router.post("/{shipment_id}/refunds/{refund_id}/invoice")
def issue_for_refund(shipment_id: UUID, refund_id: UUID, access: Office, session: SessionDep) -> Response:
    issue_return_invoice(session, access.shop_id, refund_id)
    return go_to(f"/shipments/{shipment_id}", "invoice_issued")


@router.get("/invoices/{invoice_id}.pdf")
def show_pdf(invoice_id: UUID, access: Office, session: SessionDep) -> Response:
    """The PDF itself. Reading it is on record: it shows a name."""
    invoice, drawn = draw_invoice(session, access.shop_id, invoice_id)
    headers = {"Content-Disposition": f'inline; filename="{invoice.number}.pdf"', "Cache-Control": "no-store"}
    return Response(drawn.data, media_type="application/pdf", headers=headers)


def load_invoicing(session: Session, shop_id: UUID, detail: ShipmentDetail) -> dict[str, Any]:
    """Return what the page of a shipment shows of its orders' invoices."""
    shop = get_shop(session, shop_id)
    settings = read_settings(shop.profile)
    return {
        "shop_currency": shop.currency,
        "invoices": list_invoices(session, shop_id, detail.order_ids),
        "refunds": list_refunds(session, shop_id, detail.order_ids),
        "may_invoice": settings.number is not None and detail.shipment.resend_of_id is None,
        "invoice_kinds": (InvoiceKind.INVOICE, InvoiceKind.SIMPLIFIED_INVOICE),
    }
