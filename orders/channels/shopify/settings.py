"""What an operator sets for a Shopify shop, beside the app's client secret."""

from collections.abc import Mapping
from typing import Final

# Key → what it means. A delivery that names another shop domain is refused when `shop_domain` is set.
SETTINGS: Mapping[str, str] = {"shop_domain": "example.myshopify.com"}

# Names under which Japanese delivery-date and gift apps write their wishes into note attributes.
DESIRED_ON: Final = ("配送希望日", "お届け希望日", "配達希望日", "配送日", "delivery_date")
DESIRED_SLOT: Final = ("配送希望時間帯", "配送希望時間", "お届け時間帯", "配達時間帯", "delivery_time")
GIFT_MESSAGE: Final = ("ギフトメッセージ", "メッセージカード", "メッセージ", "gift_message")
GIFT_WRAPPING: Final = ("ラッピング", "ギフト包装", "gift_wrapping")
GIFT_NOSHI: Final = ("のし", "熨斗", "noshi")
# Names under which subscription apps write which delivery of which subscription an order is.
SUBSCRIPTION_ID: Final = ("定期ID", "定期購入ID", "subscription_id")
SUBSCRIPTION_CYCLE: Final = ("定期回数", "お届け回数", "subscription_cycle")
GIFT_NOSHI_NAME: Final = ("のし名入れ", "熨斗名入れ", "noshi_name")
# Payment gateways that collect on or after delivery, in lower case.
ON_DELIVERY: Final = ("cash on delivery", "代金引換", "代引")
DEFERRED: Final = ("後払い", "np後払い", "paidy", "atobarai")
