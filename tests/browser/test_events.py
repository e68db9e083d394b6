"""An organiser at an office PC, in a real browser: from the files of an event to everybody's parcel in sight."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass
class Office:
    """The organiser's window: what axe-core finds wrong with each page that is looked at, and what comes next."""

    page: Page
    run_jobs: RunJobs
    look: Callable[[str], None]
    check: Check
    found: dict[str, list[str]]

    def see(self, name: str) -> None:
        self.look(name)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.found[name] = self.check(self.page) + (["wider than the window"] if wide > 0 else [])

    def expect_step(self, key: str) -> None:
        expect(self.page.locator("[data-step]")).to_have_attribute("data-step", key)


def make_event(office: Office, folder: Path) -> None:
    page = office.page
    page.wait_for_url("**/events")
    office.see("none")
    for field, value in (("name", "架空ツアー 2026"), ("name_en", "Invented tour 2026"), ("key", "tour-2026")):
        page.fill(f"#{field}", value)
    page.select_option("#member_source", "fan_club")
    page.locator("#new-event form button").click()
    office.expect_step("sessions")
    office.see("empty")
    (folder / "公演回.csv").write_text(NIGHTS, encoding="utf-8")
    hand_in(page, "sessions", folder / "公演回.csv", office.run_jobs)
    office.expect_step("lists")
    office.see("sessions")


def explain_rows(office: Office, folder: Path) -> None:
    """Hand in the list, say who the doubtful row is, and why the rejected one needs nothing more."""
    page = office.page
    (folder / "前売り.csv").write_bytes(write_list(*ROWS))
    page.locator("input[name=kind][value=advance]").check()
    hand_in(page, "lists", folder / "前売り.csv", office.run_jobs)
    office.expect_step("questions")
    expect(page.locator("[data-list] [data-total='6'][data-sum='6']")).to_have_count(1)
    office.see("waiting")
    page.locator("[data-list] a[href*='/lists/']").click()
    expect(page.locator("[data-total='6'][data-sum='6']")).to_have_count(1)
    office.see("by-session")
    page.go_back()
    page.locator("#do-next").click()
    expect(page.locator("#left")).to_have_attribute("data-left", "1")
    expect(page.locator(".differs")).to_have_count(2)
    office.see("question")
    page.locator("#another button").press("Enter")
    expect(page.locator("[data-question]")).to_have_count(0)
    office.see("answered")
    page.locator("#content a.primary").click()
    office.expect_step("settle")
    office.see("settle")
    page.locator("details[open] input[name=reason]").fill("住所が分からず、本人に問い合わせ中")
    page.keyboard.press("Enter")


def let_go(office: Office) -> None:
    page = office.page
    office.expect_step("release")
    office.see("clear")
    page.locator("#do-next").click()
    office.expect_step("preparing")
    office.run_jobs()
    # The page finds out by itself.
    office.expect_step("gather")
    for key, count in (("N1", "3"), ("N2", "1")):
        expect(page.locator(f"[data-session={key}] [data-stage=planned]")).to_contain_text(count)
    office.see("released")
    page.locator("#do-next").click()
    expect(page.locator("[data-session=N1] [data-stage=waved]")).to_contain_text("3")
    office.see("gathered")
    page.locator("[data-session=N1] th a").click()
    expect(page.locator("[data-attendee]")).to_have_count(3)
    office.see("people")
    page.goto("/events")
    office.see("list")


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
    suffix = f"{language}-{theme}{'-phone' if phone else ''}"
    office = Office(page, run_jobs, lambda name: look(page, f"event-{name}-{suffix}"), check_page, {})

    make_event(office, tmp_path)
    explain_rows(office, tmp_path)
    let_go(office)

    assert {name: problems for name, problems in office.found.items() if problems} == {}
