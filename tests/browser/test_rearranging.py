"""Splitting and answering a change with mouse and keyboard, in both languages, light and dark, on desk and phone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.auth.roles import Role
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.factories.fulfillment import print_all, publish, take_order
from tests.fulfillment.test_interrupting import WITH_APOLOGY, complain, customer_of

RunJobs = Callable[..., int]


def keep_picture(page: Page, name: str) -> None:
    """Keep what it looks like, where somebody asked for pictures."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_shipment_is_split_on_its_page(stage: Stage, run_jobs: RunJobs) -> None:
    take_order(stage.shop, run_jobs)
    first, _ = take_order(stage.shop, run_jobs)
    page = stage.seat(Role.OPERATOR)
    page.goto(f"/shipments/{first}")
    page.locator("#merge > summary").click()
    page.locator("#split > summary").click()
    keep_picture(page, "shipment-open")
    page.locator("#split input[type=number]").first.fill("1")
    page.get_by_label("分ける理由").fill("一部在庫待ち")
    page.get_by_label("分ける理由").press("Enter")
    expect(page.get_by_text("出荷を2つに分けました。")).to_be_visible()
    keep_picture(page, "split-part")


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
def test_a_change_after_printing_is_answered_on_the_attention_page(
    stage: Stage, run_jobs: RunJobs, language: str, theme: str, phone: bool
) -> None:
    publish(stage.shop.shop_id, WITH_APOLOGY)
    [shipment_id] = take_order(stage.shop, run_jobs)
    print_all(stage.shop, run_jobs)
    complain(stage.shop, customer_of(stage.shop, shipment_id))
    run_jobs()
    page = stage.seat(Role.CUSTOMER_SUCCESS, language=language, theme=theme, phone=phone)
    page.goto("/attention")
    keep_picture(page, f"attention-{language}-{theme}-{'phone' if phone else 'desk'}")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    page.locator(f"#reason-{shipment_id}").fill("電話でお詫び済み")
    page.locator(f"#reason-{shipment_id}").press("Enter")
    expect(page.locator(f"#reason-{shipment_id}")).to_have_count(0)
    page.goto(f"/customers/{customer_of(stage.shop, shipment_id)}")
    page.locator("#complaint > summary").click()
    keep_picture(page, f"customer-{language}-{theme}-{'phone' if phone else 'desk'}")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
