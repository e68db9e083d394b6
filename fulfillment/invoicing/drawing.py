"""Draws an invoice as it was issued, or says that the order has changed since."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.service import record
from core.tenancy import Shop
from documents.render import render_copies
from documents.service import get_template
from documents.specs import CopySpec, Money, RenderedDocument, Row, Value
from fulfillment.errors import InvoiceOutdatedError
from fulfillment.invoicing.contents import Content, InvoiceRow, find_addressee, need_addressee
from fulfillment.invoicing.loading import get_issuer, rebuild
from fulfillment.invoicing.models import Invoice, InvoiceKind
from fulfillment.invoicing.service import get_invoice
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.packing.models import Copy
from fulfillment.printing.amounts import figure_values, line_row, tax_rows
from fulfillment.printing.papers import join_address, shop_values
from orders.catalogue.models import Product
from orders.catalogue.queries import load_products

TEMPLATES = {
    InvoiceKind.INVOICE: "invoice_slip",
    InvoiceKind.SIMPLIFIED_INVOICE: "simplified_invoice",
    InvoiceKind.RETURN_INVOICE: "return_invoice",
}
_GOODWILL = {"ja": "送料・その他のご返金", "en": "Shipping and other amounts refunded"}
_AGAIN = {
    "ja": "お届けの際に同封した納品書(インボイス)と同じお取引のものです。",
    "en": "This is about the same sale as the invoice enclosed in the parcel.",
}


def draw_invoice(session: Session, shop_id: UUID, invoice_id: UUID) -> tuple[Invoice, RenderedDocument]:
    """Return the invoice and its PDF; raises InvoiceOutdatedError when its content is no longer the order's.

    Reading it is on record: it shows a name.
    """
    invoice = get_invoice(session, shop_id, invoice_id)
    shop, _, number = get_issuer(session, shop_id)
    contents = [each for each in rebuild(session, shop_id, invoice) if each.digest(number) == invoice.content_digest]
    if not contents:
        raise InvoiceOutdatedError(invoice.number)
    need_addressee(contents[0])
    language, printed = _find_printed(session, shop_id, invoice)
    template = get_template(session, shop_id, TEMPLATES[invoice.kind], language or shop.language)
    lines = [row.line for row in contents[0].rows if row.line is not None]
    products = load_products(session, shop_id, {line.product_id for line in lines if line.product_id})
    values = build_values(shop, template.compiled.language, invoice, contents[0], products)
    if printed:
        values["invoice_note"] = _AGAIN[template.compiled.language]
    drawn = render_copies([CopySpec(template.compiled, values, reference=invoice.number)])
    record(session, "fulfillment:invoice:read", shop_id=shop_id, subject_id=invoice.id)
    return invoice, drawn


def _find_printed(session: Session, shop_id: UUID, invoice: Invoice) -> tuple[str | None, bool]:
    """Return the language of the order's papers, and whether its slip was an invoice already."""
    rows = session.execute(
        select(Shipment.language, Copy.kind)
        .join(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .outerjoin(Copy, Copy.shipment_id == Shipment.id)
        .where(Shipment.shop_id == shop_id, ShipmentLine.order_id == invoice.order_id)
        .distinct()
    ).all()
    is_sale = invoice.kind is not InvoiceKind.RETURN_INVOICE
    kinds = {InvoiceKind.INVOICE.value, InvoiceKind.SIMPLIFIED_INVOICE.value}
    return (rows[0].language if rows else None), is_sale and any(row.kind in kinds for row in rows)


def build_values(
    shop: Shop, language: str, invoice: Invoice, content: Content, products: Mapping[UUID, Product]
) -> dict[str, Value]:
    """Return the slots of an invoice on request. Pure."""
    values: dict[str, Value] = {
        **shop_values(shop, language),
        "invoice_number": invoice.number,
        "invoice_date": invoice.issued_at.astimezone(shop.zone).date(),
        "transaction_on": invoice.transaction_on,
        "order_number": "・".join(each.order.number for each in content.orders),
        "ordered_on": content.orders[0].order.placed_at.astimezone(shop.zone).date(),
        "lines": [_to_row(row, products, invoice.currency, language) for row in content.rows],
        "tax_rows": tax_rows(content.by_rate, invoice.currency, language),
        "total": Money(content.total, invoice.currency),
        **_addressee(content, language),
    }
    if content.refund is not None:
        values["returned_on"] = content.refund.refunded_at.astimezone(shop.zone).date()
    if content.figures is not None:
        values |= figure_values(content.figures, invoice.currency, language)
    return values


def _addressee(content: Content, language: str) -> dict[str, Value]:
    buyer = find_addressee(content)
    if buyer is None:
        return {}
    parts = ("region", "city", "address1", "address2")
    return {
        "invoice_addressee": buyer.company or buyer.name,
        "addressee_postal_code": buyer.postal_code,
        "addressee_address": join_address({name: getattr(buyer, name) for name in parts}, language),
    }


def _to_row(row: InvoiceRow, products: Mapping[UUID, Product], currency: str, language: str) -> Row:
    if row.line is None:
        return {"name": _GOODWILL[language], "amount": Money(row.amount, currency)}
    product = products.get(row.line.product_id) if row.line.product_id else None
    names: Sequence[Any] = (row.line.title, product.name_en if product else None)
    name = (names[0] or names[1]) if language == "ja" else (names[1] or names[0])
    shown = line_row(row.line, name, row.quantity or 0, currency, language)
    return shown | {"amount": Money(row.amount, currency), "quantity": row.quantity}
