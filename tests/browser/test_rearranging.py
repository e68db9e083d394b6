"""Splitting with mouse and keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.auth.roles import Role
from tests.browser.conftest import Stage
from tests.factories.fulfillment import take_order

RunJobs = Callable[..., int]


def test_a_shipment_is_split_on_its_page(stage: Stage, run_jobs: RunJobs, look: Callable[[Page, str], None]) -> None:
    take_order(stage.shop, run_jobs)
    first, _ = take_order(stage.shop, run_jobs)
    page = stage.seat(Role.OPERATOR)
    page.goto(f"/shipments/{first}")
    page.locator("#merge > summary").click()
    page.locator("#split > summary").click()
    look(page, "shipment-open")
    page.locator("#split input[type=number]").first.fill("1")
    page.get_by_label("分ける理由").fill("一部在庫待ち")
    page.get_by_label("分ける理由").press("Enter")
    expect(page.get_by_text("出荷を2つに分けました。")).to_be_visible()
    look(page, "shipment-split")
