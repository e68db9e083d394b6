"""What the papers say of a coupon and of recommended products: lines of text, and rows with price and picture. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from documents.specs import Money, Row, StoredPicture, Value
from personalization.plan import Plan, RecommendedProduct, Texts

# The slot of cards; what a rule recommends into any slot of texts is shown there too.
CARDS = "recommended_products"


@dataclass(frozen=True)
class Offer:
    """What the catalogue knows of a product that may be recommended."""

    price: Money | None
    picture: StoredPicture | None


def offer_values(plan: Plan, language: str, offers: Mapping[str, Offer]) -> dict[str, Value]:
    """Return the slots of the plan's coupon and recommendations; empty without any. `offers` are by SKU."""
    values: dict[str, Value] = {
        slot: "\n".join(f"・{_name(product, language)}" for product in products)
        for slot, products in plan.recommendations.items()
    }
    cards = [_make_card(product, language, offers.get(product.sku)) for product in list_recommended(plan)]
    values |= {CARDS: cards} if cards else {}
    coupon = plan.coupon
    # A card without its code is refused when it is drawn; nothing stands in for it.
    if coupon is None or coupon.code is None:
        return values
    texts = {slot: _pick(said, language) for slot, said in coupon.slots.items()}
    note = _describe_coupon(texts, coupon.code, coupon.valid_until, language)
    return values | texts | {"coupon_code": coupon.code, "coupon_expires_on": coupon.valid_until, "coupon_note": note}


def list_recommended(plan: Plan) -> list[RecommendedProduct]:
    """Return each product that the plan recommends, once."""
    return list({product.sku: product for products in plan.recommendations.values() for product in products}.values())


def list_skus(plans: Iterable[Plan]) -> set[str]:
    return {product.sku for plan in plans for product in list_recommended(plan)}


def _make_card(product: RecommendedProduct, language: str, offer: Offer | None) -> Row:
    row: dict[str, Any] = {"sku": product.sku, "name": _name(product, language)}
    return row | {"price": offer.price, "picture": offer.picture} if offer else row


def _describe_coupon(texts: Mapping[str, str], code: str, until: date | None, language: str) -> str:
    """Return the coupon as lines, for papers that have one slot for it."""
    lines = [f"{texts['coupon_title']}　{texts['coupon_value']}"]
    if language == "ja":
        lines.append(f"クーポンコード: {code}")
        lines += [f"有効期限: {until.year}年{until.month}月{until.day}日"] if until else []
    else:
        lines.append(f"Coupon code: {code}")
        lines += [f"Valid until: {until.day} {until:%B %Y}"] if until else []
    return "\n".join([*lines, *([texts["coupon_terms"]] if "coupon_terms" in texts else [])])


def _name(product: RecommendedProduct, language: str) -> str:
    return product.name_ja if language == "ja" else product.name_en


def _pick(texts: Texts, language: str) -> str:
    return texts.get(language) or next(iter(texts.values()))
