"""Parcels set aside at the bench: listed until somebody says that the matter is solved."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.errors import ConflictError
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import PackingException


@dataclass(frozen=True)
class OpenException:
    """`code` is set_aside or conflict:<outcome>; `note` is the packer's reason."""

    id: UUID
    shipment_id: UUID
    number: str
    code: str
    note: str | None
    raised_at: datetime
    raised_by: UUID | None


def list_open_exceptions(session: Session, shop_id: UUID, *, limit: int = 100) -> list[OpenException]:
    """Return what nobody has solved yet, the oldest first."""
    rows = session.execute(
        select(PackingException, Shipment)
        .join(Parcel, Parcel.id == PackingException.parcel_id)
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .where(PackingException.shop_id == shop_id, PackingException.solved_at.is_(None))
        .order_by(PackingException.raised_at)
        .limit(limit)
    )
    return [
        OpenException(found.id, shipment.id, shipment.number, found.code, found.note, found.raised_at, found.raised_by)
        for found, shipment in rows
    ]


def solve_exception(session: Session, shop_id: UUID, exception_id: UUID) -> None:
    """Say that the matter is solved. Saying it twice is an error: somebody else was first."""
    solved = session.execute(
        update(PackingException)
        .where(
            PackingException.shop_id == shop_id,
            PackingException.id == exception_id,
            PackingException.solved_at.is_(None),
        )
        .values(solved_at=clock.now(), solved_by=get_context().actor.id)
        .returning(PackingException.parcel_id)
    ).scalar_one_or_none()
    if solved is None:
        raise ConflictError("Somebody else has solved this already.", exception_id=str(exception_id))
    record(session, "fulfillment:exception:solve", shop_id=shop_id, subject_id=solved)
