"""A draft is tried on past shipments in a real browser: started, stopped, read down to one shipment."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.auth.roles import Role
from core.db import session_scope
from personalization.publishing import save_draft
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.factories.fulfillment import RULES, take_order
from tests.factories.orders import make_order
from warehouse_ui.rules.draft import load_draft

pytestmark = pytest.mark.browser
RunJobs = Callable[..., int]
Look = Callable[[Page, str], None]
Check = Callable[[Page], list[str]]


def prepare(stage: Stage, run_jobs: RunJobs) -> None:
    """Two shipments, and a draft that encloses no leaflet any more."""
    take_order(stage.shop, run_jobs)
    take_order(stage.shop, run_jobs, make_order(external_id="1002", number="#1002"))
    shop_id, rule = stage.shop.shop_id, RULES["rules"][0]
    letter = [action for action in rule["then"] if action["do"] == "letter"]
    with session_scope([shop_id]) as session:
        seen = load_draft(session, shop_id).version
        document = {**RULES, "rules": [{**rule, "then": letter}]}
        save_draft(session, shop_id, document, seen_version=seen, author="Hana")


def start(page: Page) -> None:
    page.goto("/rules/backtests/new")
    page.fill("#first", "2020-01-01")
    page.fill("#last", "2100-01-01")
    page.fill("#note", "たよりをやめたら")
    page.click("#start-backtest")


def test_a_draft_is_tried_and_read_down_to_one_shipment(stage: Stage, run_jobs: RunJobs, look: Look) -> None:
    prepare(stage, run_jobs)
    page = stage.seat(Role.OPERATOR)
    start(page)
    expect(page.locator("#backtest-progress")).to_have_attribute("data-state", "queued")
    look(page, "backtest-progress")
    run_jobs()
    # The page looks again by itself and opens the result.
    expect(page.locator("[data-change='lost'] .figure-number")).to_have_text("2")
    look(page, "backtest-result")
    page.select_option("#filter-change", "gained")
    expect(page.locator("#changes .empty")).to_be_visible()
    # What was put in answers some milliseconds later; nobody chooses as soon as that.
    expect(page.locator("#changes.htmx-settling, #changes.htmx-added")).to_have_count(0)
    page.select_option("#filter-change", "lost")
    expect(page.locator("#changes tr[data-shipment]")).to_have_count(2)
    page.locator("#changes a.row-link").first.click()
    expect(page.locator("#side-live")).to_contain_text("「季節のたより」を1点同梱")
    expect(page.locator("#side-draft")).not_to_contain_text("「季節のたより」を1点同梱")
    look(page, "backtest-shipment")


def test_a_trial_is_stopped(stage: Stage, run_jobs: RunJobs) -> None:
    prepare(stage, run_jobs)
    page = stage.seat(Role.OPERATOR)
    start(page)
    page.get_by_role("button", name="やめる").click()
    expect(page.locator("#backtest-progress")).to_have_attribute("data-state", "cancelled")


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.timeout(300)
def test_the_pages_have_no_violation(
    stage: Stage, run_jobs: RunJobs, check_page: Check, look: Look, language: str, theme: str, phone: bool
) -> None:
    prepare(stage, run_jobs)
    page = stage.seat(Role.OPERATOR, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}

    def check(name: str) -> None:
        page.evaluate("document.querySelectorAll('details.more').forEach(each => each.open = true)")
        look(page, f"{language}-{theme}{'-phone' if phone else ''}_backtest-{name}")
        if problems := check_page(page):
            found[name] = problems

    page.goto("/rules/backtests")
    check("none")
    page.goto("/rules/backtests/new")
    check("new")
    start(page)
    expect(page.locator("#backtest-progress")).to_be_visible()
    check("progress")
    run_jobs()
    expect(page.locator("#backtest-figures")).to_be_visible()
    check("result")
    page.locator("#changes a.row-link").first.click()
    expect(page.locator("#side-live")).to_be_visible()
    check("shipment")
    page.goto("/rules/backtests")
    check("list")
    assert found == {}
