"""Everything the papers of one parcel are made from, as one value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from core.tenancy import Shop
from fulfillment.models import Shipment
from fulfillment.printing.offers import Offer
from orders.catalogue.models import DeliveryService, Product
from orders.models import OrderLine
from orders.queries import OrderRecord
from personalization.plan import Plan


class Boxed(NamedTuple):
    """A line of which this shipment holds so many."""

    line: OrderLine
    quantity: int
    product: Product | None


@dataclass(frozen=True, kw_only=True)
class PaperSource:
    """Everything the papers of one parcel are made from. `boxed` is what this shipment holds; `orders` are all whose
    goods it holds, the oldest first: that one's people and wishes are printed. Only where it is all that its orders ask
    for (`is_whole_order`) are their totals printed.
    """

    shop: Shop
    shipment: Shipment
    language: str
    orders: Sequence[OrderRecord]
    boxed: Sequence[Boxed]
    is_whole_order: bool
    service: DeliveryService | None
    plan: Plan
    enclosed: Sequence[tuple[str, str, int]]  # name (ja), name (en), quantity
    parcel_number: int
    parcel_count: int
    today: date
    # Units of each line that went in earlier boxes, and the orders whose fees this box bears.
    earlier: Mapping[Any, int] = field(default_factory=dict)
    fees_of: frozenset[UUID] = frozenset()
    offers: Mapping[str, Offer] = field(default_factory=dict)

    @property
    def is_resend(self) -> bool:
        """Whether it was paid for with an earlier box."""
        return self.shipment.resend_of_id is not None

    def choose(self, ja: str | None, en: str | None) -> str | None:
        """Return the wording in the language of the papers, the other one where it is missing."""
        return (ja or en) if self.language == "ja" else (en or ja)

    @property
    def order(self) -> OrderRecord:
        return self.orders[0]

    @property
    def order_number(self) -> str:
        return "・".join([record.order.number for record in self.orders])

    @property
    def currency(self) -> str:
        return self.order.order.currency


def list_boxed(
    orders: Iterable[OrderRecord], quantities: Mapping[UUID, int], products: Mapping[Any, Product]
) -> tuple[list[Boxed], bool]:
    """Return the lines of which a shipment holds these quantities, by id of the order's line; and whether that is all
    that the orders ask for.
    """
    held = [(line, quantities.get(line.id, 0)) for record in orders for line in record.lines]
    boxed = [Boxed(line, quantity, products.get(line.product_id)) for line, quantity in held if quantity]
    is_whole = not any(
        quantity != line.open_quantity and line.open_quantity and line.requires_shipping for line, quantity in held
    )
    return boxed, is_whole
