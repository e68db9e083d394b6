"""A new colleague of customer success finds out why a parcel had no sample; by hand, on a phone, in the dark."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.auth.roles import Role
from core.db import session_scope
from fulfillment.models import Shipment
from personalization.inserts import save_inserts
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.factories.fulfillment import LEAFLET, RULES, print_all, publish, take_order
from tests.factories.orders import make_order

pytestmark = pytest.mark.browser
RunJobs = Callable[..., int]
Look = Callable[[Page, str], None]
Check = Callable[[Page], list[str]]
SAMPLE: dict[str, Any] = {
    **LEAFLET,
    "key": "tea-sample",
    "name": {"ja": "緑茶のお試し", "en": "Tea tester"},
    "kind": "sample",
    "gtin": "4900000000023",
}
FEW: dict[str, Any] = {
    "key": "sample-for-fans",
    "name": {"ja": "常連のお客様へ", "en": "For regulars"},
    "when": {
        "all": [
            {"fact": "order.total", "op": "at_least", "value": 1},
            {"fact": "customer.order_count", "op": "equals", "value": 0},
        ]
    },
    "then": [{"do": "enclose", "insert": "tea-sample"}],
}


def prepare(stage: Stage, run_jobs: RunJobs) -> list[UUID]:
    """Two orders of one customer, the second of which is no first one any more."""
    with session_scope([stage.shop.shop_id]) as session:
        save_inserts(session, stage.shop.shop_id, [LEAFLET, {**SAMPLE, "stocked": False}])
    publish(stage.shop.shop_id, {**RULES, "rules": [*RULES["rules"], FEW]})
    take_order(stage.shop, run_jobs)
    first = make_order()
    later = make_order(external_id="1002", number="#1002", placed_at=first.placed_at + timedelta(hours=1))
    return take_order(stage.shop, run_jobs, later)


def test_why_a_parcel_had_no_sample_is_found_from_the_customer(stage: Stage, run_jobs: RunJobs, look: Look) -> None:
    _, second = prepare(stage, run_jobs)
    with session_scope([stage.shop.shop_id]) as session:
        customer_id = session.scalar(select(Shipment.customer_id).where(Shipment.id == second))
    page = stage.seat(Role.CUSTOMER_SUCCESS)
    page.goto(f"/customers/{customer_id}")
    page.locator(f"a[href='/shipments/{second}/why']").click()
    page.fill("#why-q", "試供品")
    page.keyboard.press("Enter")
    verdict = page.locator("#why-answer [data-rule='sample-for-fans']")
    expect(verdict).to_contain_text("条件は「これまでの注文回数が0回である」ですが、実際は 1回")
    expect(page.locator("#why-answer [data-rule='letter-and-leaflet']")).to_have_count(0)
    verdict.locator("details.small > summary").click()
    record = verdict.locator("tr[data-event='purchase']")
    expect(record).to_have_count(1)
    expect(record.locator("time")).to_have_count(3)
    look(page, "why-answer")


def test_the_parcel_answers_without_leaving_it(stage: Stage, run_jobs: RunJobs, look: Look) -> None:
    _, second = prepare(stage, run_jobs)
    page = stage.seat(Role.CUSTOMER_SUCCESS)
    page.goto(f"/shipments/{second}")
    expect(page.locator("#decision [data-rule='sample-for-fans'] .why-not")).to_be_visible()
    page.fill("#why-q", "お試し")
    page.get_by_role("button", name="しらべる").click()
    expect(page.locator("#why-answer [data-outcome]")).to_have_count(1)
    assert page.url.endswith(str(second))
    look(page, "why-on-parcel")


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.timeout(300)
def test_the_pages_have_no_violation(
    stage: Stage, run_jobs: RunJobs, check_page: Check, look: Look, language: str, theme: str, phone: bool
) -> None:
    first, second = prepare(stage, run_jobs)
    print_all(stage.shop, run_jobs)
    with session_scope([stage.shop.shop_id]) as session:
        customer_id = session.scalar(select(Shipment.customer_id).where(Shipment.id == first))
    page = stage.seat(Role.CUSTOMER_SUCCESS, Role.OPERATOR, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}
    for path in (
        f"/shipments/{second}/why",
        f"/shipments/{second}/why?q=tea",
        f"/shipments/{second}/why?q=nothing-like-it",
        "/rules/figures",
        "/rules/figures/letter-and-leaflet",
        "/what-if?q=a",
        f"/what-if?customer={customer_id}",
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details.more').forEach(each => each.open = true)")
        name = path.replace(str(second), "S").replace(str(customer_id), "C").replace("/", "_")
        look(page, f"{language}-{theme}{'-phone' if phone else ''}{name}")
        found |= {path: problems} if (problems := check_page(page)) else {}
    page.fill("#goods-0", "SKU-1")
    page.click("#ask")
    expect(page.locator("#what-if-answer [data-rule]")).to_have_count(2)
    look(page, f"{language}-{theme}{'-phone' if phone else ''}_what-if-answer")
    found |= {"answer": problems} if (problems := check_page(page)) else {}
    assert found == {}
