"""Printed again is exactly what was asked for: void before, valid after, and nothing else is touched."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select

from core.codes import format_code
from core.db import session_scope
from core.errors import InvalidInputError
from core.storage.service import read_file
from fulfillment.errors import NothingToReprintError, ReasonMissingError
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Copy, CopyState, PrintFile, PrintFileKind, PrintJob, PrintKind, Unit
from fulfillment.printing.queries import list_print_files
from fulfillment.printing.ranges import LastGood, Missing, Places, find_after, find_range, reprint_missing
from fulfillment.service import hold_shipment
from fulfillment.states import ParcelState
from tests.factories.documents import read_pages
from tests.factories.fulfillment import get_parcel, pack
from tests.fulfillment.printers.conftest import Floor

PAPERS, LABELS = PrintFileKind.PAPERS, PrintFileKind.LABELS


def list_copies(floor: Floor, state: CopyState = CopyState.VALID) -> list[tuple[int, str, str]]:
    """Return (place, kind, code) of the wave's copies in their order."""
    with session_scope([floor.shop.shop_id]) as session:
        rows = session.execute(
            select(Shipment.wave_position, Copy.kind, Copy.code)
            .join(Copy, Copy.shipment_id == Shipment.id)
            .where(Copy.state == state)
            .order_by(Shipment.wave_position, Copy.position)
        )
        return [(place or 0, kind, code) for place, kind, code in rows]


def again(floor: Floor, missing: Missing, reason: str = "紙づまり") -> PrintJob:
    with session_scope([floor.shop.shop_id]) as session:
        return reprint_missing(session, floor.shop.shop_id, floor.wave_id, missing, reason=reason)


def in_range(floor: Floor, first: int, last: int, kinds: Sequence[PrintFileKind] | None = None) -> Missing:
    with session_scope([floor.shop.shop_id]) as session:
        return find_range(session, floor.shop.shop_id, floor.wave_id, Places(first, last), kinds)


def after(floor: Floor, print_job_id: UUID, kind: PrintFileKind, last_good: LastGood) -> Missing:
    with session_scope([floor.shop.shop_id]) as session:
        return find_after(session, floor.shop.shop_id, print_job_id, kind, last_good)


def test_a_range_voids_exactly_its_copies(floor: Floor) -> None:
    before = list_copies(floor)
    printing = again(floor, in_range(floor, 2, 3, [LABELS]))
    changed = [row for row in before if row[0] in (2, 3) and row[1] == "label"]
    now = list_copies(floor)
    assert {row[2] for row in before} - {row[2] for row in now} == {row[2] for row in changed}
    assert [row[:2] for row in now] == [row[:2] for row in before]
    assert (printing.kind, printing.first_position, printing.last_position) == (PrintKind.REPRINT, 2, 3)
    assert {row[2] for row in changed} <= {row[2] for row in list_copies(floor, CopyState.VOID)}


def test_the_new_papers_hold_the_new_codes_in_packing_order(floor: Floor) -> None:
    printing = again(floor, in_range(floor, 1, 3))
    with session_scope([floor.shop.shop_id]) as session:
        files = {file.kind: file for file in list_print_files(session, floor.shop.shop_id, [printing.id])}
        pdf = read_file(session, files[PAPERS].file_id)
        statement = select(Copy).where(Copy.print_job_id == printing.id, Copy.kind != "label").order_by(Copy.first_page)
        copies = session.scalars(statement).all()
        units = session.scalars(select(Unit.barcodes).where(Unit.copy_id.in_([copy.id for copy in copies]))).all()
    seen = read_pages(pdf)
    assert [copy.first_page for copy in copies] == list(range(1, len(copies) + 1))
    assert all(format_code(copy.code) in page for copy, page in zip(copies, seen, strict=True))
    assert sorted(codes[0] for codes in units) == sorted(copy.code for copy in copies)


@pytest.mark.parametrize("told_by", ["code", "page", "place"])
def test_what_the_jam_ate_is_everything_after_the_last_good_paper(floor: Floor, told_by: str) -> None:
    """Of a file made anew, so that it stands as it was drawn: one page was good, or one parcel."""
    printing = again(floor, in_range(floor, 1, 3, [PAPERS]))
    with session_scope([floor.shop.shop_id]) as session:
        statement = select(Copy).where(Copy.print_job_id == printing.id).order_by(Copy.first_page)
        copies = session.scalars(statement).all()
    good = 2  # Slip and letter of the first parcel.
    last_good = {
        "code": LastGood(code=f"https://x.example.jp/c/{copies[good - 1].code}"),
        "page": LastGood(page=copies[good - 1].first_page),
        "place": LastGood(place=1),
    }[told_by]
    missing = after(floor, printing.id, PAPERS, last_good)
    assert missing.copy_ids == tuple(copy.id for copy in copies[good:])
    assert missing.places == Places(2, 3)
    again(floor, missing)
    with pytest.raises(NothingToReprintError):
        after(floor, printing.id, PAPERS, last_good)
    assert len(after(floor, printing.id, PAPERS, LastGood()).copy_ids) == good


def test_a_box_that_was_finished_has_to_be_finished_again(floor: Floor) -> None:
    with session_scope([floor.shop.shop_id]) as session:
        shipment_id = session.scalars(select(Shipment.id).where(Shipment.wave_position == 2)).one()
    parcel_id = get_parcel(floor.shop, shipment_id)
    pack(floor.shop, parcel_id)
    again(floor, in_range(floor, 2, 2))
    with session_scope([floor.shop.shop_id]) as session:
        assert session.get_one(Parcel, parcel_id).state is ParcelState.OPEN
    pack(floor.shop, parcel_id)
    with session_scope([floor.shop.shop_id]) as session:
        assert session.get_one(Parcel, parcel_id).state is ParcelState.VERIFIED


def test_what_cannot_be_meant_is_refused(floor: Floor) -> None:
    job = floor.printings()[0].id
    for places in (Places(3, 2), Places(0, 1)):
        with pytest.raises(InvalidInputError):
            in_range(floor, places.first, places.last)
    with pytest.raises(NothingToReprintError):
        in_range(floor, 50, 60)
    with pytest.raises(InvalidInputError):
        after(floor, job, PAPERS, LastGood(code="0000000000000"))
    with pytest.raises(ReasonMissingError):
        again(floor, in_range(floor, 1, 1), reason=" ")


def test_what_is_held_keeps_its_papers_and_is_named(floor: Floor) -> None:
    with session_scope([floor.shop.shop_id]) as session:
        shipment = session.scalars(select(Shipment).where(Shipment.wave_position == 3)).one()
        hold_shipment(session, floor.shop.shop_id, shipment.id, note="電話で確認")
    missing = in_range(floor, 1, 3)
    assert missing.held == (shipment.number,)
    assert shipment.id not in missing.shipment_ids


def test_a_file_is_made_for_each_kind_that_is_needed(floor: Floor) -> None:
    printing = again(floor, in_range(floor, 1, 1, [LABELS]))
    with session_scope([floor.shop.shop_id]) as session:
        files = session.scalars(select(PrintFile.kind).where(PrintFile.print_job_id == printing.id)).all()
    assert files == [LABELS]
