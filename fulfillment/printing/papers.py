"""What a parcel's papers say: slot values from shipment, order, plan and shop. Pure; the slots are those of
docs/documents.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.tenancy import Shop
from documents.specs import Money, Row, Value
from fulfillment.models import Shipment
from fulfillment.printing.offers import offer_values
from orders.catalogue.models import DeliveryService, Product
from orders.kinds import ContactRole
from orders.models import OrderLine
from orders.money import Rounding, Taxable, total_by_rate
from orders.queries import OrderRecord
from personalization.plan import Plan, Texts
from personalization.rulesets.placeholders import fill_print_fields

REDUCED_RATE = Decimal("0.08")
ZONE_WORDS = {
    "ja": {"ambient": "常温", "chilled": "冷蔵", "frozen": "冷凍"},
    "en": {"ambient": "Ambient", "chilled": "Chilled", "frozen": "Frozen"},
}

PAYMENT_WORDS = {
    "card": ("クレジットカード", "Credit card"),
    "credit_card": ("クレジットカード", "Credit card"),
    "shopify_payments": ("クレジットカード", "Credit card"),
    "paypal": ("PayPal", "PayPal"),
    "amazon_payments": ("Amazon Pay", "Amazon Pay"),
    "paypay": ("PayPay", "PayPay"),
    "bank_deposit": ("銀行振込", "Bank transfer"),
    "bank transfer": ("銀行振込", "Bank transfer"),
    "cash on delivery (cod)": ("代金引換", "Cash on delivery"),
    "cod": ("代金引換", "Cash on delivery"),
    "gift_card": ("ギフトカード", "Gift card"),
}

# Slots whose text comes from shop, order, people and delivery; the rest of the texts is for rules to write.
FILLED_PREFIXES = ("shop_", "order_", "recipient_", "sender_", "buyer_")
FILLED_TEXTS = frozenset(
    (
        "salutation",
        "signature_name",
        "payment_method",
        "subscription",
        "gift_message",
        "shipment_number",
        "parcel_position",
        "delivery_service",
        "carrier_name",
        "delivery_wish",
        "delivery_date",
        "time_slot",
        "temperature_zone",
        "contents",
    )
)


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

    @property
    def language(self) -> str:
        return self.shipment.language

    def choose(self, ja: str | None, en: str | None) -> str | None:
        """Return the wording in the language of the papers, the other one where it is missing."""
        return (ja or en) if self.language == "ja" else (en or ja)

    @property
    def order(self) -> OrderRecord:
        return self.orders[0]

    @property
    def order_number(self) -> str:
        return "・".join(record.order.number for record in self.orders)

    @property
    def currency(self) -> str:
        return self.order.order.currency

    @property
    def lines(self) -> list[OrderLine]:
        return [line for record in self.orders for line in record.lines if self.quantities.get(line.id)]

    @property
    def is_whole_order(self) -> bool:
        """Whether this shipment is all that its orders ask for: only then are their totals printed."""
        listed = [line for record in self.orders for line in record.lines]
        wanted = {line.id: line.open_quantity for line in listed if line.requires_shipping}
        return all(self.quantities.get(line_id, 0) == quantity for line_id, quantity in wanted.items() if quantity)


def is_filled(slot: str) -> bool:
    """Whether the papers themselves know the slot's text; any other text is written by a rule."""
    return slot in FILLED_TEXTS or slot.startswith(FILLED_PREFIXES)


def build_values(source: PaperSource) -> dict[str, Value]:
    """Return the value of every slot that this parcel can fill. Slots of letters chosen by a rule are laid over
    them.
    """
    values: dict[str, Value] = {
        **_shop_values(source),
        **_order_values(source),
        **_people_values(source),
        **_line_values(source),
        **_delivery_values(source),
        **_letter_values(source),
        **offer_values(source.plan, source.language),
    }
    fields = print_fields(source)
    for slot, texts in source.plan.messages.items():
        values[slot] = fill_print_fields(_pick(texts, source.language), fields)
    return values


def letter_slots(source: PaperSource, slots: Mapping[str, Texts]) -> dict[str, Value]:
    """Return the slots that the rule which chose the letter wrote, with names filled in."""
    fields = print_fields(source)
    return {slot: fill_print_fields(_pick(texts, source.language), fields) for slot, texts in slots.items()}


def _pick(texts: Texts, language: str) -> str:
    return texts.get(language) or next(iter(texts.values()))


def print_fields(source: PaperSource) -> dict[str, str]:
    """Return the names that texts of rules may hold; they are known only when the copy is made."""
    recipient = source.shipment.recipient or {}
    buyer = source.order.contacts.get(ContactRole.BUYER)
    sender = source.shipment.sender or {}
    name = recipient.get("name") or recipient.get("company") or ""
    return {
        "recipient_name": name,
        "buyer_name": (buyer.name if buyer else None) or name,
        "sender_name": sender.get("name") or (buyer.name if buyer else None) or name,
        "shop_name": source.choose(source.shop.name, source.shop.name_en) or "",
        "order_number": source.order_number,
    }


def _shop_values(source: PaperSource) -> dict[str, Value]:
    profile = source.shop.profile
    names = ("tagline", "postal_code", "address", "phone", "email", "url", "registration_number")
    values: dict[str, Value] = {
        f"shop_{name}": source.choose(profile.get(name), profile.get(f"{name}_en") or profile.get(name))
        for name in names
    }
    return values | {"shop_name": source.choose(source.shop.name, source.shop.name_en)}


def _order_values(source: PaperSource) -> dict[str, Value]:
    order, shipment = source.order.order, source.shipment
    cycle = order.subscription_cycle
    return {
        "order_number": source.order_number,
        "ordered_on": order.placed_at.astimezone(source.shop.zone).date(),
        "shipped_on": source.today,
        "shipment_number": shipment.number,
        "parcel_position": f"{source.parcel_number}/{source.parcel_count}",
        "payment_method": name_payment(source),
        "subscription": source.choose(f"定期便 第{cycle}回", f"Subscription, delivery {cycle}") if cycle else None,
        "gift_message": order.gift_message,
    }


def name_payment(source: PaperSource) -> str | None:
    """A shop system's own word for a payment is not one for a customer; a name it has in words stays."""
    method = source.order.order.payment_method
    known = PAYMENT_WORDS.get((method or "").casefold())
    return source.choose(*known) if known else method


def _people_values(source: PaperSource) -> dict[str, Value]:
    recipient = source.shipment.recipient or {}
    fields = print_fields(source)
    return {
        "recipient_name": recipient.get("name") or recipient.get("company"),
        "recipient_company": recipient.get("company") if recipient.get("name") else None,
        "recipient_postal_code": recipient.get("postal_code"),
        "recipient_address": join_address(recipient, source.language),
        "recipient_phone": recipient.get("phone"),
        "buyer_name": fields["buyer_name"],
    } | _sender_values(source)


def _sender_values(source: PaperSource) -> dict[str, Value]:
    """Return who sends: the order's sender; without one the buyer of a gift (name only), else the shop."""
    sender = source.shipment.sender or {}
    if sender or source.shipment.is_gift:
        return {
            "sender_name": sender.get("name") or sender.get("company") or print_fields(source)["buyer_name"],
            "sender_postal_code": sender.get("postal_code"),
            "sender_address": join_address(sender, source.language),
            "sender_phone": sender.get("phone"),
        }
    shop = _shop_values(source)
    return {f"sender_{name}": shop[f"shop_{name}"] for name in ("name", "postal_code", "address", "phone")}


def join_address(address: Mapping[str, Any], language: str) -> str | None:
    """Return an address on up to two lines, in the order of the language: Japanese from large to small."""
    street = [address.get("region"), address.get("city"), address.get("address1")]
    if language == "ja":
        parts = ["".join(filter(None, street)), address.get("address2") or ""]
    else:
        parts = [
            ", ".join(filter(None, (address.get("address2"), address.get("address1")))),
            ", ".join(filter(None, street[1::-1])),
        ]
    return "\n".join(filter(None, parts)) or None


def _line_values(source: PaperSource) -> dict[str, Value]:
    """Return lines of what is in the box; money only where the box is the whole order and nobody's gift."""
    enclosed: list[Row] = [
        {"name": source.choose(ja, en), "quantity": quantity} for ja, en, quantity in source.enclosed
    ]
    values: dict[str, Value] = {
        # A box of inserts sent again has nothing else to list.
        "lines": [_to_row(source, line) for line in source.lines] or enclosed,
        "item_count": sum(source.quantities[line.id] for line in source.lines) or sum(e[2] for e in source.enclosed),
        "inserts": enclosed,
    }
    return values | _money_values(source) if source.is_whole_order and not source.shipment.is_gift else values


def _to_row(source: PaperSource, line: OrderLine) -> Row:
    product = source.products.get(line.product_id)
    currency = source.currency
    quantity = source.quantities[line.id]
    row: dict[str, Any] = {
        "sku": line.sku,
        "name": source.choose(line.title, product.name_en if product else None),
        "quantity": quantity,
        "tax_mark": "※" if line.tax_rate == REDUCED_RATE else None,
    }
    if not source.shipment.is_gift:
        row |= {
            "unit_price": Money(line.unit_price, currency),
            "amount": Money(line.unit_price * quantity, currency),
        }
    return row


def _money_values(source: PaperSource) -> dict[str, Value]:
    """Return what the customer pays for this box. A sum that does not add up is worse on a slip than none."""
    currency = source.currency
    goods = sum(line.unit_price * source.quantities[line.id] for line in source.lines)
    adjustments = [*_fee_rows(source), *_discount_rows(source), *_tax_outside(source)]
    total = sum(record.order.total - record.order.refunded_total for record in source.orders)
    if goods + sum(_amount(row) for row in adjustments) != total:
        return {}
    values: dict[str, Value] = {
        "subtotal": Money(goods, currency),
        "adjustments": adjustments,
        "total": Money(total, currency),
    }
    taxable = _list_taxable(source)
    totals = total_by_rate(taxable, Rounding(source.shop.profile.get("tax_rounding", Rounding.FLOOR)))
    if taxable and sum(each.gross for each in totals) == total:
        values["tax_rows"] = [_tax_row(source, each.rate, each.gross, each.tax) for each in totals]
    return values


def _amount(row: Row) -> int:
    amount = row["amount"]
    return amount.amount if isinstance(amount, Money) else 0


def _tax_outside(source: PaperSource) -> list[Row]:
    """Where prices are without tax, the tax is a line of its own."""
    taxed = [record.order for record in source.orders if not record.order.prices_include_tax]
    tax = sum(order.tax_total or 0 for order in taxed)
    return [{"label": source.choose("消費税", "Tax"), "amount": Money(tax, source.currency)}] if tax else []


def _fee_rows(source: PaperSource) -> list[Row]:
    words = {"shipping": ("送料", "Shipping"), "cash_on_delivery": ("代引手数料", "Cash on delivery")}
    words |= {"wrapping": ("包装料", "Wrapping"), "handling": ("手数料", "Handling"), "other": ("その他", "Other")}
    return [
        {
            "label": source.choose(*words[fee.kind.value]),
            "amount": Money(fee.amount, source.currency),
        }
        for record in source.orders
        for fee in record.fees
        if fee.amount
    ]


def _discount_rows(source: PaperSource) -> list[Row]:
    words = {"coupon": ("クーポン値引", "Coupon"), "points": ("ポイント利用", "Points"), "manual": ("値引", "Discount")}
    return [
        {
            "label": source.choose(*words[discount.kind.value]),
            "amount": Money(-discount.amount, source.currency),
        }
        for record in source.orders
        for discount in record.discounts
        if discount.amount
    ]


def _list_taxable(source: PaperSource) -> list[Taxable]:
    lines = [
        Taxable(line.amount - line.discount_amount - line.points_amount, line.tax_rate, line.tax_included)
        for line in source.lines
        if line.tax_rate is not None
    ]
    fees = [
        Taxable(fee.amount - fee.discount_amount, fee.tax_rate, fee.tax_included)
        for record in source.orders
        for fee in record.fees
        if fee.tax_rate is not None
    ]
    return lines + fees


def _tax_row(source: PaperSource, rate: Decimal, gross: int, tax: int) -> Row:
    percent = f"{(rate * 100).normalize():f}"
    reduced = rate == REDUCED_RATE
    label = source.choose(
        f"{percent}%対象{'(軽減)' if reduced else ''}", f"{percent} %{' (reduced)' if reduced else ''}"
    )
    currency = source.currency
    return {"rate": label, "taxable": Money(gross, currency), "tax": Money(tax, currency)}


def _delivery_values(source: PaperSource) -> dict[str, Value]:
    shipment, service = source.shipment, source.service
    zone = ZONE_WORDS[source.language].get(shipment.temperature_zone)
    desired = format_day(shipment.desired_on, source.language) if shipment.desired_on else None
    return {
        "delivery_service": source.choose(service.name, service.name_en) if service else None,
        "carrier_name": service.carrier if service else None,
        "delivery_wish": " ".join(filter(None, (desired, shipment.desired_slot))) or None,
        "delivery_date": desired,
        "time_slot": shipment.desired_slot,
        "temperature_zone": zone,
        "contents": source.choose(source.shop.profile.get("contents"), source.shop.profile.get("contents_en")),
        "weight_grams": sum(_weigh(source, line) for line in source.lines) or None,
    }


def _weigh(source: PaperSource, line: OrderLine) -> int:
    product = source.products.get(line.product_id)
    return source.quantities[line.id] * (product.weight_g or 0 if product else 0)


def format_day(day: date, language: str) -> str:
    return f"{day.month}月{day.day}日" if language == "ja" else f"{day.day} {day:%b}"


def _letter_values(source: PaperSource) -> dict[str, Value]:
    name = print_fields(source)["recipient_name"]
    profile = source.shop.profile
    return {
        "letter_date": source.today,
        "salutation": (f"{name} 様" if source.language == "ja" else f"Dear {name},") if name else None,
        "signature_name": source.choose(profile.get("signature"), profile.get("signature_en")),
    }
