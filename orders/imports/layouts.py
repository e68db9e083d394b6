"""What the values of a known layout mean: kinds of lines, states of an order, prices with or without tax. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final

from orders.currency import count_decimals
from orders.normalised import PaymentState

Values = Mapping[str, Any]


class LineKind(StrEnum):
    GOODS = "goods"
    SHIPPING = "shipping"
    HANDLING = "handling"
    DISCOUNT = "discount"
    POINTS = "points"
    TAX = "tax"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an order is. `refused` is the code of the reason why it is no order to take in at all."""

    payment: PaymentState | None = None
    cancelled: bool = False
    shipped: bool = False
    refused: str | None = None


# mtb_order_status.csv of EC-CUBE 4.3: 7 and 8 are carts that were never finished.
_ECCUBE_STATUS: Final[Mapping[str, Standing]] = {
    "3": Standing(cancelled=True),
    "5": Standing(PaymentState.PAID, shipped=True),
    "6": Standing(PaymentState.PAID),
    "7": Standing(refused="incomplete_cart"),
    "8": Standing(refused="incomplete_cart"),
    "9": Standing(PaymentState.REFUNDED, shipped=True),
}
_ECCUBE_KINDS: Final[Mapping[str, LineKind]] = {
    "1": LineKind.GOODS,
    "2": LineKind.SHIPPING,
    "3": LineKind.HANDLING,
    "4": LineKind.DISCOUNT,
    "5": LineKind.TAX,
    "6": LineKind.POINTS,
}
# Progress of an order in RMS: 300 waits for shipping, so its payment is settled or guaranteed.
_RAKUTEN_STATUS: Final[Mapping[str, Standing]] = {
    "100": Standing(PaymentState.PENDING),
    "200": Standing(PaymentState.PENDING),
    "300": Standing(PaymentState.AUTHORIZED),
    "400": Standing(PaymentState.PENDING),
    "500": Standing(PaymentState.AUTHORIZED, shipped=True),
    "600": Standing(PaymentState.AUTHORIZED, shipped=True),
    "700": Standing(PaymentState.PAID, shipped=True),
    "800": Standing(cancelled=True),
    "900": Standing(cancelled=True),
}
_METHODS: Final[tuple[tuple[str, PaymentState], ...]] = (
    ("代金引換", PaymentState.ON_DELIVERY),
    ("代引", PaymentState.ON_DELIVERY),
    ("後払", PaymentState.DEFERRED),
    ("クレジット", PaymentState.AUTHORIZED),
    ("カード", PaymentState.AUTHORIZED),
    ("paypay", PaymentState.AUTHORIZED),
    ("amazon", PaymentState.AUTHORIZED),
    ("楽天ペイ", PaymentState.AUTHORIZED),
)


def guess_payment(method: str | None) -> PaymentState:
    """Tell what the name of a payment method says by itself: cards are authorised, transfers are waited for."""
    folded = (method or "").casefold()
    return next((state for name, state in _METHODS if name in folded), PaymentState.PENDING)


def read_standing(layout: str, values: Values) -> Standing:
    status = str(values.get("status") or "")
    known = {"eccube": _ECCUBE_STATUS, "rakuten": _RAKUTEN_STATUS}.get(layout, {}).get(status, Standing())
    payment = known.payment or (PaymentState.PAID if values.get("paid_at") else None)
    method = guess_payment(values.get("payment_method"))
    # What the carrier collects is due on delivery, however far the order is.
    if method is PaymentState.ON_DELIVERY and payment is not PaymentState.PAID:
        payment = method
    cancelled = known.cancelled or values.get("cancelled_at") is not None
    return Standing(payment or method, cancelled, known.shipped or bool(values.get("shipped")), known.refused)


def read_line_kind(layout: str, values: Values) -> LineKind:
    if layout == "eccube":
        return _ECCUBE_KINDS.get(str(values.get("line_kind") or "1"), LineKind.GOODS)
    return LineKind.GOODS


def read_tax_rate(values: Values) -> Decimal | None:
    """Files write 8 or 10; 0.08 is understood as well."""
    rate: Decimal | None = values.get("tax_rate")
    if rate is None:
        return None
    return rate / 100 if rate >= 1 else rate


def read_price(layout: str, values: Values, currency: str) -> tuple[int, bool]:
    """Return the unit price in the smallest unit, and whether it contains tax."""
    price: Decimal = (values.get("unit_price") or Decimal(0)).scaleb(count_decimals(currency))
    included = True
    if layout == "eccube" and read_line_kind(layout, values) is LineKind.GOODS:
        # EC-CUBE exports goods without tax, and charges each unit with its own tax rounded half up.
        price += (price * (read_tax_rate(values) or Decimal(0))).quantize(Decimal(1), ROUND_HALF_UP)
    elif layout == "rakuten":
        included = str(values.get("tax_mode") or "1") in ("1", "税込")
    elif layout == "nextengine":
        included = not values.get("tax_total")
    return int(price.quantize(Decimal(1), ROUND_HALF_UP)), included
