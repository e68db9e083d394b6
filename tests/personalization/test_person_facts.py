"""Each fact about a person and about what was packed for them, with values worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db import session_scope
from crm_link.records import AttributeIn, RankIn, TagIn
from crm_link.service import resolve_customers, set_attributes, set_ranks, set_tags
from personalization.columns import EPOCH
from personalization.facts.birthdays import READERS, read_birthday
from personalization.facts.fact import AsOf
from personalization.facts.parameters import KINDS_OF_INSERTS
from personalization.facts.regions import find_region
from personalization.models import DecisionMode, InsertKind
from personalization.service import settle_packed
from tests.factories.crm_link import make_person
from tests.factories.personalization import NOON, enclose, rule
from tests.personalization.loads import load_all, load_one
from tests.personalization.world import World, make_world


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def be_born(world: World, born: date) -> None:
    with session_scope([world.shop_id]) as session:
        said = AttributeIn(customer_id=world.customer("alice"), name="birthday", value=born, source="t", known_at=NOON)
        set_attributes(session, world.shop_id, [said])


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "next_birthday", "until", "since", "age"),
    [
        (date(2027, 2, 27), date(2027, 2, 28), 1, 364, 42),
        (date(2027, 2, 28), date(2027, 2, 28), 0, 0, 43),
        (date(2027, 3, 1), date(2028, 2, 29), 365, 1, 43),
        (date(2028, 2, 28), date(2028, 2, 29), 1, 365, 43),
        (date(2028, 2, 29), date(2028, 2, 29), 0, 0, 44),
    ],
)
def test_a_birthday_of_29_february(
    world: World, today: date, next_birthday: date, until: int, since: int, age: int
) -> None:
    be_born(world, date(1984, 2, 29))
    expected = {
        "customer.birth_month": 2,
        "customer.next_birthday": next_birthday,
        "customer.days_to_birthday": until,
        "customer.days_since_birthday": since,
        "customer.days_from_birthday": min(until, since),
        "customer.age": age,
        "customer.age_decade": 40,
    }
    assert load_all(world, world.request("s1", moment=noon(today)), expected) == expected


def test_an_unknown_birthday_and_one_still_to_come_are_unknown(world: World) -> None:
    expected = dict.fromkeys(READERS)
    assert load_all(world, world.request("s1"), expected) == expected
    be_born(world, date(2027, 1, 1))
    assert load_all(world, world.request("s1"), expected) == expected


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2120, 1, 1)))
def test_birthdays_by_arrays_are_those_of_a_calendar(born: date, today: date) -> None:
    def kept(year: int) -> date:
        leap = (born.month, born.day) == (2, 29) and (year % 4 or (year % 100 == 0 and year % 400))
        return date(year, 2, 28) if leap else born.replace(year=year)

    around = [kept(today.year + step) for step in (-1, 0, 1)]
    following = min(day for day in around if day >= today)
    last = max(day for day in around if day <= today)
    days = [np.array([float(day.toordinal() - EPOCH)]) for day in (born, today)]
    found = {key: read_birthday(key, *days)[0] for key in READERS}
    assert found["customer.next_birthday"] == following.toordinal() - EPOCH
    assert found["customer.days_to_birthday"] == (following - today).days
    assert found["customer.days_since_birthday"] == (today - last).days
    assert found["customer.age"] == today.year - born.year - (today < kept(today.year))
    assert found["customer.birth_month"] == born.month


def test_ranks_change_and_what_was_before_is_remembered(world: World) -> None:
    alice, shop = world.customer("alice"), world.shop_id
    told = [("silver", 40), ("gold", 20), ("gold", 10), (None, 5)]
    with session_scope([shop]) as session:
        for rank, days_ago in told:
            known_at = NOON - timedelta(days=days_ago)
            ranked = RankIn(customer_id=alice, scheme="club", rank=rank, source="t", known_at=known_at)
            set_ranks(session, shop, [ranked])
    keys = ("customer.rank", "customer.previous_rank", "customer.days_since_rank_change")

    def ask_at(days_ago: int, **parameters: Any) -> tuple[Any, ...]:
        request = world.request("s1", moment=NOON - timedelta(days=days_ago))
        return tuple(load_one(world, request, key, AsOf.KNOWN, **parameters) for key in keys)

    assert ask_at(50) == (None, None, None)
    assert ask_at(30) == ("silver", None, 10)
    assert ask_at(8) == ("gold", "silver", 12)
    assert ask_at(8, scheme="club") == ("gold", "silver", 12)
    assert ask_at(8, scheme="other") == (None, None, None)
    assert ask_at(0) == (None, "gold", 5)


def test_tags_tell_since_when(world: World) -> None:
    alice, shop = world.customer("alice"), world.shop_id
    with session_scope([shop]) as session:
        for tag, present, days_ago in (("vip", True, 14), ("old", True, 9), ("old", False, 2)):
            known_at = NOON - timedelta(days=days_ago)
            set_tags(session, shop, [TagIn(customer_id=alice, tag=tag, present=present, source="t", known_at=known_at)])
    request = world.request("s1")
    assert [load_one(world, request, "customer.days_since_tagged", tag=tag) for tag in ("vip", "old", "no")] == [
        14, None, None,
    ]  # fmt: skip
    past = world.request("s2", moment=NOON - timedelta(days=5))
    assert load_one(world, past, "customer.days_since_tagged", AsOf.KNOWN, tag="old") == 4


def test_where_a_customer_lives_and_how_to_reach_them(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        person = make_person(region="京都府", country="JP", email=None, phone="075-123-4567")
        [customer_id] = resolve_customers(session, world.shop_id, [person])
    expected = {
        "customer.prefecture": "京都府",
        "customer.region": "kinki",
        "customer.country": "JP",
        "customer.has_email": False,
        "customer.has_phone": True,
    }
    assert load_all(world, world.request("s1", customer_id=customer_id), expected) == expected


@pytest.mark.parametrize(
    ("prefecture", "region"),
    [("北海道", "hokkaido"), ("東京", "kanto"), ("TOKYO", "kanto"), (" 京都府 ", "kinki"), ("沖縄県", "okinawa"),
     ("新潟県", "chubu"), ("三重", "kinki"), ("California", None), ("", None), (None, None)],
)  # fmt: skip
def test_regions_of_japan(prefecture: str | None, region: str | None) -> None:
    assert find_region(prefecture) == region


def test_what_was_really_packed_by_kind_and_piece(world: World, clock: Any) -> None:
    world.publish(rule("a", enclose("leaflet", 2)), rule("b", enclose("sample")))
    world.count(sample=5)
    [outcome] = world.decide(world.request("s1"), mode=DecisionMode.FREEZE)
    packed = {each.allotment_id: each.quantity for each in outcome.allotted}
    with session_scope([world.shop_id]) as session:
        settle_packed(session, world.shop_id, outcome.shipment_id, packed)
    later = world.request("s2", moment=clock.now + timedelta(days=3))
    assert load_one(world, later, "history.inserts") == ("leaflet", "sample")
    assert load_one(world, later, "history.inserts", kinds=["sample"], days=3) == ("sample",)
    assert load_one(world, later, "history.inserts", days=2) == ()
    assert load_one(world, later, "history.insert_pieces") == 3
    assert load_one(world, later, "history.insert_pieces", kinds=["leaflet"]) == 2
    assert load_one(world, later, "history.insert_pieces", skip_days=3) == 0
    assert load_one(world, later, "history.insert_count", kinds=["leaflet", "sample"]) == 1
    assert load_one(world, later, "history.days_since_first_insert", inserts=["sample"]) == 3
    assert load_one(world, later, "history.days_since_insert", kinds=["gift"]) is None


def test_the_kinds_of_inserts_that_may_be_asked_for_are_those_there_are() -> None:
    assert set(KINDS_OF_INSERTS) == {kind.value for kind in InsertKind}
