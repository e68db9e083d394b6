"""Five hundred rules as a shop might have them: many facts, counts in windows, limits, groups; drawn by the seed."""

import random
from typing import Any, Final

from bench.past_shop import CAMPAIGNS, CATEGORIES, CHANNELS, PREFECTURES, RANKS, TAGS, TOPICS

Rule = dict[str, Any]
Condition = dict[str, Any]

ORDER: Final = (
    ("order.total", "at_least", (2000, 24000)), ("order.goods_total", "at_least", (1000, 20000)),
    ("order.quantity", "at_least", (2, 4)), ("order.line_count", "at_least", (1, 3)),
    ("order.discount_total", "more_than", (0, 200)), ("order.shipping_fee", "at_least", (0, 500)),
    ("order.subscription_cycle", "at_least", (1, 12)), ("order.count", "at_least", (1, 1)),
    ("calendar.month", "at_least", (5, 11)), ("calendar.day", "at_most", (5, 28)),
    ("calendar.hour", "at_least", (0, 22)),
)  # fmt: skip
FLAGS: Final = (
    "order.is_gift", "order.is_to_other", "order.has_note", "order.is_subscription", "order.has_desired_date",
    "calendar.is_holiday", "history.has_open_complaint", "history.has_qr_visit", "customer.is_known",
)  # fmt: skip
CUSTOMER: Final = (
    ("customer.nth_order", "at_least", (1, 60)), ("customer.order_count", "at_least", (1, 60)),
    ("customer.lifetime_value", "at_least", (10000, 400000)), ("customer.average_order", "at_least", (3000, 9000)),
    ("customer.largest_order", "at_least", (9000, 20000)), ("customer.days_since_last_order", "at_least", (5, 60)),
    ("customer.days_since_first_order", "at_least", (300, 1050)), ("customer.birth_month", "equals", (1, 12)),
    ("customer.days_to_birthday", "at_most", (5, 60)), ("customer.age", "at_least", (25, 75)),
)  # fmt: skip
# Fact, kind of narrowing, range of the value asked for.
COUNTS: Final = (
    ("history.purchase_count", "goods", (1, 20)), ("history.purchase_amount", "goods", (3000, 90000)),
    ("history.purchase_quantity", "goods", (2, 40)), ("history.average_purchase", "channels", (3000, 9000)),
    ("history.largest_purchase", "channels", (8000, 20000)), ("history.campaign_count", "campaigns", (1, 4)),
    ("history.campaign_response_count", "campaigns", (1, 3)), ("history.ticket_count", "topics", (1, 3)),
    ("history.open_ticket_count", "topics", (1, 2)), ("history.survey_count", "campaigns", (1, 2)),
    ("history.average_survey_score", "campaigns", (2, 4)), ("history.lowest_survey_score", "campaigns", (1, 3)),
    ("history.last_survey_score", "campaigns", (2, 4)), ("history.qr_visit_count", "campaigns", (1, 3)),
    ("history.web_count", "channels", (2, 14)), ("history.sales_activity_count", "channels", (1, 2)),
    ("history.attendance_count", "campaigns", (1, 2)), ("history.parcel_count", "window", (1, 9)),
    ("history.complaint_count", "window", (1, 2)),
)  # fmt: skip
SINCE: Final = (
    "history.days_since_purchase", "history.days_since_first_purchase", "history.days_since_campaign",
    "history.days_since_campaign_response", "history.days_since_ticket", "history.days_since_complaint",
    "history.days_since_survey", "history.days_since_qr_visit", "history.days_since_web",
    "history.days_since_sales_activity", "history.days_since_attendance", "history.days_since_parcel",
    "history.oldest_open_ticket",
)  # fmt: skip
CHOICES: Final = (
    ("order.channel", CHANNELS), ("order.payment_method", ("card", "cod", "bank")), ("order.prefecture", PREFECTURES),
    ("customer.prefecture", PREFECTURES), ("order.delivery_service", ("parcel", "mail")), ("customer.rank", RANKS),
    ("customer.language", ("ja", "en")), ("calendar.weekday", ("monday", "friday", "sunday")),
    ("calendar.season", ("spring", "summer", "autumn")), ("order.temperature_zone", ("ambient", "chilled")),
    ("order.country", ("JP", "US")), ("customer.country", ("JP", "US")),
)  # fmt: skip
SETS: Final = (
    ("order.skus", tuple(f"SKU-{n}" for n in range(1, 200, 9))), ("order.categories", CATEGORIES),
    ("order.coupon_codes", tuple(f"COUPON-{n}" for n in range(50))), ("order.tags", ("priority",)),
    ("customer.tags", TAGS), ("customer.purposes_granted", ("marketing", "letter")),
    ("customer.care_flags", ("allergy", "no_samples")), ("customer.allergies", ("wheat",)),
)  # fmt: skip
WINDOWS: Final = (30, 90, 365)
# Words that counts are narrowed by: few enough that rules share them, as they do in a shop.
COUNTED_SKUS: Final = tuple(f"SKU-{n}" for n in (3, 7, 12, 20, 33, 48, 77, 120))
COUNTED_CAMPAIGNS: Final = tuple(f"campaign-{n}" for n in range(0, CAMPAIGNS, 5))


def make_rules(seed: int, count: int) -> list[Rule]:
    chance = random.Random(seed)
    return [_make_rule(chance, number) for number in range(count)]


def change_some(rules: list[Rule], seed: int) -> list[Rule]:
    """Return a draft: every twentieth rule asks for another insert, one in fifty is gone."""
    chance = random.Random(seed + 1)
    changed = []
    for number, rule in enumerate(rules):
        if number % 50 == 49:
            continue
        changed.append({**rule, "then": [_enclose(chance), *rule["then"][1:]]} if number % 20 == 7 else rule)
    return changed


def _make_rule(chance: random.Random, number: int) -> Rule:
    parts = [_order(chance), _customer(chance), _count(chance)]
    if number % 3 == 0:
        parts.append(_since(chance))
    if number % 5 == 0:
        parts.append({"any": [_choice(chance), {"not": _set(chance)}]})
    return {
        "key": f"rule-{number}",
        "name": {"ja": f"ルール{number}", "en": f"Rule {number}"},
        "when": {"all": parts},
        "then": _list_actions(chance, number),
        **_list_options(chance, number),
    }


def _list_actions(chance: random.Random, number: int) -> list[dict[str, Any]]:
    if number % 7 == 2:
        return [{"do": "message", "slot": "message", "text": _words(chance)}]
    tags = [{"do": "tag", "tag": f"tag-{number % 40}"}] if number % 4 == 1 else []
    return [_enclose(chance), *tags]


def _list_options(chance: random.Random, number: int) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if number % 6 == 3:
        options["limits"] = [{"per_customer": 1, "within_days": chance.choice((30, 90))}]
    if number % 25 == 4:
        options["limits"] = [{"overall": chance.randrange(100, 2000)}]
    if number % 3 == 1:
        options["group"] = f"group-{number % 8}"
    if number % 9 == 5:
        options["purposes"] = ["marketing"]
    return options


def _enclose(chance: random.Random) -> dict[str, Any]:
    return {"do": "enclose", "insert": f"insert-{chance.randrange(60)}"}


def _words(chance: random.Random) -> dict[str, str]:
    if chance.random() < 0.5:
        return {"ja": "いつもありがとうございます。", "en": "Thank you, as always."}
    return {"ja": "{customer.nth_order}回目のご注文です。", "en": "This is order no. {customer.nth_order}."}


def _compare(chance: random.Random, listed: tuple[tuple[str, str, tuple[int, int]], ...]) -> Condition:
    fact, op, (low, high) = chance.choice(listed)
    # Most rules are for few: values lie in the upper part.
    return {"fact": fact, "op": op, "value": chance.randint(low, high)}


def _order(chance: random.Random) -> Condition:
    kind = chance.random()
    if kind < 0.4:
        return _compare(chance, ORDER)
    if kind < 0.6:
        return {"fact": chance.choice(FLAGS), "op": "equals", "value": True}
    return _choice(chance) if kind < 0.8 else _set(chance)


def _choice(chance: random.Random) -> Condition:
    fact, words = chance.choice(CHOICES)
    return {"fact": fact, "op": "one_of", "value": sorted(chance.sample(words, min(len(words) - 1, 2)))}


def _set(chance: random.Random) -> Condition:
    fact, words = chance.choice(SETS)
    return {"fact": fact, "op": "has_any", "value": sorted(chance.sample(words, min(len(words), 2)))}


def _customer(chance: random.Random) -> Condition:
    return _compare(chance, CUSTOMER)


def _count(chance: random.Random) -> Condition:
    fact, narrowing, (low, high) = chance.choice(COUNTS)
    with_: dict[str, Any] = {"days": chance.choice(WINDOWS)}
    if narrowing == "goods" and chance.random() < 0.6:
        with_["categories"] = [chance.choice(CATEGORIES)]
    elif narrowing == "goods" and chance.random() < 0.4:
        with_["skus"] = [chance.choice(COUNTED_SKUS)]
    elif narrowing == "channels" and chance.random() < 0.4:
        with_["channels"] = [chance.choice(CHANNELS)]
    elif narrowing == "campaigns" and chance.random() < 0.5:
        with_["campaigns"] = [chance.choice(COUNTED_CAMPAIGNS)]
    elif narrowing == "topics" and chance.random() < 0.4:
        with_["topics"] = [chance.choice(TOPICS)]
    return {"fact": fact, "with": with_, "op": "at_least", "value": chance.randint(low, high)}


def _since(chance: random.Random) -> Condition:
    return {"fact": chance.choice(SINCE), "op": "at_most", "value": chance.choice(WINDOWS)}
