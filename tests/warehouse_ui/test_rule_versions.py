"""After the draft, on the screen: published, scheduled, approved by a second person, and back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core import clock
from core.auth.roles import Role
from core.db import session_scope
from fulfillment.rule_releases import enqueue_due_releases, publish_due
from personalization.publishing import find_live_version, save_draft
from personalization.versions.moments import show_moment
from personalization.versions.queries import list_history
from tests.browsing import Browser
from tests.factories.fulfillment import RULES, make_shipping_shop
from tests.warehouse_ui.conftest import Place
from warehouse_ui.rules.draft import load_draft

pytestmark = pytest.mark.usefixtures("database")
TOKYO = ZoneInfo("Asia/Tokyo")


def edit(place: Place, **changes: Any) -> int:
    """Change the one rule in the draft; returns the draft's version."""
    with session_scope([place.shop_id]) as session:
        seen = load_draft(session, place.shop_id).version
        document = {**RULES, "rules": [{**RULES["rules"][0], **changes}]}
        return save_draft(session, place.shop_id, document, seen_version=seen, author="Hana")


def live_rule(place: Place) -> dict[str, Any]:
    with session_scope([place.shop_id]) as session:
        live = find_live_version(session, place.shop_id)
        assert live is not None
        found: dict[str, Any] = live.document["rules"][0]
        return found


def field(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def require_approval(place: Place) -> None:
    administrator = place.sit(Role.ADMINISTRATOR)
    assert administrator.post("/rules/approval", data={"required": "true"}).status_code == 303


def submit(place: Place, browser: Browser, **more: str) -> str:
    """Submit a changed draft; returns the address of the release."""
    seen = edit(place, enabled=False)
    answer = browser.post("/rules/publish", data={"seen": str(seen), "note": "止める", **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


def test_the_page_says_what_would_change_before_it_is_published(place: Place, operator: Browser) -> None:
    seen = edit(place, enabled=False)
    page = operator.get("/rules/publish").text
    assert "使うかどうかを 使う から 使わない に変えました" in page
    assert field(page, "seen") == str(seen)
    answer = operator.post("/rules/publish", data={"seen": str(seen), "note": "止める"})
    assert answer.headers["location"] == "/rules?done=published"
    assert live_rule(place)["enabled"] is False
    assert "変わるところはありません" in operator.get("/rules/publish").text
    history = operator.get("/rules/versions").text
    assert "止める" in history
    assert "変更 1" in history
    assert "使うかどうかを" in operator.get("/rules/versions/2").text


def test_a_mistake_is_named_at_its_rule_and_nothing_is_published(place: Place, operator: Browser) -> None:
    seen = edit(place, then=[{"do": "enclose", "insert": "gone"}])
    page = operator.get("/rules/publish")
    assert "間違いがあるので、まだ公開できません。" in page.text
    assert 'id="publish"' not in page.text
    answer = operator.post("/rules/publish", data={"seen": str(seen)})
    assert answer.status_code == 422
    assert live_rule(place)["then"][0]["insert"] == "leaflet"


def test_what_a_colleague_would_say_stands_beside_the_changes(place: Place, operator: Browser) -> None:
    edit(place, valid={"until": "2020-01-01"})
    assert "このルールは今日から先は動きません。" in operator.get("/rules/publish").text
    operator.cookies.set("soegaki_language", "en")
    assert "From today on this rule cannot match." in operator.get("/rules/publish").text


def test_who_looked_at_an_older_draft_is_told(place: Place, operator: Browser) -> None:
    seen = edit(place, enabled=False)
    edit(place, group="g")
    answer = operator.post("/rules/publish", data={"seen": str(seen), "note": "わたしの説明"})
    assert answer.status_code == 422
    assert "ほかの人が先に下書きを保存しました" in answer.text
    assert "わたしの説明" in answer.text  # Nothing that was entered is lost.


def test_rules_are_scheduled_in_the_shops_time_and_cancelled(place: Place, operator: Browser) -> None:
    moment = clock.now() + timedelta(days=2)
    address = submit(place, operator, when="later", at=show_moment(moment, TOKYO))
    page = operator.get(address).text
    assert "予約済み" in page
    assert moment.astimezone(TOKYO).strftime("%Y/%m/%d %H:%M") in page
    assert "enabled" not in live_rule(place)
    edit(place, group="g")
    assert "予約済みの公開があります" in operator.get("/rules/publish").text
    assert operator.post(f"{address}/cancel").status_code == 303
    assert "取り消し" in operator.get(address).text
    again = operator.post(f"{address}/cancel")
    assert again.status_code == 409
    assert "ほかの人が先に処理しました" in again.text


def test_a_moment_that_cannot_be_is_refused_and_what_was_entered_stays(place: Place, operator: Browser) -> None:
    seen = edit(place, enabled=False)
    for at in ("", "2020-01-01T09:00"):
        answer = operator.post("/rules/publish", data={"seen": str(seen), "note": "冬", "when": "later", "at": at})
        assert answer.status_code == 422
        assert "その日時は使えません" in answer.text
        assert "冬" in answer.text


def test_a_second_person_approves_and_nobody_their_own(place: Place, operator: Browser) -> None:
    require_approval(place)
    edit(place, group="g")
    assert "承認を依頼する" in operator.get("/rules/publish").text
    address = submit(place, operator)
    own = operator.get(address).text
    assert 'id="approve"' not in own
    digest = {"digest": "00"}
    assert operator.post(f"{address}/approve", data=digest).status_code == 409
    colleague = place.sit(Role.OPERATOR)
    page = colleague.get(address).text
    assert "使うかどうかを 使う から 使わない に変えました" in page
    sent = {"digest": field(page, "digest"), "seen_live": field(page, "seen_live")}
    assert colleague.post(f"{address}/approve", data=sent).headers["location"].endswith("?done=published")
    assert live_rule(place)["enabled"] is False
    assert "承認:" in colleague.get("/rules/versions").text


def test_what_is_sent_back_shows_its_note_to_the_author(place: Place, operator: Browser) -> None:
    require_approval(place)
    address = submit(place, operator)
    colleague = place.sit(Role.OPERATOR)
    assert colleague.post(f"{address}/send-back", data={"note": " "}).status_code == 409
    assert colleague.post(f"{address}/send-back", data={"note": "文面を短く"}).status_code == 303
    assert "文面を短く" in operator.get(address).text
    assert "差し戻し" in operator.get("/rules/versions").text


def test_what_is_refused_at_its_moment_says_why(place: Place, operator: Browser) -> None:
    moment = clock.now() + timedelta(days=1)
    address = submit(place, operator, when="later", at=show_moment(moment, TOKYO))
    with session_scope([place.shop_id]) as session:
        session.connection().exec_driver_sql("UPDATE inserts SET active = false")
    with clock.freeze(moment + timedelta(minutes=1)), session_scope([place.shop_id]) as session:
        assert [release.state for release in publish_due(session, place.shop_id)] == ["refused"]
    assert "公開できませんでした" in operator.get("/attention").text
    page = operator.get(address).text
    assert "予約の日時に間違いが見つかり、公開しませんでした。" in page
    assert "leaflet" in page
    assert operator.post(f"{address}/cancel").status_code == 303
    assert "公開できませんでした" not in operator.get("/attention").text
    assert "公開を待つもの" not in operator.get("/rules/versions").text


def test_the_keeper_and_a_worker_publish_what_is_due_once(
    place: Place, operator: Browser, run_jobs: Callable[..., int]
) -> None:
    moment = clock.now() + timedelta(hours=1)
    submit(place, operator, when="later", at=show_moment(moment, TOKYO))
    enqueue_due_releases()
    run_jobs()
    assert "enabled" not in live_rule(place)
    with clock.freeze(moment + timedelta(minutes=1)):
        enqueue_due_releases()
        enqueue_due_releases()
        run_jobs()
        enqueue_due_releases()
        run_jobs()
    assert live_rule(place)["enabled"] is False
    with session_scope([place.shop_id]) as session:
        assert [entry.number for entry in list_history(session, place.shop_id)] == [2, 1]


def test_one_click_goes_back_and_one_can_come_forward_again(place: Place, operator: Browser) -> None:
    seen = edit(place, enabled=False)
    operator.post("/rules/publish", data={"seen": str(seen)})
    page = operator.get("/rules/versions/1").text
    assert "第1版に戻すと変わること" in page
    assert operator.post("/rules/versions/1/roll-back", data={"seen_live": "1"}).status_code == 409
    answer = operator.post("/rules/versions/1/roll-back", data={"seen_live": field(page, "seen_live")})
    assert answer.headers["location"] == "/rules/versions?done=rolled_back"
    assert "enabled" not in live_rule(place)
    assert "第1版に戻しました" in operator.get("/rules/versions").text


def test_an_earlier_version_is_taken_as_draft_unless_somebody_saved_meanwhile(place: Place, operator: Browser) -> None:
    seen = edit(place, enabled=False)
    operator.post("/rules/publish", data={"seen": str(seen)})
    page = operator.get("/rules/versions/1").text
    kept = field(page, "seen")
    edit(place, group="g")
    assert operator.post("/rules/versions/1/restore", data={"seen": kept}).status_code == 409
    kept = field(operator.get("/rules/versions/1").text, "seen")
    assert operator.post("/rules/versions/1/restore", data={"seen": kept}).status_code == 303
    assert "enabled" not in load_rules_of_draft(place)[0]


def load_rules_of_draft(place: Place) -> list[dict[str, Any]]:
    with session_scope([place.shop_id]) as session:
        return load_draft(session, place.shop_id).rules


@pytest.mark.parametrize("path", ["/rules/publish", "/rules/versions", "/rules/versions/1"])
def test_the_pages_are_for_operators_of_this_shop(place: Place, path: str) -> None:
    assert place.sit(Role.PACKER).get(path).status_code == 403
    assert place.sit(Role.OPERATOR, language="en").get(path).status_code == 200


def test_only_an_administrator_switches_approval_and_another_shop_sees_nothing(place: Place, operator: Browser) -> None:
    assert operator.post("/rules/approval", data={"required": "true"}).status_code == 403
    require_approval(place)
    address = submit(place, operator)
    stranger = Place(place.app, type(place.shop)(*_another_shop())).sit(Role.OPERATOR)
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}/cancel").status_code == 404


def _another_shop() -> tuple[Any, Any]:

    shop = make_shipping_shop()
    return shop.shop_id, shop.warehouse_id
