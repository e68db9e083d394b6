"""What a shipment has in common with one that is made of it: another part of it, or what is sent again."""

from typing import Any, Final

from fulfillment.models import Shipment

ORIGIN: Final = (
    "shop_id",
    "warehouse_id",
    "customer_id",
    "recipient_customer_id",
    "is_gift",
    "language",
    "channel",
    "delivery_service",
    "temperature_zone",
    "accepted_at",
)
ADDRESS: Final = ("recipient_name", "recipient_key", "recipient", "sender")


def copy_values(shipment: Shipment, names: tuple[str, ...]) -> dict[str, Any]:
    """Return these columns as a new shipment takes them over."""
    return {name: getattr(shipment, name) for name in names}
