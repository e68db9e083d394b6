"""Sends again what was lost, missing or damaged: as a shipment of its own that counts with the first one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.service import record
from core.ids import new_id
from fulfillment.copying import ADDRESS, ORIGIN, copy_values
from fulfillment.deciding import decide_shipments
from fulfillment.errors import ActNotPossibleError, NothingToResendError, ReasonMissingError, ShipmentErasedError
from fulfillment.models import Parcel, Shipment, ShipmentLine
from fulfillment.packing.models import Unit, UnitKind
from fulfillment.service import get_shipment
from fulfillment.states import SENT, ShipmentAct


@dataclass(frozen=True, kw_only=True)
class ResendChoice:
    """Pieces by shipment line and by insert key; nothing else is put in. `letter`: rules may choose one."""

    lines: Mapping[UUID, int] = field(default_factory=dict)
    inserts: Mapping[str, int] = field(default_factory=dict)
    letter: bool = False


@dataclass(frozen=True)
class SentInsert:
    """An insert or task that was in the first box, and how many."""

    key: str
    name: str
    name_en: str | None
    quantity: int


def resend_shipment(
    session: Session,
    shop_id: UUID,
    shipment_id: UUID,
    *,
    reason: str,
    choice: ResendChoice | None = None,
    asked: UUID | None = None,
) -> Shipment:
    """Plan it again as a whole, decided by the rules as the first one was; or only what a person chose.

    `asked` names the asking: the same choice once more, by a second click or after a lost answer, gives the same
    shipment. The first shipment stays as it is, and limits count the two as one. Raises NothingToResendError, also for
    more than was sent; ShipmentErasedError when nobody knows any more where it went.
    """
    if not reason.strip():
        raise ReasonMissingError("Sending again")
    original = get_shipment(session, shop_id, shipment_id)
    if original.state not in SENT:
        raise ActNotPossibleError(ShipmentAct.RESEND, [original.number], [original.state])
    plan_key = _name_plan(original, choice, asked)
    if (made := _find_made(session, original, plan_key)) is not None:
        return made
    if original.recipient is None:
        raise ShipmentErasedError(original.number)
    again = _copy_shipment(original, plan_key, reason.strip())
    again.resend_choice = _keep_choice(session, original, choice)
    again.lines = _copy_lines(session, original, choice)
    session.add(again)
    session.flush()  # It is decided by its id.
    details = {"again": str(again.id), "whole": choice is None}
    record(session, "fulfillment:shipment:resend", shop_id=shop_id, subject_id=shipment_id, details=details)
    decide_shipments(session, shop_id, [again.id])
    return again


def list_sent_inserts(session: Session, shop_id: UUID, shipment_id: UUID) -> list[SentInsert]:
    """Return the inserts and tasks of the boxes that left."""
    rows = session.execute(
        select(Unit.sku, Unit.name, Unit.name_en, Unit.verified_quantity)
        .join(Parcel, Parcel.id == Unit.parcel_id)
        .where(Unit.shop_id == shop_id, Parcel.shipment_id == shipment_id, Parcel.handed_over_at.is_not(None))
        .where(Unit.kind.in_([UnitKind.INSERT, UnitKind.TASK]))
        .order_by(Unit.position)
    )
    return [SentInsert(key or "", name, name_en, quantity) for key, name, name_en, quantity in rows]


def _name_plan(original: Shipment, choice: ResendChoice | None, asked: UUID | None) -> str:
    """Return what is the same when the same is asked again, and never else."""
    chosen = None if choice is None else [sorted(choice.lines.items()), sorted(choice.inserts.items()), choice.letter]
    digest = hashlib.blake2b(orjson.dumps(chosen), digest_size=8).hexdigest()
    return f"resend:{original.id}:{asked or new_id()}:{digest}"


def _find_made(session: Session, original: Shipment, plan_key: str) -> Shipment | None:
    """Return the shipment of this asking; those who ask at once take turns."""
    session.execute(select(Shipment.id).where(Shipment.id == original.id).with_for_update(key_share=True))
    statement = select(Shipment).where(Shipment.shop_id == original.shop_id, Shipment.plan_key == plan_key)
    return session.scalars(statement).one_or_none()


def _copy_shipment(original: Shipment, plan_key: str, reason: str) -> Shipment:
    return Shipment(
        id=new_id(),
        plan_key=plan_key,
        resend_of_id=original.id,
        resend_reason=reason,
        is_apart=True,
        **copy_values(original, ORIGIN + ADDRESS),
    )


def _keep_choice(session: Session, original: Shipment, choice: ResendChoice | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    sent = {insert.key: insert.quantity for insert in list_sent_inserts(session, original.shop_id, original.id)}
    wanted = {key: quantity for key, quantity in choice.inserts.items() if quantity}
    for key, quantity in wanted.items():
        if not 0 < quantity <= sent.get(key, 0):
            raise NothingToResendError(original.number, key)
    return {
        "inserts": [{"key": key, "quantity": quantity} for key, quantity in wanted.items()],
        "letter": choice.letter,
    }


def _copy_lines(session: Session, original: Shipment, choice: ResendChoice | None) -> list[ShipmentLine]:
    """Return the chosen goods. A box of inserts alone keeps its order by a line of no pieces: its slip names it."""
    lines = session.scalars(
        select(ShipmentLine).where(ShipmentLine.shipment_id == original.id).order_by(ShipmentLine.position)
    ).all()
    wanted = {line.id: line.quantity for line in lines} if choice is None else dict(choice.lines)
    _check_lines(original, lines, wanted)
    if choice is not None and not any(wanted.values()) and not any(choice.inserts.values()):
        raise NothingToResendError(original.number, None)
    kept = [line for line in lines if wanted.get(line.id)] or lines[:1]
    return [
        ShipmentLine(
            shop_id=line.shop_id,
            order_id=line.order_id,
            order_line_id=line.order_line_id,
            product_id=line.product_id,
            position=line.position,
            quantity=wanted.get(line.id, 0),
        )
        for line in kept
    ]


def _check_lines(original: Shipment, lines: Sequence[ShipmentLine], wanted: Mapping[UUID, int]) -> None:
    sent = {line.id: line.quantity for line in lines}
    for line_id, quantity in wanted.items():
        if not 0 <= quantity <= sent.get(line_id, 0):
            raise NothingToResendError(original.number, str(line_id))
