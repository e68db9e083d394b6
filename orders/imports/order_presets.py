"""Order files of systems we know: which of their columns mean which of our fields.

Headers: EC-CUBE 4.3 `dtb_csv.csv` (type 3 受注, its two columns 送料 told apart by their sequence), Rakuten RMS
楽天ペイ受注CSV, NextEngine 汎用受注CSV. Shops reorder and hide columns, so everything goes by header.
"""

from collections.abc import Mapping
from typing import Final

from core.tabular.importer import Column, Preset, Source


def _one(header: str, occurrence: int = 1) -> Source:
    return Source((Column(header, occurrence),))


def _join(*headers: str, joiner: str = "") -> Source:
    return Source(tuple(Column(header) for header in headers), joiner)


def _all(**headers: str) -> dict[str, Source]:
    return {name: _one(header) for name, header in headers.items()}


_ECCUBE: Final[Mapping[str, Source]] = {
    **_all(
        order_id="注文ID", number="注文番号", buyer_id="会員ID", buyer_company="会社名", buyer_postal_code="郵便番号"
    ),
    **_all(buyer_region="都道府県(名称)", buyer_address1="住所1", buyer_address2="住所2", buyer_phone="TEL"),
    **_all(buyer_email="メールアドレス", total="支払合計", tax_total="税金", discount="値引き", status="対応状況(ID)"),
    **_all(payment_method="支払方法(名称)", placed_at="受注日", paid_at="入金日", line_id="注文詳細ID"),
    **_all(
        title="商品名", sku="商品コード", unit_price="価格", quantity="個数", tax_rate="税率", line_kind="明細区分(ID)"
    ),
    **_all(destination="出荷ID", recipient_company="配送先_会社名", recipient_postal_code="配送先_郵便番号"),
    **_all(recipient_region="配送先_都道府県(名称)", recipient_address1="配送先_住所1"),
    **_all(recipient_address2="配送先_住所2", recipient_phone="配送先_TEL", desired_slot="お届け時間(名称)"),
    **_all(desired_on="お届け希望日", note="配達用メモ"),
    "buyer_name": _join("お名前(姓)", "お名前(名)", joiner=" "),
    "buyer_name_kana": _join("お名前(セイ)", "お名前(メイ)", joiner=" "),
    "recipient_name": _join("配送先_お名前(姓)", "配送先_お名前(名)", joiner=" "),
    "recipient_name_kana": _join("配送先_お名前(セイ)", "配送先_お名前(メイ)", joiner=" "),
    # The first 送料 is the order's, the second that of one shipment.
    "shipping_fee": _one("送料", 1),
}
_RAKUTEN: Final[Mapping[str, Source]] = {
    **_all(order_id="注文番号", status="ステータス", placed_at="注文日時", payment_method="支払方法名"),
    **_all(total="請求金額", tax_total="消費税合計", shipping_fee="送料合計", cod_fee="代引料合計"),
    **_all(points="ポイント利用額", coupon_discount="クーポン利用総額", wrapping_fee="ラッピング料金1"),
    **_all(wrapping="ラッピング名1", noshi="のし", destination="送付先ID", line_id="商品明細ID", title="商品名"),
    **_all(sku="商品番号", sku_other="商品管理番号", unit_price="単価", quantity="個数", tax_mode="税込別"),
    **_all(option="項目・選択肢", desired_slot="お届け時間帯", desired_on="お届け日指定", note="ひとことメモ"),
    **_all(buyer_region="注文者住所都道府県", buyer_city="注文者住所郡市区"),
    **_all(buyer_address1="注文者住所それ以降の住所"),
    **_all(buyer_email="注文者メールアドレス", recipient_region="送付先住所都道府県"),
    **_all(recipient_city="送付先住所郡市区", recipient_address1="送付先住所それ以降の住所"),
    "buyer_name": _join("注文者姓", "注文者名", joiner=" "),
    "buyer_name_kana": _join("注文者姓カナ", "注文者名カナ", joiner=" "),
    "buyer_postal_code": _join("注文者郵便番号1", "注文者郵便番号2", joiner="-"),
    "buyer_phone": _join("注文者電話番号1", "注文者電話番号2", "注文者電話番号3", joiner="-"),
    "recipient_name": _join("送付先姓", "送付先名", joiner=" "),
    "recipient_name_kana": _join("送付先姓カナ", "送付先名カナ", joiner=" "),
    "recipient_postal_code": _join("送付先郵便番号1", "送付先郵便番号2", joiner="-"),
    "recipient_phone": _join("送付先電話番号1", "送付先電話番号2", "送付先電話番号3", joiner="-"),
    "subscription_id": _one("申込番号"),
    "subscription_cycle": _one("申込お届け回数"),
}
_NEXTENGINE: Final[Mapping[str, Source]] = {
    **_all(order_id="店舗伝票番号", placed_at="受注日", buyer_postal_code="受注郵便番号", buyer_address1="受注住所１"),
    **_all(buyer_address2="受注住所２", buyer_name="受注名", buyer_name_kana="受注名カナ", buyer_phone="受注電話番号"),
    **_all(buyer_email="受注メールアドレス", buyer_id="顧客コード", recipient_postal_code="発送郵便番号"),
    **_all(recipient_address1="発送先住所１", recipient_address2="発送先住所２", recipient_name="発送先名"),
    **_all(recipient_name_kana="発送先カナ", recipient_phone="発送電話番号", payment_method="支払方法"),
    **_all(tax_total="税金", shipping_fee="発送料", handling_fee="手数料", points="ポイント", other_fee="その他費用"),
    **_all(total="合計金額", desired_slot="時間帯指定", desired_on="日付指定", note="備考", title="商品名"),
    **_all(
        sku="商品コード", unit_price="商品価格", quantity="受注数量", option="商品オプション", shipped="出荷済フラグ"
    ),
    **_all(tax_rate="消費税率"),
}

ORDER_PRESETS: Final = (
    Preset(
        "eccube",
        "EC-CUBE 4 受注CSV",
        "EC-CUBE 4 orders",
        _ECCUBE,
        signature=("注文ID", "注文詳細ID", "対応状況(ID)", "配送先_郵便番号"),
        options={"layout": "eccube", "source": "eccube"},
    ),
    Preset(
        "rakuten",
        "楽天RMS 楽天ペイ受注CSV",
        "Rakuten RMS orders",
        _RAKUTEN,
        signature=("注文番号", "注文者郵便番号1", "送付先ID", "商品明細ID"),
        options={"layout": "rakuten", "source": "rakuten"},
    ),
    Preset(
        "nextengine",
        "ネクストエンジン 汎用受注CSV",
        "NextEngine orders",
        _NEXTENGINE,
        signature=("店舗伝票番号", "受注郵便番号", "発送郵便番号", "受注数量"),
        options={"layout": "nextengine", "source": "nextengine"},
    ),
)
