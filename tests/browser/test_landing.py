"""A customer's phone opens a code; an operator says where codes lead."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Request
from sqlalchemy import update

from core.auth.roles import Role
from core.db import session_scope
from fulfillment.landing.models import LandingChoice
from tests.browser.conftest import Stage
from tests.factories.fulfillment import RunJobs
from tests.factories.landing import PHONE, choose, list_visits, send_parcel, slip_code

pytestmark = pytest.mark.browser
Check = Callable[[Page], list[str]]
Look = Callable[[Page, str], None]
SHOP = "https://shop.example.jp/"


@pytest.fixture
def phones(stage: Stage) -> Iterator[Callable[..., BrowserContext]]:
    opened: list[BrowserContext] = []

    def take(language: str = "ja-JP", theme: str = "light", *, scripts: bool = True) -> BrowserContext:
        context = stage.chromium.new_context(
            base_url=stage.address,
            viewport={"width": 390, "height": 844},
            locale=language,
            color_scheme="dark" if theme == "dark" else "light",
            user_agent=PHONE,
            java_script_enabled=scripts,
            is_mobile=True,
        )
        opened.append(context)
        return context

    yield take
    for context in opened:
        context.close()


def lead_to(stage: Stage, path: str) -> str:
    """Let the shop's codes lead to a page that a test can reach, which no operator could enter."""
    address = f"{stage.address}{path}"
    choose(stage.shop, address=f"{SHOP}")
    with session_scope([stage.shop.shop_id]) as session:
        session.execute(update(LandingChoice).values(address=address))
    return address


@pytest.mark.parametrize("scripts", [True, False])
def test_a_phone_is_sent_on_by_itself_and_back_again_is_no_second_visit(
    stage: Stage, run_jobs: RunJobs, phones: Callable[..., BrowserContext], scripts: bool
) -> None:
    target = lead_to(stage, "/healthz")
    code = slip_code(stage.shop, send_parcel(stage.shop, run_jobs))
    page = phones(scripts=scripts).new_page()
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)
    page.goto(f"/c/{code}")
    page.wait_for_url(f"{target}?utm_source=parcel&utm_medium=qr&utm_campaign=packing_slip")
    assert len(asked) == 3, "the page, the step, the shop: nothing else is loaded"
    assert all("referer" not in each.all_headers() for each in asked)
    page.goto(f"/c/{code}")
    page.wait_for_url(f"{target}**")
    page.go_back()
    assert len(list_visits(stage.shop)) == 1


@pytest.mark.parametrize(("language", "theme"), [("ja-JP", "light"), ("en-GB", "dark"), ("ja-JP", "dark")])
def test_its_pages_can_be_read_by_everybody(
    stage: Stage,
    run_jobs: RunJobs,
    phones: Callable[..., BrowserContext],
    check_page: Check,
    look: Look,
    language: str,
    theme: str,
) -> None:
    code = slip_code(stage.shop, send_parcel(stage.shop, run_jobs))
    page = phones(language, theme).new_page()
    for name, path, text in (
        ("named", f"/c/{code}", {"ja-JP": "ありがとうございます", "en-GB": "Thank you"}),
        ("unknown", "/c/0000000000001", {"ja-JP": "使われていません", "en-GB": "not in use"}),
    ):
        page.goto(path)
        assert text[language] in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        look(page, f"landing-{name}-{language}-{theme}")
        assert check_page(page) == []


def test_an_operator_says_where_codes_lead(stage: Stage, check_page: Check, look: Look) -> None:
    page = stage.seat(Role.OPERATOR, phone=True)
    page.goto("/landing")
    page.fill("#address", "http://shop.example.jp/")
    page.get_by_role("button", name="保存する").click()
    assert "https:// で始まる" in page.inner_text("#address-error")
    look(page, "landing-choice-refused")
    assert check_page(page) == []
    page.fill("#address", f"{SHOP}welcome")
    page.fill("#expires_after_days", "90")
    page.locator("[data-paper=thank_you_letter] summary").click()
    page.locator("[id='thank_you_letter:campaign']").fill("letter-{month}")
    page.get_by_role("button", name="保存する").click()
    page.wait_for_url("**/landing?done=landing_saved")
    assert "utm_campaign=letter-" in page.inner_text("[data-paper=thank_you_letter] code")
    look(page, "landing-choice")
    assert check_page(page) == []
