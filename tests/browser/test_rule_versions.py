"""The pages after the draft in a real browser: no violation in any state, and two people by keyboard."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from core import clock
from core.auth.roles import Role
from core.db import session_scope
from core.ids import new_id
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.publishing import find_live_version, find_ruleset, save_draft
from personalization.versions import service
from personalization.versions.moments import show_moment
from personalization.versions.service import Person
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.factories.fulfillment import RULES

pytestmark = pytest.mark.browser
Check = Callable[[Page], list[str]]
ANOTHER = Person(new_id(), "架空 花子")
TOTAL = {"fact": "order.total", "op": "at_least", "value": 5000}
LEAFLET = {"do": "enclose", "insert": "leaflet"}


def edit(stage: Stage, *further: dict[str, Any], **changes: Any) -> int:
    """Save a draft: the one rule changed, and further ones."""
    with session_scope([stage.shop.shop_id]) as session:
        kept = find_ruleset(session, stage.shop.shop_id)
        seen = kept.draft_version if kept else 0
        document = {**RULES, "rules": [{**RULES["rules"][0], **changes}, *further]}
        return save_draft(session, stage.shop.shop_id, document, seen_version=seen, author="架空 花子")


def make_rule(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": {"ja": name, "en": key}, "when": TOTAL, "then": [LEAFLET], **more}


def do(stage: Stage, act: Callable[..., Any], *given: Any, **more: Any) -> Any:
    with session_scope([stage.shop.shop_id]) as session:
        catalogue = load_rule_catalogue(session, stage.shop.shop_id)
        return act(session, stage.shop.shop_id, *given, catalogue, **more)


def prepare(stage: Stage) -> list[str]:
    """Bring about every state of a release; returns the pages."""
    seen = edit(stage, make_rule("large", "高額のお礼"), enabled=False)
    do(stage, service.publish_draft, person=ANOTHER, note="高額のお礼を追加", seen_draft=seen)
    later = clock.now() + timedelta(days=3)
    pages = ["/rules/versions", "/rules/versions/1", "/rules/versions/2"]
    seen = edit(stage, make_rule("winter", "冬のたより", valid={"until": "2020-01-01"}))
    scheduled = do(stage, service.submit_draft, person=ANOTHER, note="冬の入替", seen_draft=seen, publish_at=later)
    pages.append(f"/rules/releases/{scheduled.id}")
    edit(stage, make_rule("spring", "春のたより"), make_rule("twin", "春のたより"))
    pages.append("/rules/publish")
    return pages


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.timeout(300)
def test_no_page_after_the_draft_has_a_violation(
    stage: Stage, check_page: Check, look: Callable[[Page, str], None], language: str, theme: str, phone: bool
) -> None:
    pages = prepare(stage)
    page = stage.seat(Role.OPERATOR, Role.ADMINISTRATOR, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}

    def view(path: str, name: str) -> None:
        page.goto(path)
        look(page, f"versions-{language}-{theme}{'-phone' if phone else ''}-{name}")
        found.update({path: problems} if (problems := check_page(page)) else {})

    for number, path in enumerate(pages):
        view(path, str(number))
    # A version from elsewhere overtakes what was scheduled; a submission waits for a second person.
    seen = edit(stage, make_rule("fix", "急ぎの修正"))
    do(stage, service.publish_draft, person=ANOTHER, note="急ぎの修正", seen_draft=seen)
    view(pages[3], "overtaken")
    with session_scope([stage.shop.shop_id]) as session:
        service.set_approval(session, stage.shop.shop_id, True)
    seen = edit(stage, make_rule("spring", "春のたより"))
    waiting = do(stage, service.submit_draft, person=ANOTHER, note="春の入替", seen_draft=seen)
    view(f"/rules/releases/{waiting.id}", "waiting")
    view("/rules/publish", "by-two")
    view("/rules/versions", "by-two-versions")
    assert found == {}


def test_two_people_publish_together_by_keyboard(stage: Stage) -> None:
    with session_scope([stage.shop.shop_id]) as session:
        service.set_approval(session, stage.shop.shop_id, True)
    edit(stage, make_rule("large", "高額のお礼"))
    author = stage.seat(Role.OPERATOR)
    author.goto("/rules/publish")
    author.locator("#note").fill("高額のお礼を追加")
    author.locator("#publish").focus()
    author.keyboard.press("Enter")
    author.wait_for_url("**/rules/releases/**")
    address = author.url.partition("?")[0]
    assert author.locator("#approve").count() == 0
    colleague = stage.seat(Role.OPERATOR)
    colleague.goto(address)
    assert "高額のお礼" in colleague.locator("#changes").inner_text()
    colleague.locator("#approve").focus()
    colleague.keyboard.press("Enter")
    colleague.wait_for_url("**done=published")
    with session_scope([stage.shop.shop_id]) as session:
        live = find_live_version(session, stage.shop.shop_id)
        assert live is not None
        assert [rule["key"] for rule in live.document["rules"]] == ["letter-and-leaflet", "large"]


def test_a_moment_is_chosen_and_taken_back(stage: Stage) -> None:
    edit(stage, make_rule("large", "高額のお礼"))
    page = stage.seat(Role.OPERATOR)
    page.goto("/rules/publish")
    page.get_by_label("日時を決める").check()
    page.locator("#at").fill(show_moment(clock.now() + timedelta(days=1), ZoneInfo("Asia/Tokyo")))
    page.locator("#publish").click()
    page.wait_for_url("**done=scheduled")
    assert "予約済み" in page.locator(".page-head").inner_text()
    page.locator("#cancel").click()
    page.wait_for_url("**done=release_cancelled")
    assert "取り消し" in page.locator(".page-head").inner_text()
