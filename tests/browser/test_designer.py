"""The template designer in a real browser: copied from the gallery, dragged, written, published; two at once."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.auth.roles import Role
from core.db import session_scope
from documents.drafting import load_draft
from documents.service import get_template
from documents.versions import list_templates
from tests.browser.conftest import Stage

pytestmark = pytest.mark.browser
Look = Callable[[Page, str], None]
Check = Callable[[Page], list[str]]
LETTER = "/templates/thank_you_letter/ja"


def open_designer(page: Page, path: str = LETTER) -> None:
    page.goto(f"{path}/edit")
    page.wait_for_selector("#designer[data-ready]")
    wait_previewed(page)


def wait_previewed(page: Page) -> None:
    page.wait_for_selector("#designer[data-previewed]:not([data-previewing])")


def wait_saved(page: Page) -> None:
    expect(page.locator("#designer-standing")).to_have_attribute("data-standing", "saved")


def read_document(stage: Stage, key: str = "thank_you_letter") -> dict[str, Any]:
    with session_scope([stage.shop.shop_id]) as session:
        return load_draft(session, stage.shop.shop_id, key, "ja").document


def choose(page: Page, place: str) -> None:
    page.locator(f"[data-layer='{place}']").click()


def test_a_letter_is_copied_dragged_written_and_published(stage: Stage, check_page: Check, look: Look) -> None:
    page = stage.seat(Role.OPERATOR)
    page.goto("/templates")
    look(page, "templates")
    page.click("#new-template")
    look(page, "template-gallery")
    entry = page.locator("[data-entry='thank_you_letter'][data-language='ja']")
    entry.locator("summary").click()
    entry.locator("input[name='name_ja']").fill("春のお礼状")
    entry.locator("button").click()
    page.wait_for_selector("#designer[data-ready]")
    wait_previewed(page)
    key = page.locator("#designer").get_attribute("data-key") or ""
    look(page, "designer")
    before = page.locator(".designer-page").get_attribute("src")
    place = next(
        f"elements[{number}]"
        for number, element in enumerate(read_document(stage, key)["elements"])
        if element.get("text") == "{salutation}"
    )
    choose(page, place)
    box = page.locator(f".designer-box[data-place='{place}']")
    at = box.bounding_box()
    assert at is not None
    page.mouse.move(at["x"] + 20, at["y"] + at["height"] / 2)
    page.mouse.down()
    page.mouse.move(at["x"] + 50, at["y"] + at["height"] / 2 + 30, steps=4)
    page.mouse.up()
    look(page, "designer-moved")
    page.get_by_label("文", exact=True).fill("{salutation}　春の便り")
    page.get_by_label("文", exact=True).press("Tab")
    expect(page.locator(".designer-page")).not_to_have_attribute("src", before or "")
    wait_saved(page)
    moved = read_document(stage, key)["elements"][int(place[9:-1])]
    assert (moved["x"], moved["y"]) != (20, 38)
    assert moved["text"] == "{salutation}　春の便り"
    assert check_page(page) == []
    page.click("#to-publish")
    expect(page.locator("#publish")).to_be_visible()
    page.fill("#note", "春の便り")
    page.click("#publish")
    page.wait_for_url("**/templates?done=**")
    with session_scope([stage.shop.shop_id]) as session:
        published = get_template(session, stage.shop.shop_id, key, "ja")
        assert published.compiled.document["elements"][int(place[9:-1])] == moved
        entries = {entry.key: entry for entry in list_templates(session, stage.shop.shop_id)}
        assert (entries[key].number, entries[key].name_ja) == (1, "春のお礼状")


def test_two_editors_of_one_template_decide_part_by_part(stage: Stage, check_page: Check, look: Look) -> None:
    mine, theirs = stage.seat(Role.OPERATOR), stage.seat(Role.ADMINISTRATOR)
    for page in (mine, theirs):
        open_designer(page)
    for page, name in ((theirs, "相手の名前"), (mine, "自分の名前")):
        page.click("#tab-page")
        page.locator("[data-focus='name:ja']").fill(name)
        page.locator("[data-focus='name:ja']").press("Tab")
        if page is theirs:
            page.locator("[data-focus='margin:top']").fill("11")
            wait_saved(theirs)
    expect(mine.locator("#designer-standing")).to_have_attribute("data-standing", "undecided")
    dialog = mine.get_by_role("dialog")
    expect(dialog.locator("[data-difference='name.ja']")).to_contain_text("相手の名前")
    look(mine, "designer-two-editors")
    assert check_page(mine) == []
    dialog.locator("[data-difference='name.ja'] [value='mine']").check()
    mine.click("#decide-differences")
    wait_saved(mine)
    document = read_document(stage)
    assert (document["name"]["ja"], document["page"]["margins"]["top"]) == ("自分の名前", 11)


def test_everything_is_done_by_keyboard(stage: Stage) -> None:
    page = stage.seat(Role.OPERATOR)
    open_designer(page)
    before = read_document(stage)["elements"]
    page.locator("[data-layer='elements[1]']").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-layer='elements[2]']")).to_be_focused()
    page.keyboard.press("Enter")
    for keys in ("ArrowRight", "Shift+ArrowRight", "Control+ArrowRight"):
        page.keyboard.press(keys)
    expect(page.locator("#designer-said")).to_contain_text("mm")
    expect(page.locator("[data-focus='x']")).to_have_value(f"{before[2].get('x', 0) + 6.1:g}")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-layer='elements[1]']")).to_be_focused()
    wait_saved(page)
    moved = read_document(stage)["elements"][1]
    assert moved == {**before[2], "x": round(before[2].get("x", 0) + 6.1, 2)}
    page.keyboard.press("Control+d")
    expect(page.locator("[data-layer='elements[2]']")).to_have_attribute("aria-pressed", "true")
    for _ in range(3):
        page.keyboard.press("Control+z")
    wait_saved(page)
    assert read_document(stage)["elements"] == before
    page.locator("#add-flow-elements").press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-properties] legend").first).to_be_visible()
    page.locator("[data-focus='text:slot']").press("Enter")
    page.keyboard.type("宛名")
    page.keyboard.press("Enter")
    wait_saved(page)
    passage = read_document(stage)["flow"]["elements"][-1]
    assert passage["type"] == "text_box"
    assert passage["overflow"] == "continue"
    assert "{salutation}" in passage["text"]
    page.locator(".designer-layer.selected [data-layer]").press("Delete")
    wait_saved(page)
    assert passage not in read_document(stage)["flow"]["elements"]
