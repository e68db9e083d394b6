"""The values an order file may hold, one row per line of an order, with their headers in the plain layout."""

import re
from collections.abc import Sequence
from typing import Final

from core.tabular.cells import (
    limit_text,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_list,
    parse_moment,
    parse_money,
    parse_quantity,
)
from core.tabular.errors import CellError
from core.tabular.importer import Field, ImportContext, Parser

MOST_ATTRIBUTES: Final = 50


def parse_attributes(text: str, _context: ImportContext) -> dict[str, str]:
    """Read 「公演=東京; 席=A列」: names and values of the order's own, between semicolons or on lines of their own."""
    parts = [part.strip() for part in re.split(r"[;；\n]", text) if part.strip()]
    pairs = [[piece.strip() for piece in re.split(r"[=＝]", part, maxsplit=1)] for part in parts]
    if len(pairs) > MOST_ATTRIBUTES or any(len(pair) < 2 or not all(pair) for pair in pairs):
        raise CellError(
            "not_attributes",
            f"「名前=値」を「;」で区切って書いてください({MOST_ATTRIBUTES}個まで)",
            f"Write name=value, separated by semicolons (at most {MOST_ATTRIBUTES})",
        )
    return {pair[0]: pair[1] for pair in pairs}


_short: Final = limit_text(200)
_long: Final = limit_text(5000)
_CONTACT: Final = (
    ("id", "ID", "id"),
    ("name", "名前", "name"),
    ("name_kana", "フリガナ", "name kana"),
    ("company", "会社名", "company"),
    ("postal_code", "郵便番号", "postal code"),
    ("country", "国", "country"),
    ("region", "都道府県", "region"),
    ("city", "市区町村", "city"),
    ("address1", "住所1", "address 1"),
    ("address2", "住所2", "address 2"),
    ("phone", "電話番号", "phone"),
    ("email", "メールアドレス", "email"),
)
ROLES: Final = (("buyer", "注文者"), ("recipient", "お届け先"), ("sender", "ご依頼主"))


def _contact_fields() -> Sequence[Field]:
    return [
        Field(f"{role}_{name}", f"{role_label}{label}", f"{role} {label_en}", _short)
        for role, role_label in ROLES
        for name, label, label_en in _CONTACT
    ]


def _field(name: str, label: str, parse: Parser, *aliases: str, required: bool = False) -> Field:
    return Field(name, label, name.replace("_", " "), parse, required=required, aliases=aliases)


ORDER_LEVEL: Final[tuple[Field, ...]] = (
    _field("order_id", "注文ID", _short, "受注番号", "伝票番号", required=True),
    _field("number", "注文番号", _short),
    _field("placed_at", "注文日時", parse_moment, "受注日", "注文日", "受注日時", required=True),
    _field("updated_at", "更新日時", parse_moment, "最終更新日"),
    _field("status", "ステータス", _short, "対応状況"),
    _field("cancelled_at", "キャンセル日時", parse_moment, "キャンセル日"),
    _field("total", "合計金額", parse_money, "請求金額", "支払合計", required=True),
    _field("tax_total", "消費税", parse_money, "税金", "消費税合計"),
    _field("shipping_fee", "送料", parse_money, "発送料"),
    _field("cod_fee", "代引手数料", parse_money, "代引料"),
    _field("handling_fee", "手数料", parse_money),
    _field("wrapping_fee", "ラッピング料金", parse_money),
    _field("other_fee", "その他費用", parse_money),
    _field("discount", "値引き", parse_money, "割引額"),
    _field("coupon_discount", "クーポン利用額", parse_money),
    _field("points", "ポイント利用額", parse_money, "ポイント"),
    _field("coupon_code", "クーポンコード", parse_list),
    _field("payment_method", "支払方法", _short),
    _field("paid_at", "入金日", parse_moment, "入金日時"),
    _field("shipped", "出荷済", parse_boolean, "出荷済フラグ"),
    _field("desired_on", "お届け希望日", parse_date, "配送希望日", "日付指定"),
    _field("desired_slot", "お届け時間帯", _short, "配送希望時間帯", "時間帯指定"),
    _field("ship_not_before", "出荷予定日", parse_date, "発送予定日"),
    _field("temperature_zone", "温度帯", _short),
    _field("wrapping", "ラッピング", _short),
    _field("noshi", "のし", _short, "熨斗"),
    _field("noshi_name", "のし名入れ", _short),
    _field("gift_message", "ギフトメッセージ", _long, "メッセージカード"),
    _field("subscription_id", "定期ID", _short),
    _field("subscription_cycle", "定期回数", parse_quantity, "お届け回数"),
    _field("channel", "チャネル", _short, "店舗名"),
    _field("tags", "タグ", parse_list),
    _field("note", "備考", _long, "注文メモ"),
    _field("attributes", "属性", parse_attributes, "カスタム項目"),
    _field("destination", "送付先ID", _short, "出荷ID"),
    *_contact_fields(),
)
LINE_LEVEL: Final[tuple[Field, ...]] = (
    _field("line_id", "明細ID", _short, "注文詳細ID", "商品明細ID"),
    _field("line_kind", "明細区分", _short),
    _field("sku", "商品コード", _short, "SKU", "品番"),
    _field("sku_other", "商品管理番号", _short),
    _field("title", "商品名", limit_text(500)),
    _field("option", "商品オプション", _long, "項目・選択肢"),
    _field("unit_price", "単価", parse_decimal, "価格", "商品価格"),
    _field("quantity", "数量", parse_quantity, "個数", "受注数量"),
    _field("tax_rate", "税率", parse_decimal, "消費税率"),
    _field("tax_mode", "税込別", _short),
)
ORDER_FIELDS: Final = (*ORDER_LEVEL, *LINE_LEVEL)
LABELS: Final = {field.name: (field.label, field.label_en) for field in ORDER_FIELDS}
