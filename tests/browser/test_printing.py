"""A wave at the printer: printed, followed, jammed, printed again from the last good sheet, by keyboard and scanner."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.auth.roles import Role
from core.codes import code_url
from core.db import session_scope
from core.settings import get_settings
from fulfillment.models import Shipment
from fulfillment.packing.models import Copy, CopyState
from fulfillment.printers.models import PrinterKind
from fulfillment.printers.service import PrinterIn, save_printer
from fulfillment.printers.watching import enqueue_watching
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.factories.fulfillment import print_all, take_order
from tests.fulfillment.printers.fake_ipp import FakePrinter, serving

RunJobs = Callable[..., int]


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePrinter]:
    monkeypatch.setattr(get_settings(), "printer_networks", "127.0.0.0/8")
    with serving(FakePrinter()) as made:
        yield made


def keep_picture(page: Page, name: str) -> None:
    """Keep what it looks like, where somebody asked for pictures."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_wave_is_put_on_paper_and_what_the_jam_ate_comes_again(
    stage: Stage, run_jobs: RunJobs, printer: FakePrinter, check_page: Callable[[Page], list[str]]
) -> None:
    shop_id = stage.shop.shop_id
    for _ in range(3):
        take_order(stage.shop, run_jobs)
    wave_id = print_all(stage.shop, run_jobs)
    with session_scope([shop_id]) as session:
        entered = PrinterIn(name="発送室 左", kind=PrinterKind.IPP, address=printer.address)
        save_printer(session, shop_id, stage.shop.warehouse_id, entered)
    page = stage.seat(Role.PACKER)
    page.goto(f"/waves/{wave_id}")
    page.locator("#to-paper a").first.click()
    keep_picture(page, "paper")
    assert check_page(page) == []
    page.locator("#put-on-paper").press("Enter")
    expect(page.locator("#wave-log")).to_be_visible()
    run_jobs()
    enqueue_watching()
    run_jobs()
    expect(page.locator('#papers [data-value="done"]')).to_be_visible()
    keep_picture(page, "wave")
    assert check_page(page) == []

    page.locator("#to-reprint").click()
    keep_picture(page, "reprint")
    assert check_page(page) == []
    last_good = first_slip(stage)
    page.keyboard.type(code_url(last_good))
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    keep_picture(page, "reprint-confirm")
    assert check_page(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#put-on-paper")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#wave-log")).to_be_visible()
    run_jobs()
    with session_scope([shop_id]) as session:
        void = session.scalars(select(Copy.code).where(Copy.state == CopyState.VOID)).all()
    assert last_good not in void
    assert len(printer.jobs) == 2
    keep_picture(page, "wave-again")


def first_slip(stage: Stage) -> str:
    """Return the code of the first shipment's last paper."""
    with session_scope([stage.shop.shop_id]) as session:
        statement = select(Copy.code).join(Shipment, Shipment.id == Copy.shipment_id).where(Copy.kind != "label")
        statement = statement.where(Shipment.wave_position == 1).order_by(Copy.position.desc())
        return session.scalars(statement).first() or ""


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
def test_screens_of_printing_fit_and_are_accessible(
    stage: Stage,
    run_jobs: RunJobs,
    printer: FakePrinter,
    check_page: Callable[[Page], list[str]],
    language: str,
    theme: str,
    phone: bool,
) -> None:
    take_order(stage.shop, run_jobs)
    wave_id = print_all(stage.shop, run_jobs)
    page = stage.seat(Role.ADMINISTRATOR, Role.PACKER, Role.OPERATOR, language=language, theme=theme, phone=phone)
    page.goto("/printers/new")
    page.fill("#name", "Zebra 左" if language == "ja" else "Zebra, left")
    page.fill("#address", printer.address)
    look_at(page, check_page, f"printer-{language}-{theme}-{phone}")
    page.locator("form.card button").first.click()
    expect(page.locator("td code")).to_have_text(printer.address)
    printer.reasons = ["media-low-warning"]
    page.locator("table.folding td a.button").click()
    page.locator("#try-printer").click()
    expect(page.locator("#printer-tried")).to_be_visible()
    look_at(page, check_page, f"calibration-{language}-{theme}-{phone}")
    page.fill("#rule_x", "99.4")
    page.press("#rule_x", "Enter")
    expect(page.locator(".notice.good, [role=status]").first).to_be_visible()
    printer.reasons = ["media-jam-error"]
    page.goto(f"/waves/{wave_id}/paper?kind=labels")
    look_at(page, check_page, f"paper-{language}-{theme}-{phone}")
    page.locator("#put-on-paper").click()
    run_jobs()
    for path in (f"/waves/{wave_id}", f"/waves/{wave_id}/reprint", "/prints", "/printers"):
        page.goto(path)
        look_at(
            page,
            check_page,
            f"{path.strip('/').replace(str(wave_id), 'w').replace('/', '-')}-{language}-{theme}-{phone}",
        )


def look_at(page: Page, check_page: Callable[[Page], list[str]], name: str) -> None:
    keep_picture(page, name)
    assert check_page(page) == []
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
