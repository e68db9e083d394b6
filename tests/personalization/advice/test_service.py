"""What a good colleague would say, and where he is silent."""

from typing import Any

import pytest

from core import clock
from core.db import session_scope
from personalization.advice.service import advise
from personalization.rulesets.catalogue import Catalogue, TemplateInfo, TemplateKind, make_catalogue
from tests.factories.personalization import CATALOGUE, NOON, enclose, rule, ruleset
from tests.personalization.world import World, make_world

NTH_FIRST = {"fact": "customer.nth_order", "op": "equals", "value": 1}
FIRST_OR_SECOND = {"fact": "customer.nth_order", "op": "at_most", "value": 2}
LETTER = {"do": "letter", "template": "letter"}
TAG = {"do": "tag", "tag": "x"}


@pytest.fixture(scope="module")
def world(database_url: str) -> World:
    made = make_world()
    made.count(sample=100, later=100)
    return made


def say(world: World, *rules: dict[str, Any], catalogue: Catalogue = CATALOGUE, **more: Any) -> list[tuple[str, str]]:
    """Return codes and places; that the names in these rules are unknown here is left out."""
    found = ask(world, *rules, catalogue=catalogue, **more)
    return [(advice.code, advice.place) for advice in found if advice.code != "unknown_value"]


def ask(world: World, *rules: dict[str, Any], catalogue: Catalogue = CATALOGUE, **more: Any) -> list[Any]:
    with clock.freeze(NOON), session_scope([world.shop_id]) as session:
        return advise(session, world.shop_id, ruleset(*rules), catalogue, **more)


def count(days: int | None, op: str, value: int, **filters: Any) -> dict[str, Any]:
    narrowed = filters if days is None else {"days": days, **filters}
    return {"fact": "history.purchase_count", "with": narrowed, "op": op, "value": value}


@pytest.mark.parametrize(
    "conditions",
    [
        [{"fact": "customer.days_to_birthday", "op": "more_than", "value": 366}],  # the fact's own bound
        [NTH_FIRST, {"fact": "customer.days_since_last_order", "op": "at_least", "value": 30}],
        [NTH_FIRST, {"fact": "customer.order_count", "op": "at_least", "value": 1}],
        [NTH_FIRST, count(30, "at_least", 1)],
        [count(30, "at_least", 3), count(180, "at_most", 2)],
        [count(30, "at_least", 1, categories=["tea"]), count(30, "equals", 0)],
        [count(30, "at_least", 1), {"fact": "customer.days_since_last_order", "op": "more_than", "value": 30}],
        [
            {"fact": "customer.is_known", "op": "equals", "value": False},
            {"fact": "customer.tags", "op": "has_any", "value": ["vip"]},
        ],
        [
            {"fact": "calendar.month", "op": "between", "value": [6, 8]},
            {"fact": "calendar.season", "op": "equals", "value": "winter"},
        ],
        [
            {"fact": "order.skus", "op": "has_all", "value": ["A", "B"]},
            {"not": {"fact": "order.skus", "op": "has_any", "value": ["B", "C"]}},
        ],
        [
            {"any": [NTH_FIRST, FIRST_OR_SECOND]},
            {"fact": "customer.nth_order", "op": "at_least", "value": 3},
        ],
        [{"fact": "customer.rank", "op": "equals", "value": "gold"}, {"fact": "customer.rank", "op": "is_missing"}],
        [
            {"fact": "customer.order_count", "op": "more_than", "value": 2},
            {"fact": "customer.order_count", "op": "less_than", "value": 3},
        ],
    ],
)
def test_what_excludes_itself_can_never_match(world: World, conditions: list[dict[str, Any]]) -> None:
    assert [code for code, _ in say(world, rule("a", TAG, when={"all": conditions}))] == ["never_matches"]


@pytest.mark.parametrize(
    "conditions",
    [
        [count(30, "at_least", 3, categories=["tea"]), count(180, "at_most", 2, categories=["skin"])],
        [count(180, "at_least", 3), count(30, "at_most", 2)],
        [
            {"fact": "customer.rank", "with": {"scheme": "a"}, "op": "equals", "value": "gold"},
            {"fact": "customer.rank", "with": {"scheme": "b"}, "op": "equals", "value": "tin"},
        ],
        [
            {"fact": "order.skus", "op": "has_any", "value": ["A", "B"]},
            {"fact": "order.skus", "op": "has_none", "value": ["A"]},
        ],
        [
            {"fact": "customer.average_order", "op": "more_than", "value": 2},
            {"fact": "customer.average_order", "op": "less_than", "value": 3},
        ],
    ],
)
def test_what_may_hold_together_is_left_alone(world: World, conditions: list[dict[str, Any]]) -> None:
    assert say(world, rule("a", TAG, when={"all": conditions})) == []


def test_the_parts_that_clash_are_named_and_only_they(world: World) -> None:
    gift = {"fact": "order.is_gift", "op": "equals", "value": True}
    late = {"fact": "customer.days_since_last_order", "op": "at_least", "value": 30}
    (advice,) = ask(world, rule("a", TAG, when={"all": [gift, NTH_FIRST, late]}))
    assert advice.place == "$.rules[0].when"
    assert advice.ja.endswith(
        "「注文回数(今回を含む)が1回である」と「前回購入からの日数が30日以上」は同時に成り立ちません。"
    )
    assert advice.en.endswith("cannot hold together.")


def test_a_way_of_an_any_that_cannot_be_is_pointed_at(world: World) -> None:
    ways = {
        "any": [
            {"fact": "order.is_gift", "op": "equals", "value": True},
            {"fact": "customer.order_count", "op": "at_least", "value": 2},
        ]
    }
    assert say(world, rule("a", TAG, when={"all": [NTH_FIRST, ways]})) == [
        ("part_never_matches", "$.rules[0].when.all[1].any[1]")
    ]


def test_what_is_past_acts_no_more(world: World) -> None:
    past = {"fact": "calendar.date", "op": "before", "value": "2026-11-01"}
    assert say(world, rule("a", TAG, when=past)) == [("never_again", "$.rules[0].when")]
    assert say(world, rule("a", TAG, valid={"until": "2026-11-18"})) == [("never_again", "$.rules[0].when")]
    assert say(world, rule("a", TAG, valid={"until": "2026-11-19"})) == []


def test_a_condition_that_always_holds_is_pointed_at(world: World) -> None:
    gift = {"fact": "order.is_gift", "op": "equals", "value": True}
    assert say(world, rule("a", TAG, when={"any": [gift, {"not": gift}]})) == [("always_matches", "$.rules[0].when")]
    assert say(world, rule("a", TAG, when={"fact": "order.total", "op": "at_least", "value": 0})) == [
        ("always_matches", "$.rules[0].when")
    ]
    # A rank may be unknown: nothing holds of it then.
    gold = {"fact": "customer.rank", "op": "equals", "value": "gold"}
    assert say(world, rule("a", TAG, when={"any": [gold, {"not": gold}]})) == []
    assert say(world, rule("a", TAG)) == []


def test_a_rule_behind_one_that_takes_its_place_is_told(world: World) -> None:
    upper = rule("upper", TAG, when=FIRST_OR_SECOND, group="g")
    lower = rule("lower", enclose("leaflet"), when=NTH_FIRST, group="g")
    assert say(world, upper, lower) == [("shadowed", "$.rules[1]")]
    assert say(world, lower, upper) == []
    assert say(world, upper, {**lower, "group": "other"}) == []
    assert say(world, {**upper, "enabled": False}, lower) == []
    assert say(world, {**upper, "valid": {"until": "2026-12-24"}}, lower) == []


def test_a_rule_behind_one_that_may_lose_is_a_fallback(world: World) -> None:
    upper = rule("upper", enclose("sample"), when=FIRST_OR_SECOND, group="g")
    lower = rule("lower", enclose("leaflet"), when=NTH_FIRST, group="g")
    assert say(world, upper, lower) == [("fallback_only", "$.rules[1]")]
    once = {**rule("upper", TAG, when=FIRST_OR_SECOND, group="g"), "limits": [{"per_customer": 1}]}
    assert say(world, once, lower) == [("fallback_only", "$.rules[1]")]


def test_a_letter_that_another_always_takes_is_told_at_its_action(world: World) -> None:
    texts = {"slots": {"body": {"ja": "あ", "en": "a"}}}
    upper = rule("upper", LETTER | texts, when=FIRST_OR_SECOND)
    lower = rule("lower", TAG, {"do": "letter", "template": "birthday-letter"} | texts, when=NTH_FIRST)
    assert say(world, upper, lower) == [("shadowed", "$.rules[1].then[1]")]
    assert say(world, upper, {**lower, "audience": "recipient"}) == []  # another person's order


def test_what_the_gates_always_keep_out_is_told(world: World) -> None:
    denied = {"fact": "customer.purposes_denied", "op": "has_any", "value": ["marketing"]}
    assert ("contradicts_exclusion", "$.rules[0].when") in say(world, rule("a", enclose("leaflet"), when=denied))
    careful = {"fact": "customer.care_flags", "op": "has_any", "value": ["no_samples"]}
    assert ("contradicts_exclusion", "$.rules[0].then[0]") in say(world, rule("a", enclose("sample"), when=careful))
    away = {
        "all": [
            {"fact": "order.is_gift", "op": "equals", "value": True},
            {"fact": "order.is_to_other", "op": "equals", "value": True},
        ]
    }
    assert say(world, rule("a", TAG, when=away, gifts="never")) == [("contradicts_exclusion", "$.rules[0].gifts")]
    nobody = {"fact": "customer.is_known", "op": "equals", "value": False}
    assert ("contradicts_exclusion", "$.rules[0].limits") in say(
        world, rule("a", TAG, when=nobody, limits=[{"per_customer": 1}])
    )


def test_stock_that_ends_before_the_rule_is_told_with_the_day(world: World) -> None:
    until = rule("a", enclose("sample"), valid={"until": "2026-12-31"})
    (advice,) = ask(world, until, pace={"a": 5.0})
    assert (advice.code, advice.place) == ("runs_out", "$.rules[0].then[0].insert")
    assert "2026-12-09" in advice.ja  # 100 pieces, 5 a day
    assert say(world, until, pace={"a": 1.0}) == []
    assert say(world, rule("a", enclose("sample")), pace={"a": 5.0}) == []  # no end, and 20 days of stock
    assert say(world, {**until, "limits": [{"overall": 80}]}, pace={"a": 5.0}) == []
    two = rule("b", enclose("sample", 2), valid={"until": "2026-12-31"})
    assert len(say(world, until, two, pace={"a": 1.0, "b": 1.0})) == 2  # both draw on the same pile


def test_a_letter_that_only_some_parcels_fill_is_told(world: World) -> None:
    template = TemplateInfo("letter", TemplateKind.LETTER, frozenset({"body"}), needed=frozenset({"body"}))
    catalogue = make_catalogue([template], [])
    message = {"do": "message", "slot": "body", "text": {"ja": "あ", "en": "a"}}
    letter, writer = rule("a", LETTER, when=FIRST_OR_SECOND), rule("w", message, when=NTH_FIRST)
    assert say(world, letter, writer, catalogue=catalogue) == [("slot_may_be_empty", "$.rules[0].then[0].slots.body")]
    assert say(world, letter, rule("w", message), catalogue=catalogue) == []


def test_names_twice_and_experiments_that_do_not_run_are_told(world: World) -> None:
    twin = {**rule("b", TAG), "name": {"ja": "a", "en": "b"}}
    assert say(world, rule("a", TAG), twin) == [("name_twice", "$.rules[0].name"), ("name_twice", "$.rules[1].name")]
    bound = rule("a", TAG, experiment={"key": "spring", "arm": "letter"})
    assert say(world, bound) == [("experiment_not_running", "$.rules[0].experiment")]


def test_a_document_with_mistakes_is_read_as_far_as_it_goes(world: World) -> None:
    past = rule("b", TAG, valid={"until": "2026-11-18"})
    assert say(world, {"key": 3}, past) == [("never_again", "$.rules[1].when")]
    with session_scope([world.shop_id]) as session:
        documents: list[dict[str, Any]] = [{}, {"rules": None}, {"rules": [[], None, 5]}]
        for broken in documents:
            assert advise(session, world.shop_id, broken) == []


def test_one_rule_may_be_asked_about(world: World) -> None:
    past = [rule(key, TAG, valid={"until": "2026-11-18"}) for key in ("a", "b")]
    assert say(world, *past, rule_key="b") == [("never_again", "$.rules[1].when")]
