"""Other words by which people look for a fact or an insert: what a shop calls it, where the catalogue says it exactly.

Pure.
"""

from collections.abc import Mapping
from typing import Final

from personalization.models import InsertKind
from warehouse_ui.rules.readings import read_kana

FACT_WORDS: Final[Mapping[str, str]] = {
    "customer.nth_order": "何回目の注文 2回目 初回 初めて 新規 リピーター 通算 first order second order new repeat",
    "customer.order_count": "リピート リピーター 新規 初めて 既存 repeat existing new customer",
    "customer.is_known": "会員 ゲスト 非会員 guest member",
    "customer.days_since_last_order": "最終購入 前回の注文 久しぶり 休眠 離脱 ご無沙汰 last order lapsed dormant",
    "customer.last_order_date": "最終購入 前回の注文 last order",
    "customer.lifetime_value": "LTV 累計 お得意様 優良 VIP total spent",
    "customer.rank": "ランク ステージ ゴールド VIP 優良 tier",
    "customer.birth_month": "バースデー birthday",
    "customer.days_to_birthday": "バースデー birthday",
    "customer.rfm_total": "優良 お得意様",
    "history.purchase_count": "買ったことがある 購入したことがある 購入歴 リピート カテゴリを買った bought before",
    "history.purchase_amount": "買った金額 累計 spent",
    "history.purchased_categories": "買ったことがある 購入したことがある 購入歴 bought before",
    "history.purchased_skus": "買ったことがある 購入したことがある 購入歴 bought before",
    "history.days_since_purchase": "最終購入 買った日 last bought",
    "history.insert_count": "サンプル 試供品 お試し もらった 渡した 入れた まだ入れていない チラシ sample given before",
    "history.inserts": "サンプル 試供品 お試し もらった 渡した 入れた まだ入れていない チラシ sample given before",
    "history.days_since_insert": "サンプル 試供品 もらった 渡した 入れた sample given",
    "history.has_qr_visit": "QRコード 読み取り アクセス scan",
    "history.qr_visit_count": "QRコード 読み取り アクセス scan",
    "history.has_open_complaint": "クレーム トラブル お申し出 complaint",
    "history.complaint_count": "クレーム トラブル お申し出",
    "history.last_survey_score": "満足度 評価 NPS レビュー rating",
    "order.goods_total": "合計 金額 以上購入 客単価 amount",
    "order.total": "合計 金額 以上購入 客単価 amount",
    "order.skus": "商品 買った商品 今回の商品 product",
    "order.categories": "今回のカテゴリ product category",
    "order.is_subscription": "定期便 サブスク 定期購入 subscription",
    "order.subscription_cycle": "定期便 サブスク 定期の回数 subscription",
    "order.is_gift": "プレゼント 贈り物 贈答 present",
    "order.prefecture": "住所 地域 エリア address region",
    "order.refunded_total": "返品 キャンセル 返金 return refund",
    "order.channel": "モール 楽天 アマゾン ヤフー 店舗 mall",
    "prediction.active_probability": "離脱 休眠 離反 解約 churn",
    "calendar.month": "季節 シーズン season",
}
_INSERTS: Final[Mapping[InsertKind, str]] = {
    InsertKind.SAMPLE: "サンプル 試供品 お試し sample",
    InsertKind.LEAFLET: "リーフレット チラシ パンフレット カタログ leaflet flyer",
    InsertKind.GIFT: "プレゼント 景品 ノベルティ おまけ gift",
    InsertKind.COUPON: "クーポン 割引券 coupon",
    InsertKind.TASK: "作業 ラッピング 包装 task",
}


def list_fact_words(fact_key: str) -> str:
    return _with_reading(FACT_WORDS.get(fact_key, ""))


def list_insert_words(kind: InsertKind) -> str:
    return _with_reading(_INSERTS.get(kind, ""))


def _with_reading(words: str) -> str:
    return f"{words} {read_kana(words)}"
