"""Slips that are invoices, invoices on request, and invoices of refunds: from the order to the paper."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from core.storage.service import read_file
from crm_link.service import erase_customer
from fulfillment.errors import InvoiceNotPossibleError, InvoiceOutdatedError
from fulfillment.invoicing.drawing import draw_invoice
from fulfillment.invoicing.loading import list_refunds
from fulfillment.invoicing.models import Invoice, InvoiceKind
from fulfillment.invoicing.service import issue_invoices, issue_return_invoice
from fulfillment.invoicing.shop_profile import save_profile
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.packing.models import Copy, PrintFile, PrintFileKind
from fulfillment.rearranging.service import split_shipment
from orders.normalised import FeeKind, NormalisedFee, NormalisedOrder
from orders.service import record_orders
from tests.factories.documents import read_pages
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, print_all, take_order
from tests.factories.orders import make_order, make_refund

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database", "clock")
PROFILE = {"registration_number": "T1234567890123", "invoice_form": "qualified", "tax_rounding": "floor"}
SHIPPING = NormalisedFee(kind=FeeKind.SHIPPING, amount=660, tax_rate=Decimal("0.10"))


def order(**changes: Any) -> NormalisedOrder:
    """One order, told again: two of 1,000 and one of 2,000, and the fees."""
    fees = sum(fee.amount for fee in changes.get("fees", ()))
    total = 4000 if "lines" not in changes else sum(line.amount for line in changes["lines"])
    return make_order(**{"external_id": "x1", "number": "#1", "total": total + fees} | changes)


def make_issuer(**more: str) -> ShippingShop:
    shop = make_shipping_shop(rules=None)
    with session_scope([shop.shop_id]) as session:
        save_profile(session, shop.shop_id, PROFILE | more)
    return shop


def read_slips(shop: ShippingShop) -> list[str]:
    with session_scope([shop.shop_id]) as session:
        statement = select(PrintFile.file_id).where(PrintFile.kind == PrintFileKind.PAPERS)
        return [page for file_id in session.scalars(statement) for page in read_pages(read_file(session, file_id))]


def list_kinds(shop: ShippingShop) -> list[str]:
    with session_scope([shop.shop_id]) as session:
        return sorted(session.scalars(select(Copy.kind)))


def draw(shop: ShippingShop, invoice_id: UUID) -> str:
    with session_scope([shop.shop_id]) as session:
        return "".join(read_pages(draw_invoice(session, shop.shop_id, invoice_id)[1].data))


def test_the_slip_is_the_invoice_where_the_shop_says_so(run_jobs: RunJobs) -> None:
    shop = make_issuer()
    take_order(shop, run_jobs, order())
    print_all(shop, run_jobs)

    [slip] = read_slips(shop)
    assert list_kinds(shop) == ["invoice", "label"]
    # 8 % of what is in 4,000 with tax: 296.29…, rounded down once.
    for said in ("適格請求書", "T1234567890123", "架空 花子　様", "8%対象(軽減)", "¥4,000", "¥296"):
        assert said in slip


def test_boxes_of_one_order_are_invoiced_apart_and_come_to_the_same(run_jobs: RunJobs) -> None:
    shop = make_issuer(invoice_scope="shipment")
    [shipment_id] = take_order(shop, run_jobs, order(fees=(SHIPPING,)))
    with session_scope([shop.shop_id]) as session:
        line = session.scalars(select(ShipmentLine).order_by(ShipmentLine.position).limit(1)).one()
        split_shipment(session, shop.shop_id, shipment_id, {line.id: 1}, reason="2箱")
    run_jobs()
    print_all(shop, run_jobs)

    first, second = sorted(read_slips(shop), key=lambda slip: "送料" not in slip)
    assert list_kinds(shop) == ["invoice", "invoice", "label", "label"]
    assert all(said in first for said in ("¥660", "¥60"))
    assert all(said not in second for said in ("送料", "10%"))
    with session_scope([shop.shop_id]) as session:
        boxes = session.scalars(select(Shipment.id).order_by(Shipment.serial)).all()
        issued = [invoice for box in boxes for invoice in issue_invoices(session, shop.shop_id, box)]
        assert sum(invoice.total for invoice in issued) == 4660
        assert [len(invoice.totals) for invoice in issued] == [2, 1]


def test_a_part_of_an_order_that_is_invoiced_whole_has_a_plain_slip(run_jobs: RunJobs) -> None:
    shop = make_issuer(invoice_scope="order")
    [shipment_id] = take_order(shop, run_jobs, order())
    with session_scope([shop.shop_id]) as session:
        line = session.scalars(select(ShipmentLine).order_by(ShipmentLine.position).limit(1)).one()
        split_shipment(session, shop.shop_id, shipment_id, {line.id: 1}, reason="2箱")
    run_jobs()
    print_all(shop, run_jobs)

    assert list_kinds(shop) == ["label", "label", "packing_slip", "packing_slip"]
    with session_scope([shop.shop_id]) as session:
        [invoice] = issue_invoices(session, shop.shop_id, shipment_id)
        assert (invoice.total, invoice.kind) == (4000, InvoiceKind.INVOICE)


def test_the_same_content_is_issued_once_and_no_longer_when_it_changed(run_jobs: RunJobs) -> None:
    shop = make_issuer()
    [shipment_id] = take_order(shop, run_jobs, order())
    with session_scope([shop.shop_id]) as session:
        [one] = issue_invoices(session, shop.shop_id, shipment_id)
        [again] = issue_invoices(session, shop.shop_id, shipment_id)
        [other] = issue_invoices(session, shop.shop_id, shipment_id, kind=InvoiceKind.SIMPLIFIED_INVOICE)
        assert one.id == again.id != other.id
        numbers = one.number, other.number
    assert numbers[0] in draw(shop, one.id)
    assert "適格簡易請求書" in draw(shop, other.id)
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, [order(minutes=5, lines=order().lines[:1])])
    with pytest.raises(InvoiceOutdatedError):
        draw(shop, one.id)


def test_a_refund_has_its_own_invoice(run_jobs: RunJobs) -> None:
    shop = make_issuer()
    sold = order(fees=(SHIPPING,))
    take_order(shop, run_jobs, sold)
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, [replace(make_refund(sold, line="l1", quantity=1), amount=1660)])
    with session_scope([shop.shop_id]) as session:
        invoice = session.scalars(select(Invoice)).one_or_none()
        assert invoice is None
        order_ids = set(session.scalars(select(ShipmentLine.order_id)))
        [refund] = list_refunds(session, shop.shop_id, order_ids)
        issued = issue_return_invoice(session, shop.shop_id, refund.id)
        assert (issued.total, issued.kind) == (1660, InvoiceKind.RETURN_INVOICE)
        invoice_id = issued.id

    said = draw(shop, invoice_id)
    for expected in ("適格返還請求書", "¥1,660", "T1234567890123"):
        assert expected in said


def test_what_cannot_be_invoiced_says_why(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop(rules=None)
    [shipment_id] = take_order(shop, run_jobs, order())

    def ask(**values: Any) -> str:
        with session_scope([shop.shop_id]) as session:
            save_profile(session, shop.shop_id, values)
            with pytest.raises(InvoiceNotPossibleError) as refused:
                issue_invoices(session, shop.shop_id, shipment_id)
            return str(refused.value.details["reason"])

    assert ask() == "registration_number"
    with session_scope([shop.shop_id]) as session:
        bare = replace(order().lines[0], tax_rate=None)
        record_orders(session, shop.shop_id, [order(minutes=5, lines=(bare,))])
    assert ask(**PROFILE) == "tax_rate"


def test_an_erased_person_gets_no_invoice_by_name_but_a_simplified_one(run_jobs: RunJobs) -> None:
    shop = make_issuer()
    [shipment_id] = take_order(shop, run_jobs, order())
    with session_scope([shop.shop_id]) as session:
        [issued] = issue_invoices(session, shop.shop_id, shipment_id)
        invoice_id = issued.id
        customer_id = session.get_one(Shipment, shipment_id).customer_id
        assert customer_id is not None
        erase_customer(session, shop.shop_id, customer_id)
    run_jobs()

    for ask in (draw_invoice, issue_invoices):
        with session_scope([shop.shop_id]) as session, pytest.raises(InvoiceNotPossibleError) as refused:
            ask(session, shop.shop_id, invoice_id if ask is draw_invoice else shipment_id)
        assert refused.value.details["reason"] == "addressee"
    with session_scope([shop.shop_id]) as session:
        [simplified] = issue_invoices(session, shop.shop_id, shipment_id, kind=InvoiceKind.SIMPLIFIED_INVOICE)
        assert simplified.total == 4000
        simplified_id = simplified.id
    assert "¥4,000" in draw(shop, simplified_id)
