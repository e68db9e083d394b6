"""HTTP shapes of orders. What is sent in is the plain JSON order, described in `docs/orders.md`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from orders.kinds import ContactRole
from orders.normalised import PaymentState, TemperatureZone
from orders.problems import HOLDING, SENTENCES, ProblemCode
from orders.queries import OrderRecord


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SubmittedOut(BaseModel):
    order_id: UUID
    repeated: bool


class ProblemOut(BaseModel):
    """`holds`: no shipment leaves until it is mended or released."""

    code: ProblemCode
    details: list[str]
    holds: bool
    message: str
    message_en: str

    @classmethod
    def from_packed(cls, packed: dict[str, Any]) -> "ProblemOut":
        code = ProblemCode(packed["code"])
        message, message_en = SENTENCES[code]
        return cls(code=code, details=packed["details"], holds=code in HOLDING, message=message, message_en=message_en)


class OrderRowOut(FromRow):
    id: UUID
    source: str
    external_id: str
    number: str
    placed_at: datetime
    currency: str
    total: int
    refunded_total: int
    payment_state: PaymentState
    cancelled_at: datetime | None
    buyer_customer_id: UUID | None
    is_gift: bool
    version: int


class OrderPageOut(BaseModel):
    """`before` and `before_id` fetch the next page; empty at the end."""

    orders: list[OrderRowOut]
    before: datetime | None = None
    before_id: UUID | None = None


class ContactOut(FromRow):
    role: ContactRole
    customer_id: UUID | None
    name: str | None
    name_kana: str | None
    company: str | None
    postal_code: str | None
    country: str | None
    region: str | None
    city: str | None
    address1: str | None
    address2: str | None
    phone: str | None
    email: str | None


class LineOut(FromRow):
    id: UUID
    external_id: str
    sku: str | None
    product_id: UUID | None
    title: str
    quantity: int
    open_quantity: int
    unit_price: int
    amount: int
    tax_rate: Decimal | None
    tax_included: bool
    discount_amount: int
    points_amount: int
    attributes: dict[str, Any] | None


class FeeOut(FromRow):
    kind: str
    title: str | None
    amount: int
    tax_rate: Decimal | None
    discount_amount: int


class DiscountOut(FromRow):
    kind: str
    code: str | None
    title: str | None
    amount: int


class OrderOut(OrderRowOut):
    channel: str | None
    source_updated_at: datetime
    accepted_at: datetime
    payment_method: str | None
    cancel_reason: str | None
    desired_on: date | None
    desired_slot: str | None
    ship_not_before: date | None
    temperature_zone: TemperatureZone | None
    gift_wrapping: str | None
    gift_noshi: str | None
    gift_noshi_name: str | None
    gift_message: str | None
    subscription_id: str | None
    subscription_cycle: int | None
    coupon_codes: list[str]
    tags: list[str]
    note: str | None
    attributes: dict[str, Any] | None
    problems: list[ProblemOut]
    contacts: list[ContactOut]
    lines: list[LineOut]
    fees: list[FeeOut]
    discounts: list[DiscountOut]

    @classmethod
    def from_record(cls, record: OrderRecord) -> "OrderOut":
        order = record.order
        own = {name: getattr(order, name) for name in cls.model_fields if hasattr(order, name)}
        return cls(
            **(own | {"problems": [ProblemOut.from_packed(packed) for packed in order.problems]}),
            contacts=[ContactOut.model_validate(contact) for contact in record.contacts.values()],
            lines=[LineOut.model_validate(line) for line in record.lines],
            fees=[FeeOut.model_validate(fee) for fee in record.fees],
            discounts=[DiscountOut.model_validate(discount) for discount in record.discounts],
        )
