"""What keeps two shipments from travelling in one box. Pure: `docs/decisions/0097` says why each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fulfillment.models import Shipment
from fulfillment.states import UNFROZEN, ShipmentState


class Obstacle(StrEnum):
    PRINTED = "printed"
    HELD = "held"
    GONE = "gone"
    SENT_AGAIN = "sent_again"
    NO_CUSTOMER = "no_customer"
    CUSTOMER = "customer"
    RECIPIENT = "recipient"
    ADDRESS = "address"
    SENDER = "sender"
    GIFT = "gift"
    DESIRED = "desired"
    ZONE = "zone"
    WAREHOUSE = "warehouse"
    SERVICE = "service"
    SAME = "same"


@dataclass(frozen=True)
class Side:
    """A shipment with what its orders ask for: one set of terms per order, see `planning.contents.list_terms`."""

    shipment: Shipment
    terms: Sequence[Mapping[str, Any]]


def find_obstacles(sides: Sequence[Side]) -> list[Obstacle]:
    """Return everything that forbids one box for these, in a fixed order; empty: they may be merged."""
    found = {obstacle for side in sides for obstacle in _find_own(side.shipment)}
    if len({side.shipment.id for side in sides}) < max(2, len(sides)):
        found.add(Obstacle.SAME)
    shared: dict[Obstacle, list[Any]] = {
        Obstacle.ZONE: [side.shipment.temperature_zone for side in sides],
        Obstacle.WAREHOUSE: [side.shipment.warehouse_id for side in sides],
        Obstacle.SERVICE: [side.shipment.delivery_service for side in sides],
    }
    terms = [each for side in sides for each in side.terms]
    shared |= {Obstacle(name): [each[name] for each in terms] for name in (terms[0] if terms else {})}
    found |= {obstacle for obstacle, values in shared.items() if any(value != values[0] for value in values)}
    return [obstacle for obstacle in Obstacle if obstacle in found]


def _find_own(shipment: Shipment) -> list[Obstacle]:
    """Return what forbids it for this shipment, whatever the other one is."""
    checks = (
        (shipment.state in (ShipmentState.PRINTED, ShipmentState.VERIFIED), Obstacle.PRINTED),
        (shipment.state is ShipmentState.HELD, Obstacle.HELD),
        (not is_in_house(shipment), Obstacle.GONE),
        (shipment.resend_of_id is not None, Obstacle.SENT_AGAIN),
        (shipment.customer_id is None, Obstacle.NO_CUSTOMER),
    )
    return [obstacle for applies, obstacle in checks if applies]


def is_in_house(shipment: Shipment) -> bool:
    return shipment.state in UNFROZEN or shipment.state in (
        ShipmentState.HELD,
        ShipmentState.PRINTED,
        ShipmentState.VERIFIED,
    )


def may_be_split(shipment: Shipment) -> bool:
    """Whether its papers are not printed: it waits, is in a wave, or is held before printing."""
    held_unprinted = shipment.state is ShipmentState.HELD and shipment.printed_revision != shipment.revision
    return (shipment.state in UNFROZEN or held_unprinted) and shipment.resend_of_id is None
