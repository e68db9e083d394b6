"""Which shipments are still decided, and which go by their papers: each pending one is one or the other."""

from sqlalchemy import ColumnElement, and_, or_

from fulfillment.models import Shipment
from fulfillment.states import ShipmentState


def is_decidable() -> ColumnElement[bool]:
    """Select what bears no valid papers yet: planned, in a wave, or held before it was printed."""
    waiting = Shipment.state.in_([ShipmentState.PLANNED, ShipmentState.WAVED])
    unprinted = Shipment.printed_revision.is_distinct_from(Shipment.revision)
    return or_(waiting, and_(Shipment.state == ShipmentState.HELD, unprinted))


def is_frozen() -> ColumnElement[bool]:
    """Select what bears valid papers and has not left: printed, packed, or held since then."""
    printed = Shipment.state.in_([ShipmentState.PRINTED, ShipmentState.VERIFIED])
    held = and_(Shipment.state == ShipmentState.HELD, Shipment.printed_revision == Shipment.revision)
    return or_(printed, held)
