"""What happened to orders; upper packages subscribe in `app/wiring.py`."""

from dataclasses import dataclass
from uuid import UUID

from orders.kinds import OrderChangeKind


@dataclass(frozen=True, slots=True)
class OrderChange:
    order_id: UUID
    change: OrderChangeKind
    version: int


@dataclass(frozen=True, slots=True)
class OrdersRecorded:
    """Orders whose content or problems changed, once per batch; unchanged ones are not named."""

    shop_id: UUID
    orders: tuple[OrderChange, ...]
