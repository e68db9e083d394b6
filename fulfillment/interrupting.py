"""What arrives after printing: the printed parcel is looked at again and stopped where that would change it; a person
decides whether it goes as printed or is printed anew.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record, record_many
from core.context import get_context
from core.jobs.service import enqueue_many
from crm_link.kinds import CareKind
from crm_link.queries import care_flags_of
from fulfillment.deciding import build_requests, decide_shipments
from fulfillment.differences import Difference, find_differences
from fulfillment.errors import (
    ActNotPossibleError,
    ChangedAgainError,
    NothingChangedError,
    PersonNeededError,
    ReasonMissingError,
)
from fulfillment.holds import CAUSE_GONE, HoldIn, lift_holds, place_holds
from fulfillment.models import HoldReason, Parcel, Shipment, ShipmentHold
from fulfillment.packing.models import Copy, CopyState
from fulfillment.paper_places import load_places
from fulfillment.service import get_shipment
from fulfillment.standing import is_frozen
from fulfillment.states import ParcelState, ShipmentAct, ShipmentState
from fulfillment.transitions import require_change
from personalization.models import Decision
from personalization.service import foresee
from personalization.storage import dump_plan

CHANGED = HoldReason.CHANGED_AFTER_PRINT
TAKEN_OUT = "taken_out"
STOPPING = (CareKind.DO_NOT_SEND, CareKind.CHECK_BY_HAND)


def enqueue_reviews(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> None:
    batch = [({"shipment_id": str(shipment_id)}, str(shipment_id)) for shipment_id in sorted(shipment_ids)]
    enqueue_many(session, "fulfillment.review_printed", shop_id=shop_id, batch=batch)


def stop_flagged(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> None:
    """Hold those of the printed shipments to whose people nothing may be sent, or nothing unseen.

    A review alone would not: such a flag is a hold of its own, and no difference of what was chosen.
    """
    rows = session.execute(
        select(Shipment.id, Shipment.customer_id, Shipment.recipient_customer_id).where(
            Shipment.shop_id == shop_id, Shipment.id.in_(set(shipment_ids)), is_frozen()
        )
    ).all()
    people = {person for row in rows for person in (row.customer_id, row.recipient_customer_id) if person}
    flags = care_flags_of(session, shop_id, people) if people else {}
    stopping = {person for person, kept in flags.items() if any(flag.kind in STOPPING for flag in kept)}
    holds = [
        HoldIn(row.id, HoldReason.CARE_FLAG, {"after_print": True})
        for row in rows
        if stopping & {row.customer_id, row.recipient_customer_id}
    ]
    place_holds(session, shop_id, holds)


def review_printed(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> dict[UUID, list[Difference]]:
    """Decide printed shipments once more without writing it, by the rules they were frozen with, and hold those for
    which something else would be chosen now; returns what differs.

    What a person has kept as printed is not stopped for the same difference again; what differs no more goes on.
    """
    if not shipment_ids:
        return {}
    statement = select(Shipment).where(Shipment.shop_id == shop_id, Shipment.id.in_(set(shipment_ids)), is_frozen())
    shipments = session.scalars(
        statement.order_by(Shipment.id).with_for_update().execution_options(populate_existing=True)
    ).all()
    frozen = _load_frozen(session, shop_id, shipments)
    found = _compare(session, shop_id, shipments, frozen)
    seen = _load_holds(session, shop_id, frozen)
    _stop(session, shop_id, found, seen)
    is_open = {hold.shipment_id for hold in seen if hold.released_at is None}
    lift_holds(session, shop_id, [id_ for id_ in is_open if not found.get(id_)], [CHANGED], cause_gone=True)
    return found


def _load_frozen(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> dict[UUID, Decision]:
    """Return the decisions by which these shipments were printed; those of erased people are gone."""
    statement = select(Decision).where(
        Decision.shop_id == shop_id,
        Decision.shipment_id.in_([shipment.id for shipment in shipments]),
        Decision.superseded_at.is_(None),
        Decision.erased_at.is_(None),
    )
    return {decision.shipment_id: decision for decision in session.scalars(statement)}


def _compare(
    session: Session, shop_id: UUID, shipments: Sequence[Shipment], frozen: Mapping[UUID, Decision]
) -> dict[UUID, list[Difference]]:
    found: dict[UUID, list[Difference]] = {}
    # Papers that are printed show what their templates showed then, whatever was published since.
    for version_id, frozen_at in set(map(_tell_frozen, frozen.values())):
        alike = [s for s in shipments if s.id in frozen and _tell_frozen(frozen[s.id]) == (version_id, frozen_at)]
        requests, places = build_requests(session, shop_id, alike), partial(load_places, session, shop_id, frozen_at)
        plans = foresee(session, shop_id, requests, version_id=version_id, places=places)
        for shipment, plan in zip(alike, plans, strict=True):
            found[shipment.id] = find_differences(frozen[shipment.id].fired or [], dump_plan(plan)["fired"])
    return found


def _tell_frozen(decision: Decision) -> tuple[UUID | None, datetime]:
    return decision.version_id, decision.decided_at


def _load_holds(session: Session, shop_id: UUID, frozen: Mapping[UUID, Decision]) -> list[ShipmentHold]:
    """Return what was asked about the papers of these decisions; an answer about earlier papers is none about them."""
    statement = select(ShipmentHold).where(
        ShipmentHold.shop_id == shop_id, ShipmentHold.shipment_id.in_(frozen), ShipmentHold.reason == CHANGED
    )
    holds = session.scalars(statement.order_by(ShipmentHold.id))
    return [h for h in holds if h.released_at is None or h.placed_at >= frozen[h.shipment_id].decided_at]


def _stop(session: Session, shop_id: UUID, found: dict[UUID, list[Difference]], seen: Sequence[ShipmentHold]) -> None:
    answered = [hold for hold in seen if not CAUSE_GONE.items() <= hold.details.items()]
    known = {(hold.shipment_id, _text(hold.details.get("differences"))) for hold in answered}
    still = {hold.shipment_id: hold for hold in seen if hold.released_at is None}
    placing = []
    for shipment_id, differences in found.items():
        if not differences or (shipment_id, _text(differences)) in known:
            continue
        if shipment_id in still:
            still[shipment_id].details = {"differences": differences}
        else:
            placing.append(HoldIn(shipment_id, CHANGED, {"differences": differences}))
    place_holds(session, shop_id, placing)


def _text(differences: object) -> str:
    return json.dumps(differences, sort_keys=True)


def mark_differences(details: Mapping[str, Any]) -> str:
    """Return a short mark of what a hold tells that differs: an answer names what was seen by it."""
    return hashlib.blake2b(_text(details.get("differences")).encode(), digest_size=8).hexdigest()


def keep_as_printed(
    session: Session, shop_id: UUID, shipment_id: UUID, *, reason: str, seen: str | None = None
) -> None:
    """Let a stopped parcel go as it was printed: a named person answers for it, with a reason.

    `seen` marks what differed when the person looked; raises ChangedAgainError when it is something else by now.
    """
    _need_person("Keeping a parcel as printed", reason)
    shipment = get_shipment(session, shop_id, shipment_id)
    # Before its holds, as whoever reviews it does.
    session.execute(select(Shipment.id).where(Shipment.id == shipment_id).with_for_update(key_share=True))
    statement = select(ShipmentHold).where(ShipmentHold.shop_id == shop_id, ShipmentHold.shipment_id == shipment_id)
    statement = statement.where(ShipmentHold.reason == CHANGED, ShipmentHold.released_at.is_(None)).with_for_update()
    hold = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if hold is None:
        raise NothingChangedError(shipment.number)
    if seen is not None and seen != mark_differences(hold.details):
        raise ChangedAgainError(shipment.number)
    hold.note = reason.strip()
    session.flush()  # Closed by the statement below.
    lift_holds(session, shop_id, [shipment_id], [CHANGED])
    details = {"hold": str(hold.id)}
    record(session, "fulfillment:shipment:keep_as_printed", shop_id=shop_id, subject_id=shipment_id, details=details)


def print_anew(session: Session, shop_id: UUID, shipment_id: UUID, *, reason: str) -> None:
    """Take a printed parcel out: its papers are void at once, it is decided again and waits for the next wave."""
    _need_person("Taking a parcel out", reason)
    shipment, parcels = _lock(session, shop_id, shipment_id)
    _void(session, shipment, parcels)
    values = {"revision": Shipment.revision + 1, "wave_id": None, "wave_position": None}
    require_change(session, shop_id, [shipment_id], ShipmentAct.CHANGE, **values)
    session.execute(
        update(ShipmentHold)
        .where(ShipmentHold.shipment_id == shipment_id, ShipmentHold.reason == CHANGED)
        .where(ShipmentHold.released_at.is_(None))
        .values(note=reason.strip())
    )
    lift_holds(session, shop_id, [shipment_id], [CHANGED])
    record(session, "fulfillment:shipment:print_anew", shop_id=shop_id, subject_id=shipment_id)
    decide_shipments(session, shop_id, [shipment_id])


def _need_person(act: str, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError(act)
    if get_context().actor.kind != "user":
        raise PersonNeededError(act)


def _lock(session: Session, shop_id: UUID, shipment_id: UUID) -> tuple[Shipment, list[UUID]]:
    """Lock parcels before their shipment's copies, as scans do."""
    get_shipment(session, shop_id, shipment_id)
    rows = session.execute(
        select(Shipment, Parcel.id)
        .join(Parcel, Parcel.shipment_id == Shipment.id)
        .where(Shipment.shop_id == shop_id, Shipment.id == shipment_id, Parcel.revision == Shipment.revision)
        .order_by(Parcel.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    shipment = session.get_one(Shipment, shipment_id)
    bears_papers = shipment.printed_revision == shipment.revision
    if not rows or not bears_papers or shipment.state not in _IN_HOUSE:
        raise ActNotPossibleError("print_anew", [shipment.number], [shipment.state])
    return shipment, [row[1] for row in rows]


_IN_HOUSE = (ShipmentState.PRINTED, ShipmentState.VERIFIED, ShipmentState.HELD)


def _void(session: Session, shipment: Shipment, parcel_ids: Collection[UUID]) -> None:
    voided = session.scalars(
        update(Copy)
        .where(Copy.shop_id == shipment.shop_id, Copy.shipment_id == shipment.id, Copy.state == CopyState.VALID)
        .values(state=CopyState.VOID, voided_at=clock.now(), void_reason=TAKEN_OUT)
        .returning(Copy.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        update(Parcel)
        .where(Parcel.id.in_(parcel_ids), Parcel.state.in_([ParcelState.OPEN, ParcelState.VERIFIED]))
        .values(state=ParcelState.VOID, tracking_number=None)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    subjects: list[tuple[UUID, dict[str, Any]]] = [(shipment.id, {"copy": str(copy_id)}) for copy_id in voided]
    record_many(session, "fulfillment:copy:void", shop_id=shipment.shop_id, subjects=subjects)
