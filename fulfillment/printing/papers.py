"""What a parcel's papers say: slot values from shipment, order, plan and shop. Pure; the slots are those of
docs/documents.md.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.tenancy import Shop
from documents.invoice_law import read_registration_number
from documents.specs import Row, Value
from fulfillment.printing.amounts import line_row, money_values, without_prices
from fulfillment.printing.offers import offer_values
from fulfillment.printing.sources import PaperSource
from orders.kinds import ContactRole
from personalization.plan import Texts
from personalization.rulesets.placeholders import fill_print_fields

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


Fields = Mapping[str, str]


def is_filled(slot: str) -> bool:
    """Whether the papers themselves know the slot's text; any other text is written by a rule."""
    return slot in FILLED_TEXTS or slot.startswith(FILLED_PREFIXES)


def build_values(source: PaperSource) -> dict[str, Value]:
    """Return the value of every slot that this parcel can fill. Slots of letters chosen by a rule are laid over
    them.
    """
    shop = shop_values(source.shop, source.language)
    fields = print_fields(source)
    values: dict[str, Value] = {
        **shop,
        **_order_values(source, fields),
        **_people_values(source, shop, fields),
        **_line_values(source, fields),
        **_delivery_values(source),
        **_letter_values(source, fields),
        **offer_values(source.plan, source.language, source.offers),
    }
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


def shop_values(shop: Shop, language: str) -> dict[str, Value]:
    """Return the slots that tell of the shop, in the language of the papers or in the other one."""
    profile = shop.profile
    names = ("tagline", "postal_code", "address", "phone", "email", "url")
    values: dict[str, Value] = {
        f"shop_{name}": profile.get(name if language == "ja" else f"{name}_en") or profile.get(name) for name in names
    }
    return values | {
        "shop_name": (shop.name or shop.name_en) if language == "ja" else (shop.name_en or shop.name),
        "shop_registration_number": read_registration_number(str(profile.get("registration_number") or "")),
    }


def _order_values(source: PaperSource, fields: Fields) -> dict[str, Value]:
    order, shipment = source.order.order, source.shipment
    cycle = order.subscription_cycle
    return {
        "order_number": fields["order_number"],
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


def _people_values(source: PaperSource, shop: Mapping[str, Value], fields: Fields) -> dict[str, Value]:
    recipient = source.shipment.recipient or {}
    return {
        "recipient_name": recipient.get("name") or recipient.get("company"),
        "recipient_kana": recipient.get("name_kana") if recipient.get("name") else None,
        "recipient_company": recipient.get("company") if recipient.get("name") else None,
        "recipient_postal_code": recipient.get("postal_code"),
        "recipient_address": join_address(recipient, source.language),
        "recipient_phone": recipient.get("phone"),
        "buyer_name": fields["buyer_name"],
        **_sender_values(source, shop, fields),
    }


def _sender_values(source: PaperSource, shop: Mapping[str, Value], fields: Fields) -> dict[str, Value]:
    """Return who sends: the order's sender; without one the buyer of a gift (name only), else the shop."""
    sender = source.shipment.sender or {}
    if sender or source.shipment.is_gift:
        return {
            "sender_name": sender.get("name") or sender.get("company") or fields["buyer_name"],
            "sender_postal_code": sender.get("postal_code"),
            "sender_address": join_address(sender, source.language),
            "sender_phone": sender.get("phone"),
        }
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


def _line_values(source: PaperSource, fields: Fields) -> dict[str, Value]:
    """Return lines of what is in the box; money only where the box is the whole order and nobody's gift."""
    enclosed: list[Row] = [
        {"name": source.choose(ja, en), "quantity": quantity} for ja, en, quantity in source.enclosed
    ]
    return {
        # A box of inserts sent again has nothing else to list.
        "lines": _list_rows(source) or enclosed,
        "item_count": sum([quantity for _, quantity, _ in source.boxed]) or sum(e[2] for e in source.enclosed),
        "inserts": enclosed,
        **money_values(source),
        **_invoice_values(source, fields),
    }


def _invoice_values(source: PaperSource, fields: Fields) -> dict[str, Value]:
    """Return what a slip that is an invoice says besides: whom it is for, of which day, and the number it goes by."""
    buyer = source.order.contacts.get(ContactRole.BUYER)
    return {
        "invoice_addressee": (buyer.company if buyer else None) or fields["buyer_name"],
        "invoice_number": source.shipment.number,
        "invoice_date": source.today,
        "transaction_on": source.today,
    }


def _list_rows(source: PaperSource) -> list[Row]:
    currency, language, choose = source.currency, source.language, source.choose
    rows: list[Row] = [
        line_row(line, choose(line.title, product.name_en if product else None), quantity, currency, language)
        for line, quantity, product in source.boxed
    ]
    return [without_prices(row) for row in rows] if source.shipment.is_gift else rows


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
        "weight_grams": sum([quantity * (product.weight_g or 0) for _, quantity, product in source.boxed if product])
        or None,
    }


def format_day(day: date, language: str) -> str:
    return f"{day.month}月{day.day}日" if language == "ja" else f"{day.day} {day:%b}"


def _letter_values(source: PaperSource, fields: Fields) -> dict[str, Value]:
    name = fields["recipient_name"]
    profile = source.shop.profile
    return {
        "letter_date": source.today,
        "salutation": (f"{name} 様" if source.language == "ja" else f"Dear {name},") if name else None,
        "signature_name": source.choose(profile.get("signature"), profile.get("signature_en")),
    }
