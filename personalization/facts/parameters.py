"""What questions may be narrowed by: windows in days, goods, channels, names."""

from typing import Final

from personalization.facts.fact import Parameter, ParameterType

KINDS_OF_INSERTS: Final = ("leaflet", "sample", "gift", "letter", "coupon", "task")
DAYS: Final = Parameter("days", ParameterType.DAYS, "過去の日数", "days back")
# With `days` 365 and `skip_days` 180: more than 180 and up to 365 days ago.
SKIP: Final = Parameter("skip_days", ParameterType.DAYS, "直近の除く日数", "leaving out the last days")
AHEAD: Final = Parameter("days", ParameterType.DAYS, "今後の日数", "days ahead")
SKUS: Final = Parameter("skus", ParameterType.TEXTS, "商品(SKU)", "SKUs")
CATEGORIES: Final = Parameter("categories", ParameterType.TEXTS, "カテゴリ", "categories")
CHANNELS: Final = Parameter("channels", ParameterType.TEXTS, "チャネル", "channels")
CAMPAIGNS: Final = Parameter("campaigns", ParameterType.TEXTS, "対象", "campaigns, surveys or events")
TOPICS: Final = Parameter("topics", ParameterType.TEXTS, "問い合わせの種類", "topics")
INSERTS: Final = Parameter("inserts", ParameterType.TEXTS, "同梱物", "inserts")
INSERT_KINDS: Final = Parameter(
    "kinds", ParameterType.TEXTS, "同梱物の種類", "kinds of inserts", choices=KINDS_OF_INSERTS
)
NAME: Final = Parameter("name", ParameterType.TEXT, "属性名", "attribute", required=True)
TAG: Final = Parameter("tag", ParameterType.TEXT, "タグ", "tag", required=True)
SCHEME: Final = Parameter("scheme", ParameterType.TEXT, "ランク制度", "scheme")
