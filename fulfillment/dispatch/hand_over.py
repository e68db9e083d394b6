"""Hands parcels over to the carrier: only those that are proven, the others with the reason."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record, record_many
from core.context import get_context
from core.jobs.service import enqueue
from fulfillment.models import HandOver, Parcel, Shipment
from fulfillment.states import ParcelState, ShipmentAct, ShipmentState
from fulfillment.transitions import change_states

why_not = func.why_parcel_may_not_leave


@dataclass(frozen=True)
class Refusal:
    parcel_id: UUID
    shipment_id: UUID
    reason: str


@dataclass(frozen=True)
class HandOverResult:
    """`hand_over_id` is empty when nothing could leave."""

    hand_over_id: UUID | None
    handed_over: list[UUID]
    refused: list[Refusal]


def find_ready_parcels(
    session: Session, shop_id: UUID, *, warehouse_id: UUID | None = None, wave_id: UUID | None = None
) -> list[UUID]:
    """Return the verified parcels that wait for the carrier."""
    statement = (
        select(Parcel.id)
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .where(Parcel.shop_id == shop_id, Parcel.state == ParcelState.VERIFIED)
        .where(Shipment.state == ShipmentState.VERIFIED)
        .order_by(Parcel.id)
    )
    if warehouse_id is not None:
        statement = statement.where(Shipment.warehouse_id == warehouse_id)
    if wave_id is not None:
        statement = statement.where(Shipment.wave_id == wave_id)
    return list(session.scalars(statement))


def hand_over(session: Session, shop_id: UUID, parcel_ids: Collection[UUID]) -> HandOverResult:
    """Give these parcels to the carrier. What is not proven stays, with the reason; the database refuses it as well.

    A shipment counts as handed over with the last of its parcels. Its touchpoint, the settled allotments and the notice
    to the shop follow in a job of the same transaction.
    """
    parcels = _lock_parcels(session, shop_id, parcel_ids)
    reasons = _find_refusals(session, parcels)
    refused = [Refusal(p.id, p.shipment_id, reason) for p in parcels if (reason := reasons[p.id])]
    leaving = [parcel for parcel in parcels if not reasons[parcel.id]]
    if not leaving:
        return HandOverResult(None, [], refused)
    manifest = _make_manifest(session, shop_id, leaving)
    _leave(session, manifest, [parcel.id for parcel in leaving])
    shipment_ids = _finish_shipments(session, shop_id, {parcel.shipment_id for parcel in leaving})
    subjects = [(parcel.shipment_id, {"parcel": str(parcel.id)}) for parcel in leaving]
    record_many(session, "fulfillment:parcel:hand_over", shop_id=shop_id, subjects=subjects)
    for shipment_id in shipment_ids:
        _enqueue_record(session, shop_id, shipment_id)
    return HandOverResult(manifest.id, [parcel.id for parcel in leaving], refused)


def _enqueue_record(session: Session, shop_id: UUID, shipment_id: UUID) -> None:
    enqueue(session, "fulfillment.record_dispatch", shop_id=shop_id, args={"shipment_id": str(shipment_id)})


def _find_refusals(session: Session, parcels: list[Parcel]) -> dict[UUID, str | None]:
    """Ask the database why each parcel may not leave; None: it may."""
    statement = select(Parcel.id, why_not(Parcel.id)).where(Parcel.id.in_([parcel.id for parcel in parcels]))
    return {row[0]: row[1] for row in session.execute(statement)}


def _lock_parcels(session: Session, shop_id: UUID, parcel_ids: Collection[UUID]) -> list[Parcel]:
    statement = (
        select(Parcel)
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .where(Parcel.shop_id == shop_id, Parcel.id.in_(set(parcel_ids)))
        .order_by(Parcel.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement))


def _make_manifest(session: Session, shop_id: UUID, parcels: list[Parcel]) -> HandOver:
    first = session.get_one(Shipment, parcels[0].shipment_id)
    manifest = HandOver(
        shop_id=shop_id, warehouse_id=first.warehouse_id, by=get_context().actor.id, parcel_count=len(parcels)
    )
    session.add(manifest)
    session.flush()  # The parcels refer to it in a plain statement.
    record(
        session,
        "fulfillment:hand_over:make",
        shop_id=shop_id,
        subject_id=manifest.id,
        details={"parcels": len(parcels)},
    )
    return manifest


def _leave(session: Session, manifest: HandOver, parcel_ids: list[UUID]) -> None:
    session.execute(
        update(Parcel)
        .where(Parcel.id.in_(parcel_ids), Parcel.state == ParcelState.VERIFIED)
        .values(state=ParcelState.HANDED_OVER, hand_over_id=manifest.id, handed_over_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _finish_shipments(session: Session, shop_id: UUID, shipment_ids: set[UUID]) -> list[UUID]:
    """Mark the shipments of which no parcel is left behind."""
    behind = select(Parcel.shipment_id).where(
        Parcel.shipment_id.in_(shipment_ids), Parcel.state.in_([ParcelState.OPEN, ParcelState.VERIFIED])
    )
    gone = shipment_ids - set(session.scalars(behind))
    return list(change_states(session, shop_id, gone, ShipmentAct.HAND_OVER, handed_over_at=clock.now()))
