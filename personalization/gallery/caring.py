"""Entries that take care: after a complaint, gifts, orders that a person should look at."""

from typing import Final

from personalization.gallery.entry import Entry, Need, NeedKind, choose

AFTER_COMPLAINT: Final = Entry(
    key="after-complaint",
    icon="hand",
    name=("苦情のあとはお詫び状だけ、宣伝はしない", "After a complaint: an apology, and no promotion"),
    about=(
        (
            "苦情をいただいたお客様の荷物に、しばらくの間お詫び状を入れます。排他グループ「promotion」のいちばん上に"
            "置くと、同じグループの宣伝のルールは動きません。"
        ),
        (
            "Puts a letter of apology into the parcels that follow a complaint. At the top of the exclusion group "
            "“promotion” it keeps all other rules of that group, the advertising ones, out of this parcel."
        ),
    ),
    needs=(
        Need(
            key="days",
            kind=NeedKind.NUMBER,
            label=("苦情から何日の間", "For how many days after it"),
            default=60,
            low=1,
            high=3650,
        ),
        Need(key="letter", kind=NeedKind.LETTER, label=("お詫び状", "Letter of apology"), template="apology_letter"),
    ),
    rule={
        "when": {
            "fact": "history.ticket_count",
            "with": {"days": choose("days"), "topics": ["complaint"]},
            "op": "at_least",
            "value": 1,
        },
        "then": [{"do": "letter", "template": choose("letter")}, {"do": "tag", "tag": "care"}],
        "group": "promotion",
    },
    texts={
        "apology_reason": (
            "先日はご不便をおかけし、心よりお詫び申し上げます。いただいたお声をもとに、手順を見直しております。",
            "We are sorry for the trouble we caused you. What you told us is changing how we work.",
        ),
        "body": (
            "{recipient_name} 様、先日はご不便をおかけし、心よりお詫び申し上げます。",
            "Dear {recipient_name}, we are sorry for the trouble we caused you.",
        ),
    },
    at_top=True,
)

GIFT: Final = Entry(
    key="gift-wrap",
    icon="gift",
    name=("ギフトは包装と金額なしの明細", "Gifts: wrapped, and a slip without prices"),
    about=(
        "ギフトのご注文を包装し、金額の出ない明細を使います。",
        "Wraps gifts and uses the slip that shows no prices.",
    ),
    needs=(
        Need(key="slip", kind=NeedKind.SLIP, label=("金額なしの明細", "Slip without prices"), template="gift_slip"),
        Need(key="wrap", kind=NeedKind.TASK, label=("包装の作業", "Wrapping task")),
        Need(key="noshi", kind=NeedKind.TASK, label=("のしの作業", "のし task"), optional=True),
    ),
    rule={
        "when": {"fact": "order.is_gift", "op": "equals", "value": True},
        "then": [
            {"do": "slip", "template": choose("slip")},
            {"do": "flag", "flag": "hide_prices"},
            {"do": "task", "insert": choose("wrap")},
            {"do": "task", "insert": choose("noshi")},
        ],
        "gifts": "always",
    },
    at_top=True,
)

LARGE_ORDER: Final = Entry(
    key="large-order-review",
    icon="pause",
    name=("初めての高額注文は確認してから", "Look at a large first order before it goes"),
    about=(
        "初めてのお客様の高額なご注文を保留にし、担当者が確認してから出荷します。",
        "Holds a large order of a new customer until a person has looked at it.",
    ),
    needs=(
        Need(
            key="amount",
            kind=NeedKind.MONEY,
            label=("注文金額がいくら以上(円)", "Order total, at least (yen)"),
            default=50_000,
            low=1,
            high=100_000_000,
        ),
    ),
    rule={
        "when": {
            "all": [
                {"fact": "order.total", "op": "at_least", "value": choose("amount")},
                {"fact": "customer.nth_order", "op": "equals", "value": 1},
            ]
        },
        "then": [
            {
                "do": "hold",
                "reason": {
                    "ja": "初めてのお客様の高額注文です。内容を確認してください。",
                    "en": "A large order of a new customer: look at it before it goes.",
                },
            },
            {"do": "tag", "tag": "review"},
        ],
    },
    at_top=True,
)

LOW_SCORE: Final = Entry(
    key="after-low-score",
    icon="survey",
    name=("アンケートの評価が低かったお客様にお詫び", "Apology after a low survey score"),
    about=(
        "直近のアンケートの点が低かったお客様に、お詫び状を一度だけ入れます。宣伝はしません。",
        "Puts one letter of apology into the next parcel after a low survey score, and no promotion.",
    ),
    needs=(
        Need(
            key="score",
            kind=NeedKind.NUMBER,
            label=("何点以下で", "Score of at most"),
            default=2,
            low=0,
            high=10,
        ),
        Need(key="letter", kind=NeedKind.LETTER, label=("お詫び状", "Letter of apology"), template="apology_letter"),
    ),
    rule={
        "when": {
            "fact": "history.last_survey_score",
            "with": {"days": 120},
            "op": "at_most",
            "value": choose("score"),
        },
        "then": [{"do": "letter", "template": choose("letter")}],
        "purposes": ["letter"],
        "limits": [{"per_customer": 1, "within_days": 180}],
        "group": "promotion",
    },
    texts={
        "apology_reason": (
            (
                "先日はアンケートにお答えくださり、ありがとうございました。ご期待に添えなかったことを、"
                "心よりお詫び申し上げます。"
            ),
            "Thank you for answering our survey. We are sorry that we fell short of what you expected.",
        ),
        "body": (
            "{recipient_name} 様、ご期待に添えなかったことを、心よりお詫び申し上げます。",
            "Dear {recipient_name}, we are sorry that we fell short of what you expected.",
        ),
    },
    at_top=True,
)

CARING: Final = (AFTER_COMPLAINT, GIFT, LARGE_ORDER, LOW_SCORE)
