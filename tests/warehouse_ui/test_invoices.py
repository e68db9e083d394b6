"""Screens and endpoints of invoices: the shop says how, an invoice is issued, its PDF read, and who may not is told."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.auth.roles import Role
from core.db import session_scope
from core.tenancy import get_shop
from fulfillment.models import ShipmentLine
from orders.service import record_orders
from tests.browsing import Browser
from tests.factories.documents import read_pages
from tests.factories.fulfillment import take_order
from tests.factories.orders import make_order, make_refund
from tests.warehouse_ui.conftest import Place

RunJobs = Callable[..., int]
PROFILE = {"registration_number": "Ｔ1234567890123", "invoice_form": "qualified", "invoice_scope": "order"}


@pytest.mark.parametrize("address", ["/shop", "/api/orders/00000000-0000-0000-0000-000000000000/invoices"])
def test_who_may_not_is_told_so(place: Place, address: str) -> None:
    assert place.sit(Role.PACKER).get(address).status_code == 403


def test_the_shop_says_how_it_invoices(place: Place, operator: Browser) -> None:
    wrong = operator.post("/shop", data={**PROFILE, "registration_number": "T12"})
    assert wrong.status_code == 422
    assert "13桁" in wrong.text
    assert (
        operator.post("/shop", data={**PROFILE, "phone": "0547-00-0000"}).headers["location"]
        == "/shop?done=profile_saved"
    )
    assert "T1234567890123" in operator.get("/shop").text
    with session_scope([place.shop_id]) as session:
        profile = get_shop(session, place.shop_id).profile
        assert (profile["registration_number"], profile["phone"]) == ("T1234567890123", "0547-00-0000")


def test_an_invoice_is_issued_from_the_shipment_and_opened(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    order = make_order()
    *_, shipment_id = take_order(place.shop, run_jobs, order)
    page = f"/shipments/{shipment_id}"
    assert "登録番号を「店舗とインボイス」に入れる" in operator.get(page).text
    refused = operator.post(f"{page}/invoices", data={"kind": "invoice"})
    assert refused.status_code == 409
    operator.post("/shop", data=PROFILE)
    assert operator.post(f"{page}/invoices", data={"kind": "invoice"}).headers["location"].endswith("invoice_issued")
    with session_scope([place.shop_id]) as session:
        record_orders(session, place.shop_id, [make_refund(order)])
        order_id = session.scalars(select(ShipmentLine.order_id).where(ShipmentLine.shipment_id == shipment_id)).first()
    [refund] = operator.get(f"/api/orders/{order_id}/refunds").json()
    assert operator.post(f"{page}/refunds/{refund['id']}/invoice", data={}).status_code == 303

    newest, oldest = operator.get(f"/api/orders/{order_id}/invoices").json()
    assert (newest["kind"], oldest["kind"]) == ("return_invoice", "invoice")
    assert oldest["totals"] == [["0.08", 3704, 296, 4000]]
    assert oldest["number"] in operator.get(page).text
    pdf = operator.get(f"/shipments/invoices/{oldest['id']}.pdf")
    assert oldest["number"] in "".join(read_pages(pdf.content))
    assert operator.get(f"/api/invoices/{newest['id']}.pdf").headers["content-type"] == "application/pdf"
