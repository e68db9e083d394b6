"""Entries for customers who stay: the best of them, subscribers, those who have not tried something yet."""

from typing import Final

from personalization.gallery.entry import Entry, Need, NeedKind, choose
from personalization.models import InsertKind

TOP_CUSTOMER: Final = Entry(
    key="top-customer",
    icon="person",
    name=("大切なお客様に年に一度の贈り物", "A yearly present for the best customers"),
    about=(
        "たくさん買ってくださるお客様に、年に一度贈り物を入れます。苦情が解決していない間は入れません。",
        "Puts a present into a parcel of the best customers once a year; not while a complaint of theirs is open.",
    ),
    needs=(
        Need(
            key="amount",
            kind=NeedKind.MONEY,
            label=("これまでの購入金額がいくら以上", "Bought for at least (yen)"),
            default=50_000,
            low=1,
            high=100_000_000,
        ),
        Need(
            key="orders",
            kind=NeedKind.NUMBER,
            label=("これまでの注文が何回以上", "Orders before, at least"),
            default=5,
            low=1,
            high=1000,
        ),
        Need(key="gift", kind=NeedKind.INSERT, label=("贈り物", "Present"), insert_kinds=(InsertKind.GIFT,)),
    ),
    rule={
        "when": {
            "all": [
                {"fact": "customer.lifetime_value", "op": "at_least", "value": choose("amount")},
                {"fact": "customer.order_count", "op": "at_least", "value": choose("orders")},
                {"fact": "history.has_open_complaint", "op": "equals", "value": False},
            ]
        },
        "then": [{"do": "enclose", "insert": choose("gift")}, {"do": "priority", "value": 20}],
        "purposes": ["personalisation"],
        "limits": [{"per_customer": 1, "within_days": 365}],
        "group": "thanks",
    },
)

SUBSCRIPTION: Final = Entry(
    key="subscription-cycle",
    icon="repeat",
    name=("定期便の節目のお礼", "Milestone of a subscription"),
    about=(
        "定期便が決めた回数になったとき、お礼状と記念の品を入れます。やめどきになりやすい回の前に置くと効きます。",
        "Thanks subscribers at a chosen delivery, with a letter and a present. Best shortly before many would leave.",
    ),
    needs=(
        Need(
            key="cycle",
            kind=NeedKind.NUMBER,
            label=("何回目のお届けで", "At which delivery"),
            default=3,
            low=1,
            high=1000,
        ),
        Need(
            key="gift",
            kind=NeedKind.INSERT,
            label=("記念の品", "Present"),
            insert_kinds=(InsertKind.GIFT, InsertKind.SAMPLE, InsertKind.LEAFLET),
        ),
        Need(
            key="letter",
            kind=NeedKind.LETTER,
            label=("お手紙", "Letter"),
            optional=True,
            template="thank_you_letter",
        ),
    ),
    rule={
        "when": {
            "all": [
                {"fact": "order.subscription_cycle", "op": "equals", "value": choose("cycle")},
                {"fact": "history.has_open_complaint", "op": "equals", "value": False},
            ]
        },
        "then": [
            {"do": "enclose", "insert": choose("gift")},
            {"do": "letter", "template": choose("letter")},
            {"do": "flag", "flag": "subscriber"},
        ],
        "limits": [{"per_customer": 1}],
        "group": "thanks",
    },
    texts={
        "body": (
            (
                "{recipient_name} 様、定期便も{order.subscription_cycle}回目となりました。"
                "いつもお迎えくださり、ありがとうございます。"
            ),
            "Dear {recipient_name}, this is delivery number {order.subscription_cycle}. Thank you for having us.",
        )
    },
)

NEVER_FULL_SIZE: Final = Entry(
    key="never-full-size",
    icon="box",
    name=("試供品の次は現品を", "Sample taken, full size never bought"),
    about=(
        "試供品を受け取ったのに現品をまだ買っていないお客様に、背中を押すクーポンなどを入れます。",
        "Nudges customers who got the sample but never bought the full size, with a coupon or the like.",
    ),
    needs=(
        Need(
            key="sample",
            kind=NeedKind.INSERT,
            label=("前に入れた試供品", "Sample that was enclosed"),
            insert_kinds=(InsertKind.SAMPLE,),
        ),
        Need(
            key="products",
            kind=NeedKind.SKUS,
            label=("その現品のSKU", "SKUs of the full size"),
            hint=("カンマで区切って、いくつでも", "Separated by commas"),
        ),
        Need(
            key="insert",
            kind=NeedKind.INSERT,
            label=("背中を押す品", "What nudges"),
            insert_kinds=(InsertKind.COUPON, InsertKind.LEAFLET),
        ),
    ),
    rule={
        "when": {
            "all": [
                {
                    "fact": "history.insert_count",
                    "with": {"inserts": [choose("sample")], "days": 365},
                    "op": "at_least",
                    "value": 1,
                },
                {
                    "fact": "history.purchase_count",
                    "with": {"skus": choose("products")},
                    "op": "equals",
                    "value": 0,
                },
                {"fact": "order.skus", "op": "has_none", "value": choose("products")},
            ]
        },
        "then": [{"do": "enclose", "insert": choose("insert")}],
        "purposes": ["marketing"],
        "limits": [{"per_customer": 1, "within_days": 90}],
        "group": "promotion",
    },
)

CROSS_SELL: Final = Entry(
    key="cross-sell",
    icon="link",
    name=("まだ買っていない分類の試供品", "Sample of a category never bought"),
    about=(
        "ある分類をくり返し買い、別の分類はまだのお客様に、その分類の試供品を入れます。",
        "Puts a sample of one category into parcels of those who keep buying another and never that one.",
    ),
    needs=(
        Need(key="bought", kind=NeedKind.CATEGORIES, label=("よく買う分類", "Categories bought again and again")),
        Need(key="missing", kind=NeedKind.CATEGORIES, label=("まだ買っていない分類", "Categories never bought")),
        Need(
            key="sample",
            kind=NeedKind.INSERT,
            label=("試してほしい試供品", "Sample to try"),
            insert_kinds=(InsertKind.SAMPLE,),
        ),
    ),
    rule={
        "when": {
            "all": [
                {
                    "fact": "history.purchase_count",
                    "with": {"categories": choose("bought"), "days": 180},
                    "op": "at_least",
                    "value": 2,
                },
                {
                    "fact": "history.purchase_count",
                    "with": {"categories": choose("missing")},
                    "op": "equals",
                    "value": 0,
                },
                {"fact": "order.categories", "op": "has_none", "value": choose("missing")},
            ]
        },
        "then": [{"do": "enclose", "insert": choose("sample")}],
        "purposes": ["marketing"],
        "limits": [{"per_customer": 1, "within_days": 90}],
        "group": "promotion",
    },
)

KEEPING: Final = (TOP_CUSTOMER, SUBSCRIPTION, NEVER_FULL_SIZE, CROSS_SELL)
