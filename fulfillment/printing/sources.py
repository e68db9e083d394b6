"""Everything the papers of one parcel are made from, as one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
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
    """Everything the papers of one parcel are made from. `quantities` is what this shipment holds, by order line id;
    `orders` are all whose goods it holds, the oldest first: that one's people and wishes are printed.
    """

    shop: Shop
    shipment: Shipment
    orders: Sequence[OrderRecord]
    quantities: Mapping[Any, int]
    products: Mapping[Any, Product]
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

    @cached_property
    def language(self) -> str:
        return self.shipment.language

    def choose(self, ja: str | None, en: str | None) -> str | None:
        """Return the wording in the language of the papers, the other one where it is missing."""
        return (ja or en) if self.language == "ja" else (en or ja)

    @property
    def order(self) -> OrderRecord:
        return self.orders[0]

    @cached_property
    def order_number(self) -> str:
        return "・".join(record.order.number for record in self.orders)

    @property
    def currency(self) -> str:
        return self.order.order.currency

    @cached_property
    def _held(self) -> list[tuple[OrderLine, int]]:
        """Every line of the orders, and how many of it are in this shipment."""
        return [(line, self.quantities.get(line.id, 0)) for record in self.orders for line in record.lines]

    @cached_property
    def boxed(self) -> list[Boxed]:
        return [Boxed(line, quantity, self.products.get(line.product_id)) for line, quantity in self._held if quantity]

    @property
    def lines(self) -> list[OrderLine]:
        return [line for line, _, _ in self.boxed]

    @cached_property
    def is_whole_order(self) -> bool:
        """Whether this shipment is all that its orders ask for: only then are their totals printed."""
        return all(
            quantity == line.open_quantity
            for line, quantity in self._held
            if line.open_quantity and line.requires_shipping
        )
