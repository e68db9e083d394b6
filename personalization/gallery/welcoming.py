"""Entries for customers who begin, come again, or have been away."""

from typing import Final

from personalization.gallery.entry import Entry, Need, NeedKind, choose
from personalization.models import InsertKind

LETTER: Final = Need(key="letter", kind=NeedKind.LETTER, label=("お手紙", "Letter"), template="thank_you_letter")
COUPON: Final = Need(
    key="coupon",
    kind=NeedKind.INSERT,
    label=("次のお買い物に使えるクーポン", "Coupon for the next order"),
    hint=("なくても使えます", "Works without one as well"),
    optional=True,
    insert_kinds=(InsertKind.COUPON,),
)

FIRST_ORDER: Final = Entry(
    key="first-order",
    icon="gift",
    name=("初回購入のお礼", "Welcome on the first order"),
    about=(
        "はじめて買ったお客様に、お礼状とご案内を一度だけ入れます。二度目につながるいちばん大切な一箱です。",
        "Puts a letter and a leaflet into a customer's first parcel, once. No other box matters more for the second.",
    ),
    needs=(
        LETTER,
        Need(
            key="leaflet",
            kind=NeedKind.INSERT,
            label=("ごあいさつのリーフレット", "Welcome leaflet"),
            optional=True,
            insert_kinds=(InsertKind.LEAFLET,),
        ),
        COUPON,
    ),
    rule={
        "when": {
            "all": [
                {"fact": "customer.nth_order", "op": "equals", "value": 1},
                {"not": {"fact": "order.is_gift", "op": "equals", "value": True}},
            ]
        },
        "then": [
            {"do": "letter", "template": choose("letter")},
            {"do": "enclose", "insert": choose("leaflet")},
            {"do": "enclose", "insert": choose("coupon")},
            {"do": "tag", "tag": "first-order"},
        ],
        "limits": [{"per_customer": 1}],
    },
    texts={
        "body": (
            (
                "{recipient_name} 様、このたびは{shop_name}をお選びくださり、ありがとうございます。"
                "お気に召しましたら、これほどうれしいことはありません。"
            ),
            "Dear {recipient_name}, thank you for choosing {shop_name}. We hope you will like what is in this box.",
        )
    },
)

SECOND_ORDER: Final = Entry(
    key="second-order",
    icon="repeat",
    name=("2回目のご注文をつなげる(F2転換)", "Build on the second order (F2)"),
    about=(
        "2回目のご注文が初回から間もないお客様に、お礼と試供品を入れ、三度目につなげます。",
        "Thanks customers whose second order came soon after the first, with a sample that leads to a third.",
    ),
    needs=(
        Need(
            key="days",
            kind=NeedKind.NUMBER,
            label=("初回から何日以内", "Within how many days of the first"),
            default=90,
            low=1,
            high=3650,
        ),
        Need(
            key="sample",
            kind=NeedKind.INSERT,
            label=("試してほしい試供品", "Sample to try"),
            insert_kinds=(InsertKind.SAMPLE,),
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
                {"fact": "customer.nth_order", "op": "equals", "value": 2},
                {"fact": "customer.days_since_last_order", "op": "at_most", "value": choose("days")},
            ]
        },
        "then": [
            {"do": "letter", "template": choose("letter")},
            {"do": "enclose", "insert": choose("sample")},
            {"do": "tag", "tag": "second-order"},
        ],
        "purposes": ["marketing"],
        "limits": [{"per_customer": 1}],
        "group": "promotion",
    },
    texts={
        "body": (
            "{recipient_name} 様、またお選びくださり、ありがとうございます。心ばかりのお試し品を添えました。",
            "Dear {recipient_name}, thank you for coming back. We have added a little something to try.",
        )
    },
)

WIN_BACK: Final = Entry(
    key="win-back",
    icon="history",
    name=("しばらくぶりのお客様におかえりなさい", "Win back after a long pause"),
    about=(
        "長く間の空いたお客様が戻ってきたとき、クーポンなどで「おかえりなさい」を伝えます。",
        "Says welcome back, with a coupon or the like, when a customer returns after a long pause.",
    ),
    needs=(
        Need(
            key="days",
            kind=NeedKind.NUMBER,
            label=("前回のご注文から何日以上", "Days since the last order, at least"),
            default=180,
            low=1,
            high=3650,
        ),
        Need(
            key="insert",
            kind=NeedKind.INSERT,
            label=("おかえりなさいの品", "What welcomes back"),
            insert_kinds=(InsertKind.COUPON, InsertKind.SAMPLE, InsertKind.LEAFLET),
        ),
    ),
    rule={
        "when": {"fact": "customer.days_since_last_order", "op": "at_least", "value": choose("days")},
        "then": [{"do": "enclose", "insert": choose("insert")}, {"do": "tag", "tag": "welcome-back"}],
        "purposes": ["marketing"],
        "limits": [{"per_customer": 1, "within_days": 180}],
        "group": "promotion",
    },
)

BIRTHDAY: Final = Entry(
    key="birthday",
    icon="gift",
    name=("お誕生日のお祝い", "Birthday"),
    about=(
        "お誕生日が近いお客様の荷物に、お祝いの品を年に一度入れます。",
        "Puts a birthday present into a parcel shortly before the customer's birthday, once a year.",
    ),
    needs=(
        Need(
            key="days",
            kind=NeedKind.NUMBER,
            label=("お誕生日の何日前から", "From how many days before"),
            default=30,
            low=0,
            high=366,
        ),
        Need(
            key="insert",
            kind=NeedKind.INSERT,
            label=("お祝いの品", "Birthday present"),
            insert_kinds=(InsertKind.LEAFLET, InsertKind.GIFT, InsertKind.COUPON, InsertKind.SAMPLE),
        ),
    ),
    rule={
        "when": {"fact": "customer.days_to_birthday", "op": "at_most", "value": choose("days")},
        "then": [{"do": "enclose", "insert": choose("insert")}, {"do": "flag", "flag": "birthday"}],
        "purposes": ["personalisation"],
        "limits": [{"per_customer": 1, "within_days": 300}],
    },
)

WELCOMING: Final = (FIRST_ORDER, SECOND_ORDER, WIN_BACK, BIRTHDAY)
