"""Draws the files of a printing straight into storage, sealed: papers and labels side by side, shipment by shipment."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy.orm import Session

from core.sealing import new_key
from core.storage.models import StoredFile
from core.storage.streaming import writing_file
from documents.errors import DocumentError
from documents.file_options import FileOptions
from documents.specs import RenderedDocument
from documents.writing import CopyWriter, LaidOut
from fulfillment.holds import HoldIn, place_holds
from fulfillment.models import HoldReason
from fulfillment.packing.models import PrintFile, PrintFileKind, PrintJob, UnitKind
from fulfillment.printing.drafting import CopyDraft, ParcelDraft

# Readers find a shipment by its number in the file's outline and page labels.
FOUND_BY_SHIPMENT = FileOptions(page_labels=True, bookmarks=True)


@dataclass
class DrawnParcels:
    """What could be drawn. `places`: copy → (its first page in its file, from 1; its pages)."""

    drafts: list[ParcelDraft] = field(default_factory=list)
    places: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    paper_pages: int = 0


@dataclass
class OpenFile:
    """A file that is being written, and the page its next copy begins on."""

    writer: CopyWriter
    next_page: int = 1


def draw_parcels(session: Session, printing: PrintJob, drafts: Sequence[ParcelDraft]) -> DrawnParcels:
    """Draw what is drafted, in its order. A shipment with a copy that cannot be drawn right is held as a whole."""
    drawn = DrawnParcels()
    refused: list[HoldIn] = []
    with (
        writing_print(session, printing, PrintFileKind.PAPERS) as papers,
        writing_print(session, printing, PrintFileKind.LABELS) as labels,
    ):
        for draft in drafts:
            try:
                laid_out = [_lay_out(draft, copy, papers, labels) for copy in draft.copies]
            except DocumentError as error:
                refused.append(to_hold(draft.shipment.id, error))
                continue
            for copy, (file, pages) in zip(draft.copies, laid_out, strict=True):
                drawn.places[copy.id] = write_copy(file, pages)
            drawn.drafts.append(draft)
    if refused:
        place_holds(session, printing.shop_id, refused)
    drawn.paper_pages = papers.next_page - 1
    return drawn


@contextmanager
def writing_print(session: Session, printing: PrintJob, kind: PrintFileKind) -> Iterator[OpenFile]:
    """Open a file of a printing, sealed under a key of its own. One that stays empty is not kept."""
    key_id = new_key(session, printing.shop_id)
    name = f"{printing.id}-{kind.value}.pdf"
    with writing_file(session, printing.shop_id, name, media_type="application/pdf", key_id=key_id) as sink:
        file = OpenFile(CopyWriter(cast(BinaryIO, sink), FOUND_BY_SHIPMENT))
        yield file
        written = file.writer.finish()
        if written is None:
            sink.drop()
    if written is not None:
        _enter(session, printing, kind, sink.file, written.pages)


def write_copy(file: OpenFile, pages: LaidOut) -> tuple[int, int]:
    """Write a copy and return its place: first page, pages."""
    file.writer.write(pages)
    place = file.next_page, len(pages.pages)
    file.next_page += len(pages.pages)
    return place


def store_cover(session: Session, printing: PrintJob, rendered: RenderedDocument) -> None:
    """Keep the sheets that go before a part."""
    key_id = new_key(session, printing.shop_id)
    name = f"{printing.id}-{PrintFileKind.COVER.value}.pdf"
    with writing_file(session, printing.shop_id, name, media_type="application/pdf", key_id=key_id) as sink:
        sink.write(rendered.data)
    _enter(session, printing, PrintFileKind.COVER, sink.file, rendered.pages)


def _enter(session: Session, printing: PrintJob, kind: PrintFileKind, stored: StoredFile, pages: int) -> None:
    session.flush()  # The print file refers to it.
    session.add(
        PrintFile(shop_id=printing.shop_id, print_job_id=printing.id, kind=kind, file_id=stored.id, pages=pages)
    )
    printing.pages += pages


def to_hold(shipment_id: UUID, error: DocumentError) -> HoldIn:
    """Name the place and the character, never the text around it."""
    names = ("field", "character", "place")
    details = {name: str(error.details[name]) for name in names if error.details.get(name) is not None}
    return HoldIn(shipment_id, HoldReason.CANNOT_DRAW, {"code": error.code, **details})


def _lay_out(draft: ParcelDraft, copy: CopyDraft, papers: OpenFile, labels: OpenFile) -> tuple[OpenFile, LaidOut]:
    file = labels if copy.unit_kind is UnitKind.LABEL else papers
    return file, file.writer.lay_out(copy.to_spec(draft.shipment.number))
