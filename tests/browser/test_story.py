"""The story: a rule is published, an order arrives, papers are printed, wrong scans are refused, the parcel leaves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.auth.roles import Role
from core.db import session_scope
from fulfillment.models import Shipment
from fulfillment.packing.models import UnitKind
from tests.browser.conftest import Stage
from tests.factories.fulfillment import code_of, get_parcel, list_units, make_shipping_shop, take_order
from tests.factories.orders import make_line, make_order

pytestmark = pytest.mark.browser
RunJobs = Callable[..., int]


def scan(page: Page, text: str, outcome: str) -> None:
    """Type as a scanner does, and wait for the bench's word."""
    seen = page.locator("#station").get_attribute("data-scans") or "0"
    page.keyboard.type(text, delay=3)
    page.keyboard.press("Enter")
    expect(page.locator("#station")).to_have_attribute("data-scans", str(int(seen) + 1))
    expect(page.locator("#feedback")).to_have_attribute("data-outcome", outcome)


def publish_rule(page: Page) -> None:
    page.goto("/rules/new")
    page.get_by_role("button", name="条件をつけず、すべての出荷にする").click()
    page.click("#add-action")
    page.get_by_role("combobox").fill("たより")
    page.keyboard.press("Enter")
    page.fill("#name-ja", "季節のたよりを全員に")
    page.fill("#name-en", "The seasonal leaflet for everybody")
    page.click("#finish-rule")
    expect(page.locator("[data-rule]")).to_contain_text("すべての出荷に")
    page.click("#to-publish")
    page.fill("#note", "最初のルール")
    page.click("#publish")
    expect(page.get_by_text("ルールを公開しました。")).to_be_visible()


def print_wave(page: Page, run_jobs: RunJobs) -> str:
    page.goto("/waves")
    page.click("#create-wave")
    page.click("#print-wave")
    expect(page.locator("#wave-progress progress")).to_be_visible()
    run_jobs()
    expect(page.locator("[data-file='papers']")).to_be_visible()
    return page.url.split("?")[0].rsplit("/", 1)[1]


def test_from_the_rule_to_the_timeline(stage: Stage, run_jobs: RunJobs, look: Callable[[Page, str], None]) -> None:
    shop = make_shipping_shop(rules=None)
    stage = Stage(stage.chromium, stage.address, shop, stage.contexts)
    operator = stage.seat(Role.OPERATOR)
    publish_rule(operator)
    look(operator, "story-rules")

    mine = make_order(lines=(make_line(1, sku="SKU-1", quantity=2),))
    other = make_order(external_id="1002", number="#1002", lines=(make_line(1, sku="SKU-2"),))
    take_order(shop, run_jobs, other)
    shipments = take_order(shop, run_jobs, mine)
    wave_id = print_wave(operator, run_jobs)
    look(operator, "story-wave")

    everything = [(parcel, list_units(shop, parcel)) for parcel in (get_parcel(shop, each) for each in shipments)]
    parcels = {unit.sku: parcel for parcel, units in everything for unit in units}
    parcel, stranger = parcels["SKU-1"], parcels["SKU-2"]
    packer = stage.seat(Role.PACKER)
    packer.goto(f"/bench/{wave_id}")
    packer.wait_for_selector("#station[data-ready]")
    scan(packer, "SKU-1", "no_parcel")
    scan(packer, code_of(shop, parcel, UnitKind.SLIP), "parcel_opened")
    look(packer, "story-bench-open")
    scan(packer, "SKU-2", "wrong_item")
    look(packer, "story-bench-wrong")
    scan(packer, code_of(shop, stranger, UnitKind.SLIP), "belongs_to_other_parcel")
    scan(packer, "SKU-1", "accepted")
    scan(packer, code_of(shop, parcel, UnitKind.LABEL), "incomplete")
    scan(packer, "SKU-1", "accepted")
    scan(packer, "SKU-1", "too_many")
    scan(packer, "4900000000016", "accepted")
    scan(packer, code_of(shop, parcel, UnitKind.LABEL), "label_bound")
    look(packer, "story-bench-done")
    expect(packer.locator("#network")).to_have_attribute("data-unsent", "0")

    packer.goto(f"/waves/{wave_id}")
    packer.click("#hand-over")
    expect(packer.get_by_text("運送会社への引き渡しを記録しました。")).to_be_visible()
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        statement = select(Shipment.customer_id).where(Shipment.state == "handed_over")
        customer_id = session.execute(statement).scalar_one()
    desk = stage.seat(Role.CUSTOMER_SUCCESS)
    desk.goto(f"/customers/{customer_id}")
    parcel_moment = desk.locator("#timeline [data-kind='parcel']")
    expect(parcel_moment).to_contain_text("季節のたより × 1")
    expect(parcel_moment).to_contain_text("× 2")
    look(desk, "story-timeline")
