"""What can be chosen as a value: the names a shop really uses, product by product, tag by tag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, or_, select, text
from sqlalchemy.orm import Session

from crm_link.kinds import CareKind, Purpose
from orders.catalogue.models import Product
from orders.catalogue.queries import list_delivery_services
from personalization.coupons.queries import list_series
from personalization.inserts import list_inserts
from personalization.models import InsertKind
from warehouse_ui.i18n import get_language, gettext
from warehouse_ui.words import TOPIC, find_word

# A list of names needs no more of a history than this: who searches further types the name.
LOOKED_AT: Final = 50_000
MOST: Final = 500
PAGE: Final = 60
_PREFECTURES: Final = """
北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県
富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県
鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県
鹿児島県 沖縄県
"""
PREFECTURES: Final = tuple(_PREFECTURES.split())
# Kind of list → where its names stand. Each is cut off before it is made distinct: a long history stays cheap.
_NAMES: Final[Mapping[str, str]] = {
    "categories": "SELECT category AS name FROM products WHERE shop_id = :shop_id AND category IS NOT NULL",
    "customer_tags": "SELECT tag AS name FROM tags WHERE shop_id = :shop_id AND present",
    "ranks": "SELECT rank AS name FROM ranks WHERE shop_id = :shop_id AND rank IS NOT NULL",
    "rank_schemes": "SELECT scheme AS name FROM ranks WHERE shop_id = :shop_id",
    "customer_attributes": "SELECT name FROM attributes WHERE shop_id = :shop_id",
    "campaigns": "SELECT campaign AS name FROM touchpoints WHERE shop_id = :shop_id AND campaign IS NOT NULL",
    "channels": "SELECT channel AS name FROM touchpoints WHERE shop_id = :shop_id AND channel IS NOT NULL",
    "topics": "SELECT unnest(categories) AS name FROM touchpoints WHERE shop_id = :shop_id AND kind = 'support_ticket'",
    "order_channels": "SELECT channel AS name FROM orders WHERE shop_id = :shop_id AND channel IS NOT NULL",
    "payment_methods": "SELECT payment_method AS name FROM orders WHERE shop_id = :shop_id"
    " AND payment_method IS NOT NULL",
    "order_tags": "SELECT unnest(tags) AS name FROM orders WHERE shop_id = :shop_id",
    "sources": "SELECT source AS name FROM orders WHERE shop_id = :shop_id",
    "gift_wrappings": "SELECT gift_wrapping AS name FROM orders WHERE shop_id = :shop_id AND gift_wrapping IS NOT NULL",
    "noshi": "SELECT gift_noshi AS name FROM orders WHERE shop_id = :shop_id AND gift_noshi IS NOT NULL",
    "desired_slots": "SELECT desired_slot AS name FROM orders WHERE shop_id = :shop_id AND desired_slot IS NOT NULL",
    "allergens": "SELECT unnest(allergens) AS name FROM inserts WHERE shop_id = :shop_id",
    "coupon_codes": "SELECT unnest(coupon_codes) AS name FROM orders WHERE shop_id = :shop_id",
    "order_attributes": "SELECT jsonb_object_keys(attributes) AS name FROM orders WHERE shop_id = :shop_id"
    " AND jsonb_typeof(attributes) = 'object'",
}


@dataclass(frozen=True)
class Value:
    """`note` is shown small beside the label; `picture` is an address."""

    value: str
    label: str
    note: str = ""
    picture: str | None = None


def list_values(session: Session, shop_id: UUID, kind: str, query: str = "", keys: Sequence[str] = ()) -> list[Value]:
    """Return what a list offers; products are searched, all others come whole. An unknown list is empty."""
    if kind == "products":
        return find_products(session, shop_id, query, keys)
    if kind in _FIXED:
        return _FIXED[kind](session, shop_id)
    return [Value(name, name) for name in list_names(session, shop_id, kind)]


def list_names(session: Session, shop_id: UUID, kind: str) -> list[str]:
    """Return the names of one list that occur in the shop's records, at most 500."""
    if kind not in _NAMES:
        return []
    statement = text(
        f"SELECT name FROM (SELECT DISTINCT name FROM ({_NAMES[kind]} LIMIT :looked_at) found) named"
        f" WHERE name <> '' ORDER BY name LIMIT :most"
    )
    values = {"shop_id": shop_id, "looked_at": LOOKED_AT, "most": MOST}
    return list(session.execute(statement, values).scalars())


def find_products(session: Session, shop_id: UUID, query: str = "", keys: Sequence[str] = ()) -> list[Value]:
    """Return products of these SKUs, or those whose name or SKU contains the query; a shop has thousands of them."""
    statement = select(Product).where(Product.shop_id == shop_id).order_by(Product.sku)
    if keys:
        statement = statement.where(Product.sku.in_(keys))
    else:
        statement = statement.where(Product.active).limit(PAGE)
        for word in query.split():
            like = f"%{_escape(word)}%"
            statement = statement.where(
                or_(Product.name.ilike(like), Product.name_en.ilike(like), Product.sku.ilike(like))
            )
    return [_show_product(product) for product in session.scalars(statement)]


def _escape(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _show_product(product: Product) -> Value:
    name = product.name if get_language() == "ja" else product.name_en or product.name
    picture = f"/files/pictures/{product.picture_file_id}" if product.picture_file_id else None
    return Value(product.sku, name, product.sku, picture)


def find_known(session: Session, shop_id: UUID, kind: str, names: Sequence[str]) -> set[str]:
    """Return which of these names the shop uses: asked by equality, so that an index answers."""
    statements = {
        "products": "SELECT sku FROM products WHERE shop_id = :shop_id AND sku IN :names",
        "categories": "SELECT DISTINCT category FROM products WHERE shop_id = :shop_id AND category IN :names",
        "customer_tags": "SELECT DISTINCT tag FROM tags WHERE shop_id = :shop_id AND tag IN :names",
    }
    if kind == "prefectures":
        return {*names} & {*PREFECTURES}
    statement = text(statements[kind]).bindparams(bindparam("names", expanding=True))
    return set(session.execute(statement, {"shop_id": shop_id, "names": list(names)}).scalars())


CHECKED: Final = frozenset({"products", "categories", "customer_tags", "prefectures"})


def _list_services(session: Session, shop_id: UUID) -> list[Value]:
    return [
        Value(each.key, each.name if get_language() == "ja" else each.name_en or each.name)
        for each in list_delivery_services(session, shop_id)
        if each.active
    ]


def _list_words(group: str, members: Sequence[str]) -> Callable[[Session, UUID], list[Value]]:
    return lambda _session, _shop_id: [Value(each, gettext(find_word(group, each).text)) for each in members]


def _list_plain(members: Mapping[str, tuple[str, str]]) -> Callable[[Session, UUID], list[Value]]:
    return lambda _session, _shop_id: [
        Value(key, ja if get_language() == "ja" else en, key) for key, (ja, en) in members.items()
    ]


_LANGUAGES: Final = {"ja": ("日本語", "Japanese"), "en": ("英語", "English"), "zh": ("中国語", "Chinese")}
_COUNTRIES: Final = {
    "JP": ("日本", "Japan"),
    "US": ("アメリカ", "United States"),
    "TW": ("台湾", "Taiwan"),
    "CN": ("中国", "China"),
}


def _list_series(session: Session, shop_id: UUID) -> list[Value]:
    japanese = get_language() == "ja"
    return [
        Value(each.series.key, each.series.title_ja if japanese else each.series.title_en, each.series.key)
        for each in list_series(session, shop_id)
        if each.series.active
    ]


def _list_inserts(session: Session, shop_id: UUID) -> list[Value]:
    """Return every insert by name, those no longer used too: a history has them."""
    japanese = get_language() == "ja"
    return [
        Value(
            insert.key,
            insert.name_ja if japanese else insert.name_en,
            gettext(find_word("insert_kind", insert.kind).text),
            f"/files/pictures/{insert.picture_file_id}" if insert.picture_file_id else None,
        )
        for insert in list_inserts(session, shop_id)
    ]


def _list_topics(session: Session, shop_id: UUID) -> list[Value]:
    """Return the topics that have a name, and what else the shop's tickets are called."""
    names = [*TOPIC, *(name for name in list_names(session, shop_id, "topics") if name not in TOPIC)]
    return [Value(name, find_word("topic", name).text, "" if name in TOPIC else name) for name in names]


_FIXED: Final[Mapping[str, Callable[[Session, UUID], list[Value]]]] = {
    "services": _list_services,
    "coupon_series": _list_series,
    "inserts": _list_inserts,
    "topics": _list_topics,
    "purposes": _list_words("purpose", list(Purpose)),
    "care_flags": _list_words("care", list(CareKind)),
    "insert_kinds": _list_words("insert_kind", list(InsertKind)),
    "prefectures": lambda _session, _shop_id: [Value(each, each) for each in PREFECTURES],
    "languages": _list_plain({"ja": ("日本語", "Japanese"), "en": ("英語", "English"), "zh": ("中国語", "Chinese")}),
    "countries": _list_plain(
        {
            "JP": ("日本", "Japan"),
            "US": ("アメリカ", "United States"),
            "TW": ("台湾", "Taiwan"),
            "CN": ("中国", "China"),
        }
    ),
}


def to_json(value: Value) -> dict[str, Any]:
    return {"value": value.value, "label": value.label, "note": value.note, "picture": value.picture}
