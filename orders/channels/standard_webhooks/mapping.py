"""Our plain JSON order ↔ the normalised order; the API takes the same shape.

Amounts are whole numbers of the smallest unit. Pure.
"""

from typing import Any

from orders.channels.interface import Reading
from orders.contacts import is_empty
from orders.faults import FaultyInputError
from orders.normalised import (
    Contact,
    DiscountKind,
    FeeKind,
    GiftWishes,
    NormalisedCancellation,
    NormalisedDiscount,
    NormalisedFee,
    NormalisedLine,
    NormalisedOrder,
    NormalisedRefund,
    OrderEvent,
    PaymentState,
    RefundedLine,
    TemperatureZone,
)
from orders.reading import Reader
from orders.validation import validate_order

TOPICS = ("order.created", "order.updated", "order.cancelled", "order.refunded")


def read_message(document: Any, source: str) -> Reading:
    """Read `{type, timestamp, data}`. Types that are not ours are no fault: they hold nothing to work."""
    message = Reader(document)
    topic = message.needed("type")
    if message.faults:
        raise FaultyInputError(message.faults)
    if topic not in TOPICS:
        return Reading(topic)
    data = Reader(message.raw("data"), "data.")
    event = _read_event(topic, data, source)
    _raise_faults(data, event)
    return Reading(topic, (event,))


def read_plain_order(document: Any, source: str) -> NormalisedOrder:
    """Read one order as the API takes it; raises FaultyInputError."""
    data = Reader(document)
    order = read_order(data, source)
    _raise_faults(data, order)
    return order


def _raise_faults(data: Reader, event: OrderEvent) -> None:
    faults = list(data.faults)
    if not faults and isinstance(event, NormalisedOrder):
        faults = validate_order(event)
    if faults:
        raise FaultyInputError(faults)


def _read_event(topic: str, data: Reader, source: str) -> OrderEvent:
    if topic == "order.refunded":
        return read_refund(data, source, data.needed("order_id"))
    if topic == "order.cancelled" and not data.has("lines"):
        return NormalisedCancellation(
            source=source,
            order_external_id=data.needed("order_id"),
            cancelled_at=data.needed_moment("cancelled_at"),
            reason=data.text("reason"),
        )
    if topic == "order.cancelled" and not data.has("cancelled_at"):
        data.note("cancelled_at", "missing")
    return read_order(data, source)


def read_order(data: Reader, source: str) -> NormalisedOrder:
    external_id = data.needed("id")
    placed_at = data.needed_moment("placed_at")
    tax_included = data.flag("tax_included", default=True)
    return NormalisedOrder(
        source=source,
        external_id=external_id,
        number=data.text("number", limit=100) or external_id,
        placed_at=placed_at,
        source_updated_at=data.moment("updated_at") or placed_at,
        currency=data.needed("currency", limit=3),
        total=_read_needed_integer(data, "total"),
        tax_total=data.integer("tax_total"),
        prices_include_tax=tax_included,
        lines=tuple(_read_line(item, tax_included) for item in data.items("lines", required=True)),
        fees=tuple(_read_fee(item, tax_included) for item in data.items("fees")),
        discounts=tuple(_read_discount(item) for item in data.items("discounts")),
        refunds=tuple(read_refund(item, source, external_id) for item in data.items("refunds")),
        coupon_codes=data.texts("coupon_codes"),
        tags=data.texts("tags"),
        note=data.text("note", limit=5000),
        channel=data.text("channel", limit=100),
        locale=data.text("locale", limit=20),
        is_test=data.flag("test", default=False),
        shipped_elsewhere=data.flag("shipped", default=False),
        cancelled_at=data.moment("cancelled_at"),
        cancel_reason=data.text("cancel_reason"),
        attributes=data.mapping("attributes"),
        **_read_people(data),
        **_read_payment(data),
        **_read_delivery(data),
        **_read_subscription(data),
    )


def _read_needed_integer(data: Reader, key: str) -> int:
    if not data.has(key):
        data.note(key, "missing")
    return data.integer(key) or 0


def read_contact(data: Reader | None) -> Contact | None:
    if data is None:
        return None
    contact = Contact(
        external_id=data.text("id", limit=200),
        name=data.text("name", limit=200),
        name_kana=data.text("name_kana", limit=200),
        company=data.text("company", limit=200),
        postal_code=data.text("postal_code", limit=20),
        country=data.text("country", limit=2),
        region=data.text("region", limit=100),
        city=data.text("city", limit=200),
        address1=data.text("address1", limit=300),
        address2=data.text("address2", limit=300),
        phone=data.text("phone", limit=40),
        email=data.text("email", limit=320),
    )
    return None if is_empty(contact) else contact


def _read_people(data: Reader) -> dict[str, Any]:
    """Without the key `recipient` the parcel goes to the buyer; with `null` no address is known."""
    buyer = read_contact(data.inside("buyer"))
    recipient = read_contact(data.inside("recipient")) if data.names("recipient") else buyer
    return {"buyer": buyer, "recipient": recipient, "sender": read_contact(data.inside("sender"))}


def _read_payment(data: Reader) -> dict[str, Any]:
    payment = data.inside("payment")
    if payment is None:
        return {}
    return {
        "payment_state": payment.choice("state", PaymentState, PaymentState.PENDING),
        "payment_method": payment.text("method", limit=100),
        "paid_at": payment.moment("paid_at"),
    }


def _read_delivery(data: Reader) -> dict[str, Any]:
    gift = data.inside("gift")
    values: dict[str, Any] = {"gift": _read_gift(gift) if gift else None}
    delivery = data.inside("delivery")
    if delivery is not None:
        values["desired_on"] = delivery.day("desired_on")
        values["desired_slot"] = delivery.text("desired_slot", limit=100)
        values["ship_not_before"] = delivery.day("not_before")
        values["temperature_zone"] = delivery.find_choice("temperature_zone", TemperatureZone)
    return values


def _read_gift(gift: Reader) -> GiftWishes:
    return GiftWishes(
        wrapping=gift.text("wrapping", limit=200),
        noshi=gift.text("noshi", limit=200),
        noshi_name=gift.text("noshi_name", limit=200),
        message=gift.text("message", limit=2000),
    )


def _read_subscription(data: Reader) -> dict[str, Any]:
    subscription = data.inside("subscription")
    if subscription is None:
        return {}
    return {
        "subscription_id": subscription.needed("id"),
        "subscription_cycle": subscription.integer("cycle", low=1, high=100_000),
    }


def _read_line(item: Reader, tax_included: bool) -> NormalisedLine:
    sku = item.text("sku", limit=100)
    return NormalisedLine(
        external_id=item.needed("id"),
        sku=sku,
        title=item.text("title", limit=500) or sku or "",
        quantity=item.integer("quantity", default=1, low=1, high=1_000_000) or 1,
        unit_price=_read_needed_integer(item, "unit_price"),
        tax_rate=item.rate("tax_rate"),
        tax_included=item.flag("tax_included", default=tax_included),
        discount=item.integer("discount", default=0) or 0,
        cancelled_quantity=item.integer("cancelled_quantity", default=0, high=1_000_000) or 0,
        requires_shipping=item.flag("requires_shipping", default=True),
        attributes=item.mapping("attributes"),
    )


def _read_fee(item: Reader, tax_included: bool) -> NormalisedFee:
    return NormalisedFee(
        kind=item.choice("kind", FeeKind, FeeKind.OTHER),
        amount=_read_needed_integer(item, "amount"),
        title=item.text("title", limit=200),
        tax_rate=item.rate("tax_rate"),
        tax_included=item.flag("tax_included", default=tax_included),
        discount=item.integer("discount", default=0) or 0,
    )


def _read_discount(item: Reader) -> NormalisedDiscount:
    return NormalisedDiscount(
        kind=item.choice("kind", DiscountKind, DiscountKind.MANUAL),
        amount=_read_needed_integer(item, "amount"),
        code=item.text("code", limit=100),
        title=item.text("title", limit=200),
    )


def read_refund(item: Reader, source: str, order_external_id: str) -> NormalisedRefund:
    return NormalisedRefund(
        source=source,
        external_id=item.needed("id"),
        order_external_id=order_external_id,
        refunded_at=item.needed_moment("refunded_at"),
        amount=_read_needed_integer(item, "amount"),
        lines=tuple(
            RefundedLine(
                line_external_id=line.needed("line_id"),
                quantity=line.integer("quantity", default=0, high=1_000_000) or 0,
                amount=line.integer("amount", default=0) or 0,
            )
            for line in item.items("lines")
        ),
    )
