"""What a shop decides by is remembered between decisions, and never longer than it holds."""

from datetime import date

import pytest
from sqlalchemy import select

from core import clock
from core.db import session_scope
from core.tenancy import Shop
from personalization.inserts import load_inserts, save_inserts
from personalization.law import GiftLimit
from personalization.legal.service import load_law, save_gift_limit
from personalization.models import InsertSnapshot
from personalization.publishing import find_live_id, publish_ruleset
from personalization.rulebooks import load_standing
from personalization.writing import save_snapshot
from tests.factories.personalization import CATALOGUE, enclose, rule, ruleset
from tests.personalization.world import World, make_world

CARD = {"key": "card", "name": {"ja": "あ", "en": "a"}, "kind": "coupon"}
LIMIT = GiftLimit(date(2026, 1, 1), 500, 100, 10, "a test")


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def test_every_change_is_seen_by_the_next_decision(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        before = load_standing(session, world.shop_id)
        assert load_standing(session, world.shop_id).inserts is before.inserts
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [CARD])
        save_gift_limit(session, world.shop_id, LIMIT)
        document = ruleset(rule("r", enclose("leaflet")))
        publish_ruleset(session, world.shop_id, document, CATALOGUE, author="a", note="")
    with session_scope([world.shop_id]) as session:
        after = load_standing(session, world.shop_id)
        assert after.inserts == load_inserts(session, world.shop_id)
        assert after.law == load_law(session, world.shop_id)
        assert after.live_id == find_live_id(session, world.shop_id) is not None
    assert "card" in after.inserts
    assert "card" not in before.inserts


def test_what_was_undone_is_forgotten(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [CARD])
        standing = load_standing(session, world.shop_id)
        assert "card" in standing.inserts
        save_snapshot(session, world.shop_id, standing.inserts, clock.now())
        session.rollback()
    with session_scope([world.shop_id]) as session:
        assert "card" not in load_standing(session, world.shop_id).inserts


def test_a_snapshot_is_written_again_until_it_is_known_to_stay(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        inserts = load_inserts(session, world.shop_id)
    with session_scope([world.shop_id]) as session:
        save_snapshot(session, world.shop_id, inserts, clock.now())
        session.rollback()
    for _ in range(3):
        with session_scope([world.shop_id]) as session:
            digest = save_snapshot(session, world.shop_id, inserts, clock.now())
    with session_scope([world.shop_id]) as session:
        assert session.scalars(select(InsertSnapshot.digest)).all() == [digest]


def test_the_time_zone_counts_before_it_is_committed(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        shop = session.get_one(Shop, world.shop_id)
        shop.time_zone = "Europe/Berlin"
        assert load_standing(session, world.shop_id).zone.key == "Europe/Berlin"
