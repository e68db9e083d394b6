"""The screen of the shop and its invoices, and the invoices of a shipment, as they are looked at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from core.auth.roles import Role
from core.db import session_scope
from fulfillment.invoicing.service import issue_invoices
from fulfillment.invoicing.shop_profile import save_profile
from orders.service import record_orders
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.factories.fulfillment import take_order
from tests.factories.orders import make_order, make_refund

pytestmark = pytest.mark.browser
Check = Callable[[Page], list[str]]


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
def test_invoices_can_be_read_and_issued_by_everybody(
    stage: Stage,
    check_page: Check,
    look: Callable[[Page, str], None],
    run_jobs: Callable[..., int],
    language: str,
    theme: str,
    phone: bool,
) -> None:
    shop, order = stage.shop, make_order()
    with session_scope([shop.shop_id]) as session:
        save_profile(session, shop.shop_id, {"registration_number": "T1234567890123", "invoice_form": "qualified"})
    *_, shipment_id = take_order(shop, run_jobs, order)
    with session_scope([shop.shop_id]) as session:
        issue_invoices(session, shop.shop_id, shipment_id)
        record_orders(session, shop.shop_id, [make_refund(order)])
    page = stage.seat(Role.OPERATOR, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}
    for path in ("/shop", f"/shipments/{shipment_id}"):
        page.goto(path)
        look(page, f"{language}-{theme}{'-phone' if phone else ''}-{path.split('/')[1]}")
        found |= {path: problems} if (problems := check_page(page)) else {}
    assert found == {}
