"""An organiser at an office PC, in a real browser: from the files of an event to everybody's parcel in sight."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.auth.roles import Role
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.factories.bulk_events import MEMBER, Tour, make_attendee, make_member, write_list
from tests.factories.orders import make_products

pytestmark = pytest.mark.browser
RunJobs = Callable[..., int]
Check = Callable[[Page], list[str]]
Look = Callable[[Page, str], None]
NIGHTS = """公演コード,会場,会場(英語),公演日,商品コード
N1,架空文化会館 大ホール,Invented Hall,2026-10-03,SKU-1
N2,海辺市民会館,Seaside Hall,2026-10-10,SKU-2
N3,丘の上ホール,Hilltop Hall,2026-10-17,SKU-3
"""
# A member; somebody new; the same again; one of another name at the member's number; one without an address.
ROWS = (
    {"公演回": "N1", "チケット番号": "A-1", **MEMBER},
    make_attendee(チケット番号="A-2"),
    make_attendee(チケット番号="A-2"),
    make_attendee(公演回="N2", 氏名="例 三郎", メールアドレス="saburo@example.jp"),
    {
        **MEMBER,
        "公演回": "N1",
        "氏名": "架空 次郎",
        "メールアドレス": "",
        "電話番号": "",
        "住所1": "東京都渋谷区別町9-8",
    },
    make_attendee(氏名="宛先 なし", メールアドレス="nowhere@example.jp", 郵便番号="", 住所1=""),
)


def hand_in(page: Page, form: str, path: Path, run_jobs: RunJobs) -> None:
    """Choose the file, agree with its columns, wait until it is read, and go back to the event."""
    page.locator(f"form[action$='/{form}'] input[type=file]").set_input_files(path)
    page.locator(f"form[action$='/{form}'] button").click()
    page.locator("#start-import").click()
    page.wait_for_selector("#import-progress")
    run_jobs()
    expect(page.locator("#import-progress")).to_have_attribute("data-state", "done")
    page.locator("#back-to-event").click()


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.timeout(300)
def test_an_event_from_its_files_to_its_parcels(
    stage: Stage,
    run_jobs: RunJobs,
    check_page: Check,
    look: Look,
    tmp_path: Path,
    language: str,
    theme: str,
    phone: bool,
) -> None:
    make_products(stage.shop.shop_id, "SKU-3")
    make_member(Tour(stage.shop, stage.shop.shop_id, {}))
    page = stage.seat(Role.ORGANISER, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}
    step = page.locator("[data-step]")

    def see(name: str) -> None:
        look(page, f"event-{name}-{language}-{theme}{'-phone' if phone else ''}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[name] = check_page(page) + (["wider than the window"] if wide > 0 else [])

    page.wait_for_url("**/events")
    see("none")
    for field, value in (("name", "架空ツアー 2026"), ("name_en", "Invented tour 2026"), ("key", "tour-2026")):
        page.fill(f"#{field}", value)
    page.select_option("#member_source", "fan_club")
    page.locator("#new-event form button").click()
    expect(step).to_have_attribute("data-step", "sessions")
    see("empty")

    (tmp_path / "公演回.csv").write_text(NIGHTS, encoding="utf-8")
    (tmp_path / "前売り.csv").write_bytes(write_list(*ROWS))
    hand_in(page, "sessions", tmp_path / "公演回.csv", run_jobs)
    expect(step).to_have_attribute("data-step", "lists")
    see("sessions")
    page.locator("input[name=kind][value=advance]").check()
    hand_in(page, "lists", tmp_path / "前売り.csv", run_jobs)
    expect(step).to_have_attribute("data-step", "questions")
    expect(page.locator("[data-list] [data-total='6'][data-sum='6']")).to_have_count(1)
    see("waiting")

    page.locator("#do-next").click()
    expect(page.locator("#left")).to_have_attribute("data-left", "1")
    expect(page.locator(".differs")).to_have_count(2)
    see("question")
    page.locator("#another button").press("Enter")
    expect(page.locator("[data-question]")).to_have_count(0)
    see("answered")
    page.locator("#content a.primary").click()

    expect(step).to_have_attribute("data-step", "settle")
    see("settle")
    page.locator("details[open] input[name=reason]").fill("住所が分からず、本人に問い合わせ中")
    page.keyboard.press("Enter")
    expect(step).to_have_attribute("data-step", "release")
    see("clear")
    page.locator("#do-next").click()
    expect(step).to_have_attribute("data-step", "preparing")
    run_jobs()
    # The page finds out by itself.
    expect(step).to_have_attribute("data-step", "gather")
    expect(page.locator("[data-session=N1] [data-stage=planned]")).to_contain_text("3")
    expect(page.locator("[data-session=N2] [data-stage=planned]")).to_contain_text("1")
    see("released")
    page.locator("#do-next").click()
    expect(page.locator("[data-session=N1] [data-stage=waved]")).to_contain_text("3")
    see("gathered")
    page.locator("[data-session=N1] th a").click()
    expect(page.locator("[data-attendee]")).to_have_count(3)
    see("people")
    page.goto("/events")
    see("list")
    assert {name: problems for name, problems in found.items() if problems} == {}
