"""Draws the valid copies of a printing again from their sealed specs, in packing order and in a printer's ways."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.codes import code_url, format_code
from core.errors import ErasedError
from core.sealing import decrypt, load_ciphers
from documents.service import get_versions
from documents.specs import CopySpec
from fulfillment.models import Shipment, format_number
from fulfillment.packing.models import Copy, CopyState, PrintFileKind
from fulfillment.printing.product_pictures import make_reader
from fulfillment.printing.specs import load_spec

LABEL = "label"
# So many sealed specs are opened at once.
_CHUNK = 200


def choose_valid(shop_id: UUID, print_job_id: UUID, kind: PrintFileKind) -> Select[Copy, int]:
    """Select the copies of one file of a printing that are still good, with their shipments' serials, in order."""
    return (
        select(Copy, Shipment.serial)
        .join(Shipment, Shipment.id == Copy.shipment_id)
        .where(Copy.shop_id == shop_id, Copy.print_job_id == print_job_id, Copy.state == CopyState.VALID)
        .where(Copy.spec.is_not(None), Copy.kind == LABEL if kind is PrintFileKind.LABELS else Copy.kind != LABEL)
        .order_by(Shipment.wave_position, Shipment.id, Copy.position)
    )


def list_valid(session: Session, shop_id: UUID, print_job_id: UUID, kind: PrintFileKind) -> list[tuple[Copy, int]]:
    rows = session.execute(choose_valid(shop_id, print_job_id, kind))
    return [(copy, serial) for copy, serial in rows]


def open_copies(session: Session, chosen: Sequence[tuple[Copy, int]]) -> Iterator[CopySpec]:
    """Give the specs of copies as they were printed, each shipment a group of its own.

    Raises ErasedError for a copy whose values are gone: erasing voids it, so no valid one comes here.
    """
    templates = get_versions(session, {copy.template_version_id for copy, _ in chosen if copy.template_version_id})
    read_picture = make_reader(session)
    for start in range(0, len(chosen), _CHUNK):
        part = chosen[start : start + _CHUNK]
        ciphers = load_ciphers(session, {copy.key_id for copy, _ in part if copy.key_id})
        for copy, serial in part:
            if copy.spec is None or copy.template_version_id is None or copy.key_id not in ciphers:
                raise ErasedError
            values, flags = load_spec(decrypt(ciphers[copy.key_id], copy.spec), read_picture)
            yield CopySpec(
                template=templates[copy.template_version_id].compiled,
                values=values,
                code=copy.code,
                code_text=format_code(copy.code),
                url=code_url(copy.code),
                flags=flags,
                reference=format_number(serial),
                group=format_number(serial),
            )
