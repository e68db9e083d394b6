"""Limits of gifts by day, what is refused and what is advised, and that a decision keeps the law it was taken under."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.db import session_scope
from core.errors import InvalidInputError
from crm_link.records import TagIn
from crm_link.service import set_tags
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products
from personalization.ground import load_ground, load_known_values
from personalization.inserts import save_inserts
from personalization.law import GIFT_LIMITS, GiftLimit, Law
from personalization.legal.service import GiftLimitNotFoundError, load_law, remove_gift_limit, save_gift_limit
from personalization.models import InsertKind
from personalization.problems import Problem, Problems
from personalization.replaying import ReplayState, replay
from personalization.rulesets.checking import Ground, check_ruleset, find_law_advice, find_unknown_values
from personalization.rulesets.parsing import parse_ruleset
from personalization.rulesets.ruleset import RulesetDocument
from tests.factories.personalization import CATALOGUE, NOON, enclose, make_insert, rule, ruleset
from tests.personalization.world import World, enclosed, make_world

TODAY = date(2026, 11, 19)
GIFT = make_insert("gift", kind=InsertKind.GIFT, market_value=500, name_ja="手ぬぐい")
GROUND = Ground({"gift": GIFT, "sample": make_insert("sample", kind=InsertKind.SAMPLE)}, today=TODAY)


@pytest.mark.parametrize(
    ("transaction", "limit"), [(0, 200), (999, 200), (1000, 200), (1004, 200), (1005, 201), (2500, 500)]
)
def test_the_limit_is_that_of_the_notice(transaction: int, limit: int) -> None:
    assert GIFT_LIMITS[0].for_transaction(transaction) == limit


@pytest.mark.parametrize("value", [0, 1, 200, 201, 333, 500, 9999])
def test_the_least_transaction_is_the_first_that_may_hold_the_gift(value: int) -> None:
    limit = GIFT_LIMITS[0]
    least = limit.find_least_transaction(value)
    assert least is not None
    assert limit.for_transaction(least) >= value
    assert least == 0 or limit.for_transaction(least - 1) < value


def test_of_several_limits_the_one_of_the_day_holds() -> None:
    later = GiftLimit(date(2027, 4, 1), 1000, 300, 30, "改正")
    law = Law((GIFT_LIMITS[0], later))
    assert law.find_gift_limit(date(2027, 3, 31)) == GIFT_LIMITS[0]
    assert law.find_gift_limit(date(2027, 4, 1)) == later
    assert law.find_gift_limit(date(1990, 1, 1)) == GIFT_LIMITS[0]


def total(op: str, value: Any) -> dict[str, Any]:
    return {"fact": "order.goods_total", "op": op, "value": value}


def parse(*rules: dict[str, Any]) -> RulesetDocument:
    problems = Problems()
    parsed = parse_ruleset(ruleset(*rules), problems)
    assert parsed is not None, problems.found
    return parsed


def judge(when: dict[str, Any] | None, ground: Ground = GROUND, quantity: int = 1) -> tuple[list[str], list[str]]:
    """Return the codes of what is refused, and of what is advised."""
    document = parse(rule("r", enclose("gift", quantity), when=when))
    problems = Problems()
    check_ruleset(document, CATALOGUE, ground, problems)
    return [p.code for p in problems.found], [p.code for p in find_law_advice(document, ground)]


@pytest.mark.parametrize(
    ("when", "quantity", "refused", "advised"),
    [
        (None, 1, [], ["gift_from_total"]),
        (total("at_least", 2500), 1, [], []),
        (total("at_least", 2499), 1, [], ["gift_from_total"]),
        (total("at_least", 2500), 2, [], ["gift_from_total"]),
        (total("at_most", 2499), 1, ["gift_never_lawful"], []),
        (total("between", [1000, 2500]), 1, [], ["gift_from_total"]),
        ({"any": [total("at_most", 900), total("at_least", 9000)]}, 1, [], ["gift_from_total"]),
        ({"all": [total("at_most", 2000), {"not": total("at_least", 9)}]}, 1, ["gift_never_lawful"], []),
        ({"not": total("at_most", 2499)}, 1, [], ["gift_from_total"]),
    ],
)
def test_what_no_order_may_hold_is_refused_and_what_some_may_not_is_advised(
    when: dict[str, Any] | None, quantity: int, refused: list[str], advised: list[str]
) -> None:
    assert judge(when, quantity=quantity) == (refused, advised)


def test_the_reason_names_the_alternatives() -> None:
    problems = Problems()
    document = parse(rule("r", enclose("gift"), when=total("at_most", 1500)))
    check_ruleset(document, CATALOGUE, GROUND, problems)
    [problem] = problems.found
    assert problem.place == "$.rules[0].then[0].insert"
    for words in ("手ぬぐい", "2,500円以上", "200円分減らす", "見本や自店の割引クーポン", "告示第5号"):
        assert words in problem.ja
    assert "goods of at least 2,500 yen, give 200 yen less" in problem.en


def test_samples_are_exempt_and_a_gift_without_value_is_pointed_out() -> None:
    free = replace(GROUND, inserts={"gift": replace(GIFT, market_value=0)})
    assert judge(None, free) == ([], ["gift_without_value"])
    sample = replace(GROUND, inserts={"gift": replace(GIFT, kind=InsertKind.SAMPLE)})
    assert judge(None, sample) == ([], [])


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def test_what_the_shop_enters_holds_for_orders_of_that_day_on_and_replays_stay(world: World) -> None:
    row = {"key": "gift", "name": {"ja": "品", "en": "Gift"}, "kind": "gift", "market_value": 250, "stocked": False}
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [row])
    world.publish(rule("r", enclose("gift")))
    [before] = world.decide(world.request("s1"))
    assert [lost.details["limit"] for lost in before.plan.lost] == [200]
    with session_scope([world.shop_id]) as session:
        save_gift_limit(session, world.shop_id, GiftLimit(TODAY + timedelta(days=1), 1000, 300, 20, "告示改正"))
        assert replay(session, before.decision_id).state is ReplayState.IDENTICAL
    tomorrow = NOON + timedelta(days=1)
    assert enclosed(world.decide(world.request("s2", accepted_at=tomorrow, moment=tomorrow))[0]) == ["gift"]
    assert enclosed(world.decide(world.request("s1"))[0]) == []
    with session_scope([world.shop_id]) as session:
        assert len(load_law(session, world.shop_id).gift_limits) == 2
        remove_gift_limit(session, world.shop_id, TODAY + timedelta(days=1))
        with pytest.raises(GiftLimitNotFoundError):
            remove_gift_limit(session, world.shop_id, TODAY + timedelta(days=1))
        with pytest.raises(InvalidInputError):
            save_gift_limit(session, world.shop_id, GiftLimit(TODAY, 1000, 200, 101, "告示"))


def test_names_that_the_shop_never_had_are_advised_with_their_place(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        tag = TagIn(customer_id=world.customer("alice"), tag="vip", source="test")
        upsert_products(session, world.shop_id, [ProductIn(sku="TEA-1", name="茶", category="tea")])
        set_tags(session, world.shop_id, [tag])
    when = {
        "any": [
            {"fact": "order.skus", "op": "has_any", "value": ["TEA-1", "TEE-1"]},
            {"fact": "history.purchase_count", "with": {"categories": ["tee"]}, "op": "at_least", "value": 1},
            {"not": {"fact": "customer.tags", "op": "has_any", "value": ["vip", "VIP"]}},
        ]
    }
    document = parse(rule("r", {"do": "recommend", "count": 1, "categories": ["tea", "ware"]}, when=when))
    with session_scope([world.shop_id]) as session:
        found = find_unknown_values(document, load_known_values(session, world.shop_id, document))
        assert load_ground(session, world.shop_id).inserts.keys() >= {"leaflet", "sample"}
    assert [(problem.place, problem.ja) for problem in found] == [
        ("$.rules[0].when.any[0].value", "SKU「TEE-1」は店舗の記録にありません"),
        ("$.rules[0].when.any[1].with.categories", "カテゴリ「tee」は店舗の記録にありません"),
        ("$.rules[0].when.any[2].not.value", "顧客タグ「VIP」は店舗の記録にありません"),
        ("$.rules[0].then[0].categories", "カテゴリ「ware」は店舗の記録にありません"),
    ]
    assert isinstance(found[0], Problem)
