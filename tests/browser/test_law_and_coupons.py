"""The screens of coupons and of the tables of law, as they are looked at: day and night, desk and phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from core.auth.roles import Role
from core.db import session_scope
from personalization.coupons.service import save_series
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS

pytestmark = pytest.mark.browser
Check = Callable[[Page], list[str]]
PAGES = ("/law", "/law/services/yamato_nekopos", "/coupons", "/coupons/new", "/coupons/winter")
SERIES = {
    "key": "winter",
    "title": {"ja": "次回のお買い物で", "en": "On your next order"},
    "value": {"ja": "500円引き", "en": "¥500 off"},
    "source": "pool",
    "valid_days": 60,
}


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
def test_the_tables_can_be_read_and_filled_by_everybody(
    stage: Stage, check_page: Check, look: Callable[[Page, str], None], language: str, theme: str, phone: bool
) -> None:
    with session_scope([stage.shop.shop_id]) as session:
        save_series(session, stage.shop.shop_id, SERIES)
    page = stage.seat(Role.OPERATOR, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details.more').forEach(each => each.open = true)")
        look(page, f"{language}-{theme}{'-phone' if phone else ''}{path.replace('/', '_')}")
        found |= {path: problems} if (problems := check_page(page)) else {}
    assert found == {}


def test_codes_are_uploaded_and_every_line_is_accounted_for(stage: Stage) -> None:
    with session_scope([stage.shop.shop_id]) as session:
        save_series(session, stage.shop.shop_id, SERIES)
    page = stage.seat(Role.OPERATOR)
    page.goto("/coupons/winter")
    page.fill("#codes", "AAA-1\nAAA-2\naaa-1")
    page.locator("form[action='/coupons/winter/codes'] button").click()
    page.get_by_text("2件を加えました。重複 1件").wait_for()
