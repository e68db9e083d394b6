"""Shopify's order and refund bodies (REST-shaped, bare) → normalised.

Any field may be trimmed away by `include_fields`. Pure.
"""

from decimal import Decimal
from typing import Any, Final

from orders.channels.shopify.people import read_people
from orders.channels.shopify.settings import DEFERRED, ON_DELIVERY
from orders.channels.shopify.wishes import read_wishes
from orders.faults import FaultyInputError
from orders.normalised import (
    DiscountKind,
    FeeKind,
    NormalisedDiscount,
    NormalisedFee,
    NormalisedLine,
    NormalisedOrder,
    NormalisedRefund,
    PaymentState,
    RefundedLine,
)
from orders.reading import Reader
from orders.validation import validate_order

ORDER_TOPICS: Final = frozenset(
    {"orders/create", "orders/updated", "orders/edited", "orders/paid", "orders/cancelled", "orders/fulfilled"}
    | {"orders/partially_fulfilled"}
)
PRIVACY_TOPICS: Final = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
# A refund that is still on its way counts: its goods must not be sent.
_REFUND_STATUSES: Final = frozenset({"success", "pending"})


def read_order(document: Any, source: str) -> NormalisedOrder:
    """Raises FaultyInputError with every fault."""
    data = Reader(document)
    order = _read_order(data, source)
    faults = list(data.faults) or validate_order(order)
    if faults:
        raise FaultyInputError(faults)
    return order


def _read_order(data: Reader, source: str) -> NormalisedOrder:
    currency = data.needed("currency", limit=3)
    external_id = data.needed("id")
    created_at = data.needed_moment("created_at")
    tax_included = data.flag("taxes_included", default=True)
    refunds = tuple(_read_refund(item, source, external_id, currency) for item in data.items("refunds"))
    lines = tuple(_read_line(item, currency, tax_included, refunds) for item in data.items("line_items", required=True))
    fees = _read_fees(data, currency, tax_included)
    return NormalisedOrder(
        source=source,
        external_id=external_id,
        number=data.text("name", limit=100) or external_id,
        placed_at=data.moment("processed_at") or created_at,
        source_updated_at=data.moment("updated_at") or created_at,
        currency=currency,
        total=data.amount("total_price", currency, required=True),
        tax_total=data.amount("total_tax", currency) if data.has("total_tax") else None,
        prices_include_tax=tax_included,
        lines=lines,
        fees=fees,
        discounts=_read_discounts(data, currency),
        refunds=refunds,
        payment_state=_read_payment_state(data),
        payment_method=", ".join(data.texts("payment_gateway_names")) or data.text("gateway", limit=100),
        cancelled_at=data.moment("cancelled_at"),
        cancel_reason=data.text("cancel_reason", limit=200),
        shipped_elsewhere=data.text("fulfillment_status") == "fulfilled",
        channel=data.text("source_name", limit=100),
        coupon_codes=tuple(item.needed("code") for item in data.items("discount_codes") if item.has("code")),
        tags=_split_tags(data.text("tags", limit=5000)),
        note=data.text("note", limit=5000),
        locale=data.text("customer_locale", limit=20),
        is_test=data.flag("test", default=False),
        **read_people(data),
        **read_wishes(data),
    )


def _split_tags(text: str | None) -> tuple[str, ...]:
    return tuple(tag for tag in (part.strip() for part in (text or "").split(",")) if tag)


def _read_line(
    item: Reader, currency: str, tax_included: bool, refunds: tuple[NormalisedRefund, ...]
) -> NormalisedLine:
    external_id = item.needed("id")
    quantity = item.integer("quantity", default=1, low=1, high=1_000_000) or 1
    refunded = sum(line.quantity for r in refunds for line in r.lines if line.line_external_id == external_id)
    # An order edit lowers `current_quantity` only; so does a refund, which is counted by itself.
    current = item.integer("current_quantity", default=quantity - refunded, high=1_000_000) or 0
    return NormalisedLine(
        external_id=external_id,
        sku=item.text("sku", limit=100),
        title=item.text("name", limit=500) or item.text("title", limit=500) or "",
        quantity=quantity,
        unit_price=item.amount("price", currency, required=True),
        tax_rate=_read_tax_rate(item),
        tax_included=tax_included,
        discount=_read_line_discount(item, currency),
        cancelled_quantity=max(0, quantity - current - refunded),
        requires_shipping=item.flag("requires_shipping", default=True),
        attributes=_read_properties(item),
    )


def _read_tax_rate(item: Reader) -> Decimal | None:
    """Add up the rates of several taxes on one line; no entry where none is told."""
    rates = [rate for rate in (tax.rate("rate") for tax in item.items("tax_lines")) if rate is not None]
    return sum(rates, Decimal(0)) if rates else None


def _read_line_discount(item: Reader, currency: str) -> int:
    if item.has("discount_allocations"):
        return sum(part.amount("amount", currency) for part in item.items("discount_allocations"))
    return item.amount("total_discount", currency)


def _read_properties(item: Reader) -> dict[str, str]:
    pairs = ((entry.text("name"), entry.text("value", limit=5000)) for entry in item.items("properties"))
    return {name: value for name, value in pairs if name and value}


def _read_fees(data: Reader, currency: str, tax_included: bool) -> tuple[NormalisedFee, ...]:
    fees = [
        NormalisedFee(
            kind=FeeKind.SHIPPING,
            amount=item.amount("price", currency),
            title=item.text("title", limit=200),
            tax_rate=_read_tax_rate(item),
            tax_included=tax_included,
            discount=sum(part.amount("amount", currency) for part in item.items("discount_allocations")),
        )
        for item in data.items("shipping_lines")
    ]
    tip = data.amount("total_tip_received", currency)
    if tip:
        fees.append(NormalisedFee(kind=FeeKind.OTHER, amount=tip, title="tip"))
    return tuple(fees)


def _read_discounts(data: Reader, currency: str) -> tuple[NormalisedDiscount, ...]:
    """Name each code; what is taken off without a code is one manual discount."""
    found = [
        NormalisedDiscount(
            kind=DiscountKind.COUPON, amount=item.amount("amount", currency), code=item.text("code", limit=100)
        )
        for item in data.items("discount_codes")
    ]
    rest = data.amount("total_discounts", currency) - sum(discount.amount for discount in found)
    if rest > 0:
        found.append(NormalisedDiscount(kind=DiscountKind.MANUAL, amount=rest))
    return tuple(found)


def _read_payment_state(data: Reader) -> PaymentState:
    state = data.find_choice("financial_status", PaymentState) or PaymentState.PENDING
    if state is not PaymentState.PENDING:
        return state
    gateways = " ".join(data.texts("payment_gateway_names")).casefold()
    if any(name in gateways for name in ON_DELIVERY):
        return PaymentState.ON_DELIVERY
    if any(name in gateways for name in DEFERRED):
        return PaymentState.DEFERRED
    return state


def read_refund(data: Reader, source: str) -> NormalisedRefund:
    """Read a refund by itself: it names its order by id only, and its currency by its transactions."""
    currencies = {item.text("currency", limit=3) for item in data.items("transactions")} - {None}
    return _read_refund(data, source, data.needed("order_id"), currencies.pop() or "JPY" if currencies else "JPY")


def _read_refund(data: Reader, source: str, order_external_id: str, currency: str) -> NormalisedRefund:
    paid_back = [
        item.amount("amount", currency)
        for item in data.items("transactions")
        if item.text("kind") == "refund" and (item.text("status") or "success") in _REFUND_STATUSES
    ]
    return NormalisedRefund(
        source=source,
        external_id=data.needed("id"),
        order_external_id=order_external_id,
        refunded_at=data.moment("processed_at") or data.needed_moment("created_at"),
        amount=sum(paid_back),
        lines=tuple(
            RefundedLine(
                line_external_id=item.needed("line_item_id"),
                quantity=item.integer("quantity", default=0, high=1_000_000) or 0,
                amount=item.amount("subtotal", currency),
            )
            for item in data.items("refund_line_items")
        ),
    )
