"""Which box of its orders a shipment is: the inserts and letters of an order go with the first one."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from fulfillment.models import Shipment, ShipmentLine
from personalization.requests import GivenAgain, Part

# The first box of each order of these shipments: the oldest that was not given up, and is none sent again. `OFFSET 0`:
# each is found by its id; before rows are counted the planner would read all of the shop for each line instead.
FIRST_BOXES: Final = text("""
    SELECT mine.shipment_id, first.id AS first_id
      FROM (SELECT DISTINCT shipment_id, order_id
              FROM shipment_lines WHERE shop_id = :shop_id AND shipment_id = ANY(:shipments)) AS mine
     CROSS JOIN LATERAL (
           SELECT s.id
             FROM shipment_lines other
             CROSS JOIN LATERAL (
                   SELECT id, serial, resend_of_id, state FROM shipments WHERE id = other.shipment_id OFFSET 0) s
            WHERE other.shop_id = :shop_id AND other.order_id = mine.order_id
              AND s.resend_of_id IS NULL AND s.state NOT IN ('cancelled', 'merged')
            ORDER BY s.serial LIMIT 1) AS first
     ORDER BY mine.shipment_id, mine.order_id
""")


@dataclass(frozen=True)
class Place:
    """What a decision needs to know of it; `root_id`: the shipment with which it counts as one use of a limit."""

    part: Part = Part.WHOLE
    root_id: UUID | None = None
    with_letter: bool = True
    again: tuple[GivenAgain, ...] = ()


def find_places(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> dict[UUID, Place]:
    """Return the place of each of these shipments; one statement, and one more where something is sent again."""
    origins = _find_origins(session, shop_id, shipments)
    firsts: dict[UUID, list[UUID]] = defaultdict(list)
    for row in session.execute(FIRST_BOXES, {"shop_id": shop_id, "shipments": list(set(origins.values()))}):
        firsts[row.shipment_id].append(row.first_id)
    return {shipment.id: _place(shipment, origins[shipment.id], firsts) for shipment in shipments}


def _place(shipment: Shipment, origin: UUID, firsts: dict[UUID, list[UUID]]) -> Place:
    is_rest = bool(firsts[origin]) and origin not in firsts[origin]
    root = firsts[origin][0] if is_rest else origin
    choice = shipment.resend_choice
    if choice is None:
        return Place(Part.REST if is_rest else Part.WHOLE, root)
    again = tuple(GivenAgain(insert_key=entry["key"], quantity=entry["quantity"]) for entry in choice["inserts"])
    return Place(Part.CHOSEN, root, bool(choice["letter"]), again)


def _find_origins(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> dict[UUID, UUID]:
    """Return the shipment that was first sent, for those that are sent again (and again)."""
    origins = {shipment.id: shipment.resend_of_id or shipment.id for shipment in shipments}
    fresh = {shipment.resend_of_id for shipment in shipments if shipment.resend_of_id}
    while fresh:
        rows = session.execute(
            select(Shipment.id, Shipment.resend_of_id).where(
                Shipment.shop_id == shop_id, Shipment.id.in_(fresh), Shipment.resend_of_id.is_not(None)
            )
        ).all()
        before = {row.id: row.resend_of_id for row in rows}
        origins = {id_: before.get(origin, origin) for id_, origin in origins.items()}
        fresh = set(before.values())
    return origins


def find_siblings(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> set[UUID]:
    """Return the other shipments of the same orders."""
    mine, other = aliased(ShipmentLine), aliased(ShipmentLine)
    statement = (
        select(other.shipment_id)
        .join(mine, mine.order_id == other.order_id)
        .where(mine.shop_id == shop_id, mine.shipment_id.in_(set(shipment_ids)), other.shop_id == shop_id)
        .distinct()
    )
    return set(session.scalars(statement)) - set(shipment_ids)
