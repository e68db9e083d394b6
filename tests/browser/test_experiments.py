"""An experiment in a real browser: planned with its size in sight, started, read, ended; axe-core is content."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from core import clock
from core.auth.roles import Role
from core.db import session_scope
from personalization.experiments.assigning import HELD_OUT
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.personalization.experiments.plans import make_groups

pytestmark = pytest.mark.browser
Check = Callable[[Page], list[str]]
Look = Callable[[Page, str], None]


def fill_plan(page: Page) -> None:
    page.goto("/experiments/new/plan")
    entries = {"name-ja": "お茶の試供品", "name-en": "Tea sample", "key": "tea-sample", "arm-0-key": "sample"}
    entries |= {"arm-0-ja": "試供品", "arm-0-en": "Sample", "baseline": "30", "smallest_effect": "8"}
    entries |= {"window_days": "14", "question": "お茶の試供品を入れると、14日以内の再購入は増えるか。"}
    for name, value in entries.items():
        page.fill(f"#{name}", value)
    page.select_option("#arm-0-insert", "leaflet")


def run_for_three_weeks(stage: Stage) -> None:
    """Let customers come over 20 days, longer ago than their window; 45 of 100 come back, 30 of those held out."""
    shop_id = stage.shop.shop_id
    start = clock.now() - timedelta(days=40)
    with session_scope([shop_id]) as session:
        session.execute(text("UPDATE experiments SET started_at = :at"), {"at": start})
    for day in range(20):
        groups = {"sample": (40, 18 + day % 2), HELD_OUT: (40, 12 - day % 2)}
        make_groups(shop_id, start + timedelta(days=day), "tea-sample", groups)


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.timeout(240)
def test_an_experiment_from_plan_to_end(
    stage: Stage, check_page: Check, look: Look, language: str, theme: str, phone: bool
) -> None:
    page = stage.seat(Role.OPERATOR, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}

    def see(name: str) -> None:
        page.evaluate("document.querySelectorAll('details.more').forEach(each => each.open = true)")
        look(page, f"experiment-{name}-{language}-{theme}{'-phone' if phone else ''}")
        found[name] = check_page(page)

    page.goto("/experiments")
    see("empty")
    fill_plan(page)
    expect(page.locator("#plan-size[data-size]:not([data-size=''])")).to_be_visible()
    see("plan")
    page.locator("#plan button.primary").click()
    page.wait_for_url("**/experiments/tea-sample*")
    see("draft")
    page.locator("form[action$='/start'] button").click()
    expect(page.locator("#verdict")).to_have_attribute("data-may-stop", "false")
    see("started")
    run_for_three_weeks(stage)
    page.goto("/experiments/tea-sample")
    expect(page.locator("#verdict")).to_have_attribute("data-may-stop", "true")
    expect(page.locator("svg.chart")).to_be_visible()
    see("result")
    page.select_option("#winner", "sample")
    page.fill("#note", "14日の再購入が増えた")
    page.locator("form[action$='/end'] button").click()
    expect(page.locator("#winner")).to_have_count(0)
    see("ended")
    for path, name in (("/experiments", "list"), ("/experiments/costs/table", "costs")):
        page.goto(path)
        see(name)
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_a_plan_is_written_by_keyboard_alone(stage: Stage) -> None:
    page = stage.seat(Role.OPERATOR)
    page.goto("/experiments/new/plan")
    page.focus("#name-ja")
    for text_ in ("試供品", "Sample", "by-keyboard"):
        page.keyboard.insert_text(text_)
        page.keyboard.press("Tab")
    for name, value in (("arm-0-ja", "あり"), ("arm-0-en", "With"), ("baseline", "30"), ("smallest_effect", "5")):
        page.focus(f"#{name}")
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/experiments/by-keyboard*")
    expect(page.locator("h1")).to_have_text("試供品")
