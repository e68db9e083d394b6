"""What the papers say of a coupon and of recommended products: text lines in their slots. Pure."""

from collections.abc import Mapping
from datetime import date

from documents.specs import Value
from personalization.plan import Plan, RecommendedProduct, Texts


def offer_values(plan: Plan, language: str) -> dict[str, Value]:
    """Return the slots of the plan's coupon and recommendations; empty without any."""
    values: dict[str, Value] = {
        slot: "\n".join(f"・{_name(product, language)}" for product in products)
        for slot, products in plan.recommendations.items()
    }
    coupon = plan.coupon
    # A card without its code is refused when it is drawn; nothing stands in for it.
    if coupon is None or coupon.code is None:
        return values
    texts = {slot: _pick(said, language) for slot, said in coupon.slots.items()}
    note = _describe_coupon(texts, coupon.code, coupon.valid_until, language)
    return values | texts | {"coupon_code": coupon.code, "coupon_expires_on": coupon.valid_until, "coupon_note": note}


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
