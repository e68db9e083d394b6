"""The rule editor in a real browser: built by keyboard and mouse, saved by itself, shared by two, undone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.auth.roles import Role
from tests.browser.conftest import Stage

pytestmark = pytest.mark.browser
Look = Callable[[Page, str], None]


def open_editor(page: Page, path: str = "/rules") -> None:
    page.goto(path)
    page.wait_for_selector("#rule-editor[data-ready]")


def wait_saved(page: Page) -> None:
    expect(page.locator("#rule-standing")).to_have_attribute("data-standing", "saved")


def add_condition(page: Page, words: str, value: str = "") -> None:
    """By keyboard alone: open the catalogue, type, take the first, type its value."""
    page.locator("[data-add-condition]").first.press("Enter")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    if value:
        page.keyboard.type(value)
    page.keyboard.press("Enter")


def add_action(page: Page, words: str) -> None:
    page.locator("#add-action").press("Enter")
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def test_a_rule_of_three_conditions_is_built(stage: Stage, look: Look) -> None:
    page = stage.seat(Role.OPERATOR)
    open_editor(page)
    look(page, "rules-list")
    page.click("#new-rule")
    look(page, "rules-new")
    page.locator("[data-add-condition]").first.press("Enter")
    look(page, "rules-facts")
    page.keyboard.press("Escape")
    add_condition(page, "なんかいめ", "1")
    add_condition(page, "注文金額", "5000")
    look(page, "rules-two")
    page.locator("[data-add-condition]").first.press("Enter")
    page.keyboard.type("gift")
    page.keyboard.press("Enter")
    look(page, "rules-boolean")
    page.get_by_role("button", name="当てはまらない").first.click()
    page.locator("#add-action").press("Enter")
    look(page, "rules-actions")
    page.keyboard.press("Escape")
    add_action(page, "たより")
    wait_saved(page)
    page.wait_for_timeout(1500)
    look(page, "rules-built")
