"""The one shape every door produces. Money is in the currency's smallest unit; moments are aware, in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class PaymentState(StrEnum):
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    ON_DELIVERY = "on_delivery"  # 代金引換: the carrier collects
    DEFERRED = "deferred"  # 後払い: paid after delivery, guaranteed by a third party
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"


PAYMENT_ALLOWS_SHIPPING = frozenset(
    {
        PaymentState.AUTHORIZED,
        PaymentState.PAID,
        PaymentState.ON_DELIVERY,
        PaymentState.DEFERRED,
        PaymentState.PARTIALLY_REFUNDED,
    }
)


class TemperatureZone(StrEnum):
    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


class FeeKind(StrEnum):
    SHIPPING = "shipping"
    CASH_ON_DELIVERY = "cash_on_delivery"
    WRAPPING = "wrapping"
    HANDLING = "handling"
    OTHER = "other"


class DiscountKind(StrEnum):
    COUPON = "coupon"
    POINTS = "points"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person and an address as an order states them. `external_id` is the door's own id of the person."""

    external_id: str | None = None
    name: str | None = None
    name_kana: str | None = None
    company: str | None = None
    postal_code: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    address1: str | None = None
    address2: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedLine:
    """`unit_price` contains tax when `tax_included`. `discount` is what the door itself took off this line."""

    external_id: str
    sku: str | None
    title: str
    quantity: int
    unit_price: int
    tax_rate: Decimal | None = None
    tax_included: bool = True
    discount: int = 0
    cancelled_quantity: int = 0
    requires_shipping: bool = True
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedFee:
    kind: FeeKind
    amount: int
    title: str | None = None
    tax_rate: Decimal | None = None
    tax_included: bool = True
    discount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedDiscount:
    """A positive amount taken off the order. What lines and fees do not hold of it yet is allocated to them when
    recorded.
    """

    kind: DiscountKind
    amount: int
    code: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedLine:
    line_external_id: str
    quantity: int
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedRefund:
    """Joined to its order by the door's own order id; it may arrive before the order."""

    source: str
    external_id: str
    order_external_id: str
    refunded_at: datetime
    amount: int
    lines: tuple[RefundedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedCancellation:
    """A notice that names the order only. A snapshot that says cancelled is a `NormalisedOrder` with `cancelled_at`."""

    source: str
    order_external_id: str
    cancelled_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftWishes:
    wrapping: str | None = None
    noshi: str | None = None
    noshi_name: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedOrder:
    """The state of one order at `source_updated_at`. `recipient` None means: no address is known (not:
    same as buyer).
    """

    source: str
    external_id: str
    number: str
    placed_at: datetime
    source_updated_at: datetime
    currency: str
    total: int
    lines: tuple[NormalisedLine, ...]
    buyer: Contact | None = None
    recipient: Contact | None = None
    sender: Contact | None = None
    fees: tuple[NormalisedFee, ...] = ()
    discounts: tuple[NormalisedDiscount, ...] = ()
    refunds: tuple[NormalisedRefund, ...] = ()
    tax_total: int | None = None
    prices_include_tax: bool = True
    payment_state: PaymentState = PaymentState.PENDING
    payment_method: str | None = None
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    channel: str | None = None
    desired_on: date | None = None
    desired_slot: str | None = None
    ship_not_before: date | None = None
    temperature_zone: TemperatureZone | None = None
    gift: GiftWishes | None = None
    subscription_id: str | None = None
    subscription_cycle: int | None = None
    coupon_codes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    note: str | None = None
    locale: str | None = None
    is_test: bool = False
    shipped_elsewhere: bool = False
    attributes: Mapping[str, object] = field(default_factory=dict)
    accepted_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.external_id


OrderEvent = NormalisedOrder | NormalisedRefund | NormalisedCancellation
