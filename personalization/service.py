"""Use cases of personalization: decide, settle what was packed, return what was not. Callers own the transaction."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.rowsets import pack_rows, rowset
from personalization.coupons.service import mark_given, return_coupons
from personalization.deciding import Deciding
from personalization.errors import AllotmentNotFoundError, PackedTooMuchError
from personalization.models import Allotment, AllotmentState, DecisionMode
from personalization.placing import Places
from personalization.plan import DecisionOutcome, Plan
from personalization.requests import DecisionRequest
from personalization.rule_counts.counting import uncount
from personalization.writing import Delta, adjust_stock

SETTLE: Final = text(
    f"""
    UPDATE allotments a
       SET state = CASE WHEN wanted.quantity > 0 THEN 'packed' ELSE 'returned' END,
           packed_quantity = wanted.quantity,
           packed_at = CASE WHEN wanted.quantity > 0 THEN CAST(:now AS timestamptz) END,
           returned_at = CASE WHEN wanted.quantity = 0 THEN CAST(:now AS timestamptz) END
      FROM {rowset("wanted", {"id": "uuid", "quantity": "integer"})}
     WHERE a.shop_id = :shop_id AND a.id = wanted.id AND a.state = 'reserved'
    RETURNING a.warehouse_id, a.insert_id, a.quantity, a.packed_quantity
    """
)
RETURN_ALL: Final = text(
    """
    UPDATE allotments a SET state = 'returned', returned_at = :now
      FROM (SELECT id, state FROM allotments
             WHERE shop_id = :shop_id AND shipment_id = ANY(:shipments) AND state IN ('reserved', 'packed', 'owed')
             ORDER BY id FOR UPDATE) before
     WHERE a.id = before.id
    RETURNING a.warehouse_id, a.insert_id, a.quantity, a.packed_quantity, before.state
    """
)


def decide(
    session: Session,
    shop_id: UUID,
    requests: Sequence[DecisionRequest],
    *,
    mode: DecisionMode,
    places: Callable[[], Places] | None = None,
) -> list[DecisionOutcome]:
    """Decide what goes into these shipments and reserve it; one outcome per request, in their order.

    Deciding again gives what a decision from scratch would: own reservations are credited back first, and scarce things
    go by the age of the order. Whoever loses something to an older order is named in `ShipmentsDisplaced`. `places`
    gives the slots of all templates as of now, so that nothing is offered that no paper of the parcel would show.
    Raises OvertakenError (try again) when a younger order was frozen in the same instant.
    """
    if not requests:
        return []
    if len({request.shipment_id for request in requests}) < len(requests):
        raise ValueError("A shipment is decided once per call.")
    return Deciding(session, shop_id, requests, mode, places=places).run()


def foresee(
    session: Session,
    shop_id: UUID,
    requests: Sequence[DecisionRequest],
    *,
    version_id: UUID | None = None,
    places: Callable[[], Places] | None = None,
) -> list[Plan]:
    """Return what `decide` would choose for these shipments now, by the rules in force or by those of a version.

    Writes nothing and holds up nobody.
    """
    deciding = Deciding(session, shop_id, requests, DecisionMode.LIVE, version_id, places)
    return deciding.foresee() if requests else []


def settle_packed(session: Session, shop_id: UUID, shipment_id: UUID, packed: Mapping[UUID, int]) -> None:
    """Record what was really enclosed: allotment → pieces; what is not named was not enclosed and is returned.

    Allotments without an insert (uses of limited rules) count as packed. Repeating it changes nothing.
    Raises AllotmentNotFoundError for one of another shipment, PackedTooMuchError for more pieces than promised.
    """
    rows = session.scalars(select(Allotment).where(Allotment.shop_id == shop_id, Allotment.shipment_id == shipment_id))
    promised = {row.id: row for row in rows}
    if unknown := [allotment_id for allotment_id in packed if allotment_id not in promised]:
        raise AllotmentNotFoundError(unknown)
    for allotment_id, quantity in packed.items():
        if not 0 <= quantity <= promised[allotment_id].quantity:
            raise PackedTooMuchError(allotment_id, promised[allotment_id].quantity)
    open_rows = [row for row in promised.values() if row.state is AllotmentState.RESERVED]
    settled = [
        {"id": row.id, "quantity": packed.get(row.id, 0) if row.insert_id is not None else row.quantity}
        for row in open_rows
    ]
    mark_given(session, shop_id, shipment_id)
    if not settled:
        return
    bound = {"shop_id": shop_id, "now": clock.now(), "wanted": pack_rows(settled)}
    reserved: Delta = defaultdict(int)
    really: Delta = defaultdict(int)
    for row in session.execute(SETTLE, bound):
        if row.insert_id is not None:
            reserved[row.warehouse_id, row.insert_id] -= row.quantity
            really[row.warehouse_id, row.insert_id] += row.packed_quantity
    adjust_stock(session, shop_id, reserved, really)
    for instance in open_rows:
        session.expire(instance)
    details = {"allotments": {str(row["id"]): row["quantity"] for row in settled}}
    record(session, "personalization:allotments:packed", shop_id=shop_id, subject_id=shipment_id, details=details)


def return_allotments(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> None:
    """Credit back all that these shipments were promised or held (cancelled, come back), and count their decisions no
    more. May be repeated.
    """
    bound = {"shop_id": shop_id, "shipments": list(shipment_ids), "now": clock.now()}
    reserved: Delta = defaultdict(int)
    packed: Delta = defaultdict(int)
    for row in session.execute(RETURN_ALL, bound):
        if row.insert_id is None or row.state == AllotmentState.OWED:
            continue
        if row.state == AllotmentState.PACKED:
            packed[row.warehouse_id, row.insert_id] -= row.packed_quantity
        else:
            reserved[row.warehouse_id, row.insert_id] -= row.quantity
    return_coupons(session, shop_id, shipment_ids)
    adjust_stock(session, shop_id, reserved, packed)
    uncount(session, shop_id, shipment_ids)
