"""Finds at decision time what the papers of a shipment could not print: no font has the character."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.coverage import find_undrawable
from fulfillment.models import Shipment, ShipmentLine
from orders.models import Order, OrderLine
from personalization.plan import DecisionOutcome

# Marks a hold that a decision placed: what printing found is not taken back by a decision, which sees less.
FOUND_AT = {"at": "decision"}
_PARTS = ("name", "company", "region", "city", "address1", "address2", "phone", "postal_code")
_ADDRESS = frozenset(("region", "city", "address1", "address2"))


def find_undrawables(
    session: Session, shop_id: UUID, shipments: Sequence[Shipment], outcomes: Sequence[DecisionOutcome]
) -> dict[UUID, dict[str, Any]]:
    """Return by shipment the details of a hold: code, field and character. One statement, whatever the number."""
    told = _load_texts(session, shop_id, [shipment.id for shipment in shipments])
    plans = {outcome.shipment_id: outcome for outcome in outcomes}
    found = {}
    for shipment in shipments:
        outcome = plans.get(shipment.id)
        error = find_undrawable(
            [
                *_list_address("recipient", shipment.recipient),
                *_list_address("sender", shipment.sender),
                *told[shipment.id],
                *(_list_words(outcome, shipment.language) if outcome else ()),
            ]
        )
        if error is not None:
            found[shipment.id] = {"code": error.code, "field": error.field, "character": error.character, **FOUND_AT}
    return found


def _load_texts(session: Session, shop_id: UUID, shipment_ids: list[UUID]) -> dict[UUID, list[tuple[str, str | None]]]:
    """Return what the orders themselves say: names of lines and gift messages."""
    rows = session.execute(
        select(ShipmentLine.shipment_id, OrderLine.title, Order.gift_message)
        .join(OrderLine, (OrderLine.id == ShipmentLine.order_line_id) & (OrderLine.shop_id == ShipmentLine.shop_id))
        .join(Order, (Order.id == ShipmentLine.order_id) & (Order.shop_id == ShipmentLine.shop_id))
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.shipment_id.in_(shipment_ids))
        .order_by(ShipmentLine.shipment_id, ShipmentLine.position)
    )
    texts: dict[UUID, list[tuple[str, str | None]]] = defaultdict(list)
    for shipment_id, title, gift_message in rows:
        own = texts[shipment_id]
        if not own:
            own.append(("gift_message", gift_message))
        own.append((f"lines[{len(own)}].name", title))
    return texts


def _list_address(role: str, address: Mapping[str, Any] | None) -> Iterator[tuple[str, str | None]]:
    for part in _PARTS:
        text = (address or {}).get(part)
        if text:
            yield f"{role}_{'address' if part in _ADDRESS else part}", str(text)


def _list_words(outcome: DecisionOutcome, language: str) -> Iterator[tuple[str, str | None]]:
    """Give what rules wrote: messages of the slip, slots of the letter."""
    letter = outcome.plan.letter
    for slots in (outcome.plan.messages, letter.slots if letter else {}):
        for slot, texts in slots.items():
            yield slot, texts.get(language) or next(iter(texts.values()), None)
