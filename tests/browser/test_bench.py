"""The bench where things go wrong: no network, a reload, a hand instead of a scanner, a parcel held meanwhile."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from core.auth.roles import Role
from core.db import session_scope
from fulfillment.packing.models import PackingException, Scan, ScanKind, Unit, UnitKind
from fulfillment.service import hold_shipment
from tests.browser.conftest import Stage
from tests.browser.test_story import scan
from tests.factories.fulfillment import code_of, get_parcel, print_all, take_order

pytestmark = pytest.mark.browser
RunJobs = Callable[..., int]


@pytest.fixture
def parcel(stage: Stage, run_jobs: RunJobs) -> tuple[UUID, UUID, UUID]:
    """A printed parcel: its wave, its shipment, itself."""
    [shipment_id] = take_order(stage.shop, run_jobs)
    wave_id = print_all(stage.shop, run_jobs)
    return wave_id, shipment_id, get_parcel(stage.shop, shipment_id)


def open_bench(stage: Stage, wave_id: UUID, **options: object) -> Page:
    page = stage.seat(Role.PACKER, **options)  # type: ignore[arg-type]
    page.goto(f"/bench/{wave_id}")
    page.wait_for_selector("#station[data-ready]")
    return page


def wait_until(page: Page, expression: str) -> None:
    """Ask again and again; wait_for_function would need an eval that our pages forbid."""
    for _ in range(150):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"Never true: {expression}")


def list_things(stage: Stage, parcel_id: UUID) -> list[str]:
    """Return what a packer scans between slip and label."""
    with session_scope([stage.shop.shop_id]) as session:
        rows = session.execute(select(Unit.barcodes, Unit.quantity, Unit.kind).where(Unit.parcel_id == parcel_id))
        papers = (UnitKind.SLIP, UnitKind.LABEL)
        return [barcodes[0] for barcodes, quantity, kind in rows if kind not in papers for _ in range(quantity)]


def count_scans(stage: Stage) -> int:
    with session_scope([stage.shop.shop_id]) as session:
        return session.execute(select(func.count()).select_from(Scan)).scalar_one()


def test_scans_outlive_a_lost_network_and_a_reload(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    wave_id, _, parcel_id = parcel
    page = open_bench(stage, wave_id)
    # A tablet's first visit is enough: nothing was reloaded before the network went.
    wait_until(page, "caches.match(location.href).then(kept => kept !== undefined)")
    wait_until(page, "navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    scan(page, code_of(stage.shop, parcel_id, UnitKind.SLIP), "parcel_opened")
    scan(page, "SKU-1", "accepted")
    expect(page.locator("#network")).to_have_attribute("data-unsent", "2")
    expect(page.locator("#network")).to_contain_text("オフライン")
    assert count_scans(stage) == 0

    page.reload()
    expect(page.locator("[data-parcel]")).to_have_attribute("data-parcel", str(parcel_id))
    expect(page.locator("#network")).to_have_attribute("data-unsent", "2")

    page.context.set_offline(False)
    expect(page.locator("#network")).to_have_attribute("data-unsent", "0")
    assert count_scans(stage) == 2


def test_offline_refuses_what_it_does_not_know(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    page = open_bench(stage, parcel[0])
    page.context.set_offline(True)
    scan(page, "NOBODY-KNOWS", "unknown")


def test_a_scan_presses_no_button_that_has_the_focus(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    page = open_bench(stage, parcel[0])
    before = page.locator("#sound").get_attribute("aria-pressed")
    page.focus("#sound")
    scan(page, "NOBODY-KNOWS", "unknown")
    assert page.locator("#sound").get_attribute("aria-pressed") == before


def test_a_hand_confirms_with_a_reason_that_is_kept(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    wave_id, _, parcel_id = parcel
    page = open_bench(stage, wave_id)
    scan(page, code_of(stage.shop, parcel_id, UnitKind.SLIP), "parcel_opened")
    page.locator("[data-kind='goods'] button").first.click()
    page.get_by_label("バーコードがない").check()
    page.get_by_role("button", name="記録する").click()
    expect(page.locator("#feedback")).to_have_attribute("data-outcome", "accepted")
    expect(page.locator("#network")).to_have_attribute("data-unsent", "0")
    with session_scope([stage.shop.shop_id]) as session:
        kept = session.execute(select(Scan).where(Scan.kind == ScanKind.MANUAL)).scalar_one()
        assert kept.reason == "no_barcode"


def test_a_scan_into_an_open_window_confirms_nothing(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    page = open_bench(stage, parcel[0])
    scan(page, code_of(stage.shop, parcel[2], UnitKind.SLIP), "parcel_opened")
    page.locator("[data-kind='goods'] button").first.click()
    page.get_by_label("メモ").fill("袋が破れ")
    for place in ("#note", "input[type='radio'] >> nth=0"):
        page.focus(place)
        page.keyboard.type("4901234567894", delay=3)
        page.keyboard.press("Enter")
        expect(page.locator("#dialog-refusal")).to_contain_text("数えていません")
        expect(page.get_by_label("メモ")).to_have_value("袋が破れ")
    page.get_by_role("button", name="戻る").click()
    expect(page.locator("#feedback")).to_have_attribute("data-outcome", "parcel_opened")
    expect(page.locator("[data-kind='goods'].done")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_parcel_is_set_aside_with_a_reason(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    wave_id, _, parcel_id = parcel
    page = open_bench(stage, wave_id)
    scan(page, code_of(stage.shop, parcel_id, UnitKind.SLIP), "parcel_opened")
    page.click("#aside")
    page.get_by_label("破損・汚れ").check()
    page.get_by_role("button", name="記録する").click()
    expect(page.locator("#feedback")).to_have_attribute("data-outcome", "set_aside")
    expect(page.locator("[data-parcel]")).to_have_count(0)
    expect(page.locator("#network")).to_have_attribute("data-unsent", "0")
    with session_scope([stage.shop.shop_id]) as session:
        assert session.execute(select(PackingException.parcel_id)).scalar_one() == parcel_id


def test_a_parcel_held_meanwhile_stops_at_the_next_scan(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    wave_id, shipment_id, parcel_id = parcel
    page = open_bench(stage, wave_id)
    scan(page, code_of(stage.shop, parcel_id, UnitKind.SLIP), "parcel_opened")
    expect(page.locator("#network")).to_have_attribute("data-unsent", "0")
    with session_scope([stage.shop.shop_id]) as session:
        hold_shipment(session, stage.shop.shop_id, shipment_id, note="電話で確認")
    page.keyboard.type("SKU-1", delay=3)
    page.keyboard.press("Enter")
    expect(page.locator("#feedback")).to_have_attribute("data-outcome", "held")
    expect(page.locator("[data-parcel]")).to_have_count(0)


def test_a_code_is_typed_where_the_scanner_fails(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    wave_id, _, parcel_id = parcel
    page = open_bench(stage, wave_id, language="en", phone=True)
    page.click("#type-code")
    page.fill("#code", code_of(stage.shop, parcel_id, UnitKind.SLIP))
    page.get_by_role("button", name="Read").click()
    expect(page.locator("#feedback")).to_have_attribute("data-outcome", "parcel_opened")
    expect(page.locator("#feedback")).to_contain_text("Start packing")


def test_a_slip_scanned_before_a_wave_is_chosen_opens_both(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    wave_id, _, parcel_id = parcel
    page = stage.seat(Role.PACKER)
    page.goto("/bench")
    page.keyboard.type("4901234567894", delay=3)
    page.keyboard.press("Enter")
    expect(page.locator("#choice-refusal")).to_contain_text("見つかりません")
    page.keyboard.type(f"https://example.com/c/{code_of(stage.shop, parcel_id, UnitKind.SLIP)}", delay=3)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/bench/{wave_id}")
    expect(page.locator("[data-parcel]")).to_have_attribute("data-parcel", str(parcel_id))


def test_the_last_box_leads_on(stage: Stage, parcel: tuple[UUID, UUID, UUID]) -> None:
    wave_id, _, parcel_id = parcel
    page = open_bench(stage, wave_id)
    scan(page, code_of(stage.shop, parcel_id, UnitKind.SLIP), "parcel_opened")
    for text in list_things(stage, parcel_id):
        scan(page, text, "accepted")
    scan(page, code_of(stage.shop, parcel_id, UnitKind.LABEL), "label_bound")
    expect(page.locator("#feedback")).to_contain_text("これで最後")
    page.get_by_role("link", name="引き渡しへ").click()
    page.wait_for_url(f"**/waves/{wave_id}")
    expect(page.locator("#hand-over")).to_be_visible()
