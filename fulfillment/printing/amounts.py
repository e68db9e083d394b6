"""What a slip says the customer pays: rows of goods, fees, discounts and tax that add up, or none at all. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from documents.specs import Money, Row, Value
from fulfillment.invoicing.figures import Figures, Sold, add_up
from fulfillment.invoicing.settings import InvoiceScope, read_settings
from fulfillment.printing.sources import PaperSource
from orders.models import OrderLine
from orders.money import RateTotal
from orders.queries import OrderRecord

REDUCED_RATE = Decimal("0.08")
TAX_MARKS = {"ja": "※", "en": "*"}
_FEES = {
    "shipping": ("送料", "Shipping"),
    "cash_on_delivery": ("代引手数料", "Cash on delivery"),
    "wrapping": ("包装料", "Wrapping"),
    "handling": ("手数料", "Handling"),
    "other": ("その他", "Other"),
}
_DISCOUNTS = {
    "coupon": ("クーポン値引", "Coupon"),
    "points": ("ポイント利用", "Points"),
    "manual": ("値引", "Discount"),
}


def choose_word(words: tuple[str, str], language: str) -> str:
    return words[language != "ja"]


def money_values(source: PaperSource) -> dict[str, Value]:
    """Return what the customer pays for this box: all of an order, or the box's part where the shop invoices by
    shipment. A sum that does not add up is worse on a slip than none.
    """
    settings = read_settings(source.shop.profile)
    if source.is_resend or source.shipment.is_gift:
        return {}
    figures = add_up(_to_sold(source), settings.rounding)
    if source.is_whole_order:
        return _whole_values(source, figures)
    if settings.scope is InvoiceScope.SHIPMENT and figures is not None:
        return figure_values(figures, source.currency, source.language)
    return {}


def _to_sold(source: PaperSource) -> Sold[OrderLine]:
    fees = [fee for record in source.orders if record.order.id in source.fees_of for fee in record.fees]
    lines = [(line, quantity) for line, quantity, _ in source.boxed]
    return Sold(lines=lines, fees=fees, before=source.earlier)


def _whole_values(source: PaperSource, figures: Figures | None) -> dict[str, Value]:
    """Return the order's own sums, and its tax by rate where the parts come to the same total."""
    currency, language = source.currency, source.language
    goods = sum([line.unit_price * quantity for line, quantity, _ in source.boxed])
    adjustments = [
        *fee_rows(source.orders, language),
        *discount_rows(source.orders, language),
        *_tax_outside(source),
    ]
    total = sum(record.order.total - record.order.refunded_total for record in source.orders)
    if goods + sum(_amount(row) for row in adjustments) != total:
        return {}
    values: dict[str, Value] = {
        "subtotal": Money(goods, currency),
        "adjustments": adjustments,
        "total": Money(total, currency),
    }
    if figures is not None and figures.by_rate and figures.total == total:
        values["tax_rows"] = tax_rows(figures.by_rate, currency, language)
    return values


def figure_values(figures: Figures, currency: str, language: str) -> dict[str, Value]:
    """Return the slots of money that the figures of one invoice fill."""
    rows = (
        (_FEES["shipping"], figures.fees),
        (_DISCOUNTS["manual"], -figures.discount),
        (_DISCOUNTS["points"], -figures.points),
        (("消費税", "Tax"), figures.tax_outside),
    )
    return {
        "subtotal": Money(figures.goods, currency),
        "adjustments": [
            {"label": choose_word(words, language), "amount": Money(amount, currency)}
            for words, amount in rows
            if amount
        ],
        "total": Money(figures.total, currency),
        "tax_rows": tax_rows(figures.by_rate, currency, language),
    }


def _amount(row: Row) -> int:
    amount = row["amount"]
    return amount.amount if isinstance(amount, Money) else 0


def _tax_outside(source: PaperSource) -> list[Row]:
    """Where prices are without tax, the tax is a line of its own."""
    taxed = [record.order for record in source.orders if not record.order.prices_include_tax]
    tax = sum(order.tax_total or 0 for order in taxed)
    return [{"label": source.choose("消費税", "Tax"), "amount": Money(tax, source.currency)}] if tax else []


def fee_rows(orders: Sequence[OrderRecord], language: str) -> list[Row]:
    return [
        {
            "label": choose_word(_FEES[fee.kind.value], language),
            "amount": Money(fee.amount, record.order.currency),
        }
        for record in orders
        for fee in record.fees
        if fee.amount
    ]


def discount_rows(orders: Sequence[OrderRecord], language: str) -> list[Row]:
    return [
        {
            "label": choose_word(_DISCOUNTS[discount.kind.value], language),
            "amount": Money(-discount.amount, record.order.currency),
        }
        for record in orders
        for discount in record.discounts
        if discount.amount
    ]


def tax_rows(by_rate: Sequence[RateTotal], currency: str, language: str) -> list[Row]:
    """Return one row per rate: what was taken at it with tax, and the tax within, rounded once."""
    return [
        {
            "rate": name_rate(each.rate, language),
            "taxable": Money(each.gross, currency),
            "tax": Money(each.tax, currency),
        }
        for each in by_rate
    ]


def name_rate(rate: Decimal, language: str) -> str:
    percent = f"{(rate * 100).normalize():f}"
    reduced = rate == REDUCED_RATE
    if language == "ja":
        return f"{percent}%対象{'(軽減)' if reduced else ''}"
    return f"{percent} %{' (reduced)' if reduced else ''}"


def line_row(line: Any, name: str | None, quantity: int, currency: str, language: str) -> dict[str, Any]:
    """Return the row of a line in a table with prices."""
    return {
        "sku": line.sku,
        "name": name,
        "quantity": quantity,
        "tax_mark": TAX_MARKS[language] if line.tax_rate == REDUCED_RATE else None,
        "unit_price": Money(line.unit_price, currency),
        "amount": Money(line.unit_price * quantity, currency),
    }


def without_prices(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("unit_price", "amount", "tax_mark")}
