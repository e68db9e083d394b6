"""What people call the topics of support tickets: those of other systems come under their own names."""

import re
from collections.abc import Mapping
from typing import Final

TOPICS: Final[Mapping[str, tuple[str, str]]] = {
    "complaint": ("お申し出（苦情）", "complaint"),
    "delivery": ("配送", "delivery"),
    "question": ("質問", "question"),
    "product": ("商品", "product"),
    "return": ("返品", "return"),
    "payment": ("支払い", "payment"),
    "subscription": ("定期便", "subscription"),
    "allergy": ("アレルギー", "allergy"),
}
# Names that help desks use beside ours; one of them is shown, and asked for in rules, as it came.
_OTHERS: Final[Mapping[str, tuple[str, str]]] = {
    "shipping": ("配送", "shipping"),
    "late_delivery": ("お届けの遅れ", "late delivery"),
    "delivery_delay": ("お届けの遅れ", "late delivery"),
    "lost_parcel": ("荷物の紛失", "lost parcel"),
    "address_change": ("お届け先の変更", "change of address"),
    "damaged": ("破損", "damaged goods"),
    "damage": ("破損", "damaged goods"),
    "defect": ("不良品", "defect"),
    "wrong_item": ("商品違い", "wrong item"),
    "missing_item": ("商品の不足", "missing item"),
    "exchange": ("交換", "exchange"),
    "refund": ("返金", "refund"),
    "returns": ("返品", "return"),
    "cancel": ("キャンセル", "cancellation"),
    "cancellation": ("キャンセル", "cancellation"),
    "order": ("注文", "order"),
    "billing": ("請求・支払い", "billing"),
    "invoice": ("請求書・領収書", "invoice"),
    "account": ("会員登録・ログイン", "account"),
    "coupon": ("クーポン", "coupon"),
    "points": ("ポイント", "points"),
    "gift": ("ギフト", "gift"),
    "stock": ("在庫・再入荷", "stock"),
    "skin_trouble": ("肌トラブル", "skin trouble"),
    "quality": ("品質", "quality"),
    "inquiry": ("お問い合わせ", "inquiry"),
    "feedback": ("ご意見", "feedback"),
    "praise": ("お褒めの言葉", "praise"),
    "other": ("その他", "other"),
}


def name_topic(topic: str) -> tuple[str, str]:
    """Return the name in Japanese and English; one that nobody named is read as words (`gift_box`: gift box)."""
    plain = re.sub(r"[\s_.:/-]+", "_", topic.strip()).strip("_")
    known = TOPICS.get(plain.lower()) or _OTHERS.get(plain.lower())
    if known is not None:
        return known
    # What a person wrote, in whatever letters, stays; only the marks of a key between Latin words become spaces.
    words = re.sub(r"(?<=[A-Za-z0-9])[_.:/-]+(?=[A-Za-z0-9])", " ", topic.strip()) or topic
    return words, words
