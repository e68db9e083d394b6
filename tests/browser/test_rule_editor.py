"""The rule editor in a real browser: built by keyboard and mouse, saved by itself, shared by two, undone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from core.auth.roles import Role
from core.db import session_scope
from personalization.publishing import find_live_version
from tests.browser.conftest import Stage
from warehouse_ui.rules.draft import load_draft

pytestmark = pytest.mark.browser
Look = Callable[[Page, str], None]
Check = Callable[[Page], list[str]]
TWO = {
    "format": 1,
    "rules": [
        {
            "key": key,
            "name": {"ja": name, "en": name},
            "when": {"all": [{"fact": "order.total", "op": "at_least", "value": 1000 * number}]},
            "then": [{"do": "tag", "tag": key}],
        }
        for number, (key, name) in enumerate([("first", "はじめ"), ("second", "つぎ")], start=1)
    ],
}


def open_editor(page: Page, path: str = "/rules") -> None:
    page.goto(path)
    page.wait_for_selector("#rule-editor[data-ready]")


def wait_saved(page: Page) -> None:
    expect(page.locator("#rule-standing")).to_have_attribute("data-standing", "saved")


def add_condition(page: Page, words: str, value: str = "", group: int = -1) -> None:
    """By keyboard alone: open the catalogue, type, take the first; its value is asked for at once."""
    page.locator("[data-add-condition]").nth(group).press("Enter")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator(".rule-operators")).to_be_visible()
    page.keyboard.type(value)
    page.keyboard.press("Enter")
    if page.locator(".rule-panel .rule-chosen").count():  # of several one is chosen; a further Enter says: enough
        expect(page.locator(".rule-tag")).to_have_count(1)
        page.keyboard.press("Enter")
    expect(page.locator(".rule-panel")).to_have_count(0)


def add_action(page: Page, words: str) -> None:
    page.locator("#add-action").press("Enter")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def rows(page: Page) -> Locator:
    return page.locator("[data-move='condition'] .rule-sentence")


def read_draft(stage: Stage) -> list[dict[str, Any]]:
    with session_scope([stage.shop.shop_id]) as session:
        return load_draft(session, stage.shop.shop_id).rules


def write_draft(page: Page, document: dict[str, Any]) -> None:
    """As another editor's browser would."""
    version = page.request.get("/rules/draft").json()["version"]
    token = page.locator("#rule-editor").get_attribute("data-csrf") or ""
    page.request.post("/rules/draft", data={"document": document, "seen": version}, headers={"X-CSRF-Token": token})


def test_a_rule_of_three_conditions_is_built_and_published(stage: Stage, look: Look) -> None:
    page = stage.seat(Role.OPERATOR)
    open_editor(page)
    page.click("#new-rule")
    add_condition(page, "なんかいめ", "1")
    add_condition(page, "注文金額", "5000")
    page.locator("[data-add-condition]").click()
    page.get_by_role("combobox").fill("gift")
    page.get_by_role("option", name="ギフト注文").click()
    page.locator(".rule-two [data-value='false']").click()
    first, second = "注文回数(今回を含む)が1回である", "かつ注文金額(税込・送料込み)が5,000円以上"
    expect(rows(page)).to_have_text([first, second, "かつギフト注文に当てはまらない"])
    add_action(page, "たより")
    expect(page.locator("[data-action='enclose']")).to_contain_text("季節のたよりを1個入れる")
    page.locator("[data-focus='option:limits']").click()
    page.keyboard.press("Enter")
    page.locator(".rule-panel .primary").click()
    expect(page.locator("[data-focus='option:limits.0']")).to_have_text("1人のお客様に1回だけ")
    wait_saved(page)
    look(page, "rules-built")
    [_, built] = read_draft(stage)
    assert built["when"]["all"] == [
        {"fact": "customer.nth_order", "op": "equals", "value": 1},
        {"fact": "order.total", "op": "at_least", "value": 5000},
        {"fact": "order.is_gift", "op": "equals", "value": False},
    ]
    assert built["name"] == {"ja": "季節のたよりを入れる", "en": "Enclose Seasonal leaflet"}
    page.click("#to-publish")
    page.fill("#note", "初回の高額注文に")
    page.click("#publish")
    page.wait_for_url("**/rules?done=**")
    with session_scope([stage.shop.shop_id]) as session:
        live = find_live_version(session, stage.shop.shop_id)
        assert live is not None
        assert live.document["rules"][1] == built


def test_groups_are_nested_moved_and_wrapped_by_keyboard(stage: Stage, look: Look) -> None:
    page = stage.seat(Role.OPERATOR)
    open_editor(page, "/rules/new")
    add_condition(page, "注文金額", "3000")
    page.locator("[data-add-group]").click()
    add_condition(page, "何回目", "2", group=0)
    add_condition(page, "商品点数", "4", group=0)
    wait_saved(page)
    inner = [
        {"fact": "customer.nth_order", "op": "equals", "value": 2},
        {"fact": "order.quantity", "op": "equals", "value": 4},
    ]
    assert read_draft(stage)[-1]["when"]["all"][1]["any"] == inner
    look(page, "rules-nested")
    handle = page.locator("[data-focus='handle:when.all.0']")
    handle.press("Alt+ArrowDown")
    expect(page.locator("#rule-said")).to_contain_text("動かしました")
    expect(page.locator("[data-focus='handle:when.all.0.any.0']")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    page.locator("[data-focus='menu:all.0.any.0']").click()
    page.get_by_role("button", name="「…ではない」にする").click()
    wait_saved(page)
    [group] = read_draft(stage)[-1]["when"]["all"]
    assert ["not" in part for part in group["any"]] == [True, False, False]
    assert group["any"][1]["fact"] == "order.total"


def test_undo_and_redo_by_keys_and_after_deleting(stage: Stage) -> None:
    page = stage.seat(Role.OPERATOR)
    open_editor(page)
    write_draft(page, TWO)
    open_editor(page)
    page.locator("[data-rule='first'] [data-focus^='menu:']").click()
    page.get_by_role("button", name="削除する").click()
    expect(page.locator("[data-rule]")).to_have_count(1)
    page.locator(".rule-toast button").click()
    expect(page.locator("[data-rule]")).to_have_count(2)
    page.locator("[data-rule='first'] .row-link").click()
    page.locator("[data-focus='value:all.0']").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("2500")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_text(["注文金額(税込・送料込み)が2,500円以上"])
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_text(["注文金額(税込・送料込み)が1,000円以上"])
    page.keyboard.press("Control+Shift+z")
    expect(rows(page)).to_have_text(["注文金額(税込・送料込み)が2,500円以上"])
    wait_saved(page)
    assert read_draft(stage)[0]["when"]["all"][0]["value"] == 2500


def test_rules_are_put_in_order_by_mouse_and_keyboard(stage: Stage) -> None:
    page = stage.seat(Role.OPERATOR)
    open_editor(page)
    write_draft(page, TWO)
    open_editor(page)
    page.locator("[data-rule='second'] [data-handle]").drag_to(page.locator("[data-rule='first'] .row-link"))
    expect(page.locator("[data-rule]").first).to_have_attribute("data-rule", "second")
    expect(page.locator("[data-focus='handle:second']")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-rule]").first).to_have_attribute("data-rule", "first")
    expect(page.locator("#rule-said")).to_contain_text("2件中2番目")
    page.locator("[data-rule='first'] [role='switch']").click()
    wait_saved(page)
    assert [(rule["key"], rule.get("enabled", True)) for rule in read_draft(stage)] == [
        ("first", False),
        ("second", True),
    ]


def test_mistakes_and_unknown_names_stand_at_their_place(stage: Stage, check_page: Check, look: Look) -> None:
    page = stage.seat(Role.OPERATOR)
    open_editor(page, "/rules/new")
    add_condition(page, "誕生月", "13")
    wrong = page.locator("[data-focus='value:all.0']")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-move='condition'] .rule-message.bad")).to_contain_text("1〜12")
    add_condition(page, "注文した商品カテゴリ", "オチャ")
    page.locator("[data-focus='value:all.1']").wait_for()
    warned = page.locator("[data-move='condition']").nth(1).locator(".rule-message.warn")
    expect(warned).to_contain_text("「オチャ」というカテゴリの商品はありません")
    look(page, "rules-mistakes")
    assert check_page(page) == []
    page.locator("#rule-findings .rule-jump").first.click()
    page.keyboard.press("Enter")
    expect(page.locator(".rule-panel")).to_be_visible()
    assert check_page(page) == []


def test_two_editors_see_each_others_change(stage: Stage, check_page: Check, look: Look) -> None:
    mine, theirs = stage.seat(Role.OPERATOR), stage.seat(Role.OPERATOR)
    open_editor(mine)
    write_draft(mine, TWO)
    for page in (mine, theirs):
        open_editor(page, "/rules/first/edit")
    theirs.fill("#name-ja", "相手の名前")
    theirs.locator("[data-focus='to-list']").click()
    switch = theirs.locator("[data-rule='second'] [role='switch']")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    wait_saved(theirs)
    assert read_draft(stage)[1].get("enabled") is False
    mine.fill("#name-ja", "自分の名前")
    expect(mine.locator("#rule-standing")).to_have_attribute("data-standing", "undecided")
    dialog = mine.get_by_role("dialog")
    expect(dialog.locator("[data-difference='first'] .gone")).to_contain_text("自分の名前")
    expect(dialog.locator("[data-difference='first'] .new")).to_contain_text("相手の名前")
    look(mine, "rules-two-editors")
    assert check_page(mine) == []
    assert read_draft(stage)[0]["name"]["ja"] == "相手の名前"
    dialog.locator("[data-difference='first'] [value='mine']").check()
    mine.click("#decide-differences")
    wait_saved(mine)
    first, second = read_draft(stage)
    assert (first["name"]["ja"], second["enabled"]) == ("自分の名前", False)
    theirs.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(theirs.locator("#overtaken")).to_contain_text("自分の名前")
    expect(theirs.locator("[data-rule='first'] .row-link")).to_have_text("自分の名前")


def test_what_was_typed_survives_a_lost_connection(stage: Stage) -> None:
    page = stage.seat(Role.OPERATOR)
    open_editor(page, "/rules/letter-and-leaflet/edit")
    page.route("**/rules/draft", lambda route: route.abort())
    text = page.locator("textarea").first
    text.fill("{recipient_name} 様、{order_number} のご注文をありがとうございます。")
    expect(page.locator(".rule-preview").first).to_contain_text("山田 花子 様、#1024 のご注文")
    expect(page.locator("#rule-standing")).to_have_attribute("data-standing", "unreachable")
    page.unroute("**/rules/draft")
    open_editor(page, "/rules/letter-and-leaflet/edit")
    expect(page.locator("textarea").first).to_have_value(
        "{recipient_name} 様、{order_number} のご注文をありがとうございます。"
    )
    wait_saved(page)
    assert "{order_number}" in read_draft(stage)[0]["then"][1]["slots"]["body"]["ja"]
