"""Printing again what is missing of a wave: from one place to another, or everything after the last good paper."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.codes import read_code
from core.errors import InvalidInputError
from fulfillment.errors import NothingToReprintError, PrintJobNotFoundError
from fulfillment.models import Shipment
from fulfillment.packing.models import Copy, CopyState, PrintFileKind, PrintJob
from fulfillment.printers.choices import Choices
from fulfillment.printers.places import find_pages
from fulfillment.printing.output import LABEL
from fulfillment.printing.reprinting import REPRINTABLE, Reprinting, lock_printed, reprint_copies


@dataclass(frozen=True)
class Places:
    """From one place of a wave to another, both included."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class LastGood:
    """The last paper that came out well: by its code as it was scanned, by its place in the wave, or by the page of
    the file as it was printed (`choices`, at `printed_at`; none: the file as it was made).
    """

    code: str = ""
    place: int | None = None
    page: int | None = None
    choices: Choices = field(default_factory=Choices)
    printed_at: datetime | None = None


@dataclass(frozen=True)
class Missing:
    """What would be printed again. `held` are numbers of shipments whose papers stay as they are until released."""

    copy_ids: tuple[UUID, ...]
    shipment_ids: tuple[UUID, ...]
    places: Places
    held: tuple[str, ...]


_Row = tuple[Copy, Shipment]


def find_range(
    session: Session, shop_id: UUID, wave_id: UUID, places: Places, kinds: Collection[PrintFileKind] | None = None
) -> Missing:
    """Return what lies between two places of a wave. Raises NothingToReprintError when there is nothing good."""
    if places.first > places.last or places.first < 1:
        raise InvalidInputError("The first place comes before the last one.", field="first")
    statement = _select(shop_id).where(Shipment.wave_id == wave_id)
    between = statement.where(Shipment.wave_position.between(places.first, places.last))
    rows = [(copy, shipment) for copy, shipment in session.execute(between)]
    return _sum_up(wave_id, [row for row in rows if kinds is None or kind_of(row[0]) in kinds])


def find_after(
    session: Session, shop_id: UUID, print_job_id: UUID, kind: PrintFileKind, last_good: LastGood
) -> Missing:
    """Return what stands in a file of a printing after its last good paper: everything when none came out well."""
    printing = session.get(PrintJob, print_job_id)
    if printing is None or printing.shop_id != shop_id:
        raise PrintJobNotFoundError(print_job_id)
    statement = _select(shop_id).where(Copy.print_job_id == print_job_id)
    found = [(copy, shipment) for copy, shipment in session.execute(statement)]
    rows = [row for row in found if kind_of(row[0]) is kind]
    return _sum_up(print_job_id, rows[_count_good(rows, last_good) :])


def _count_good(rows: Sequence[_Row], last_good: LastGood) -> int:
    """Return how many copies, from the beginning of the file, came out well. A void one is as good as it ever was."""
    if last_good.code:
        code = read_code(last_good.code)
        place = next((place for place, (copy, _) in enumerate(rows, 1) if copy.code == code), None)
        if place is None:
            raise InvalidInputError("No paper of this file has this code.", field="code")
        return place
    if last_good.place is not None:
        return sum((shipment.wave_position or 0) <= last_good.place for _, shipment in rows)
    return _count_pages(rows, last_good, last_good.page) if last_good.page is not None else 0


def _count_pages(rows: Sequence[_Row], last_good: LastGood, page: int) -> int:
    """Return how many copies are before the first one that was printed and does not end by this page."""
    was_printed = [
        last_good.printed_at is None or copy.voided_at is None or copy.voided_at > last_good.printed_at
        for copy, _ in rows
    ]
    printed = [row for row, was in zip(rows, was_printed, strict=True) if was]
    pages = find_pages([(shipment.number, copy.pages) for copy, shipment in printed], last_good.choices)
    bad = next((copy.id for (copy, _), (_, last) in zip(printed, pages, strict=True) if last > page), None)
    return next((place for place, (copy, _) in enumerate(rows) if copy.id == bad), len(rows))


def _select(shop_id: UUID) -> Any:
    return (
        select(Copy, Shipment)
        .join(Shipment, Shipment.id == Copy.shipment_id)
        .where(Copy.shop_id == shop_id)
        .order_by(Shipment.wave_position, Shipment.id, Copy.position)
    )


def kind_of(copy: Copy) -> PrintFileKind:
    """Return the kind of file that a copy stands in."""
    return PrintFileKind.LABELS if copy.kind == LABEL else PrintFileKind.PAPERS


def _sum_up(subject: UUID, rows: Sequence[_Row]) -> Missing:
    valid = [row for row in rows if row[0].state is CopyState.VALID]
    going = [row for row in valid if row[1].state in REPRINTABLE]
    if not going:
        raise NothingToReprintError(subject)
    positions = [shipment.wave_position or 1 for _, shipment in going]
    held = {shipment.number for _, shipment in valid if shipment.state not in REPRINTABLE}
    return Missing(
        copy_ids=tuple(copy.id for copy, _ in going),
        shipment_ids=tuple(dict.fromkeys(shipment.id for _, shipment in going)),
        places=Places(min(positions), max(positions)),
        held=tuple(sorted(held)),
    )


def reprint_missing(
    session: Session, shop_id: UUID, wave_id: UUID | None, missing: Missing, *, reason: str
) -> PrintJob:
    """Void exactly these copies and print them again. What changed since they were found is left out."""
    shipments = lock_printed(session, shop_id, missing.shipment_ids)
    going = {key: shipment for key, shipment in shipments.items() if shipment.state in REPRINTABLE}
    statement = select(Copy.id).where(Copy.shop_id == shop_id, Copy.id.in_(missing.copy_ids))
    chosen = session.scalars(statement.where(Copy.shipment_id.in_(list(going)))).all()
    given = Reprinting(
        reason=reason,
        wave_id=wave_id,
        first_position=missing.places.first,
        last_position=missing.places.last,
    )
    return reprint_copies(session, shop_id, going, chosen, given)
