"""Inserts and rulesets in the database: refused as a whole, or kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.db import session_scope
from personalization.errors import DraftOvertakenError, InsertError, RulesetError, UnknownInsertError
from personalization.inserts import check_inserts, count_stock, list_inserts, list_stock, load_inserts, save_inserts
from personalization.publishing import (
    check_ruleset,
    discard_draft,
    find_live_version,
    find_ruleset,
    get_version,
    list_versions,
    publish_ruleset,
    save_draft,
)
from tests.factories.personalization import CATALOGUE, enclose, rule, ruleset
from tests.personalization.world import World, make_world

NAME = {"ja": "あ", "en": "a"}
CARD = {"key": "card", "name": NAME, "kind": "coupon"}


@pytest.fixture
def world(database: str) -> World:
    return make_world()


@pytest.mark.parametrize(
    ("document", "place", "code"),
    [
        ([], "$", "empty_value"),
        ([{"key": "x"}], "$[0]", "missing_key"),
        ([{**CARD, "kind": "brick"}], "$[0].kind", "unknown_choice"),
        ([{**CARD, "gtin": "4900000000017"}], "$[0].gtin", "bad_gtin"),
        ([{**CARD, "weight_g": -1}], "$[0].weight_g", "out_of_range"),
        ([{**CARD, "unit_cost": 1.5}], "$[0].unit_cost", "not_a_whole_number"),
        ([{**CARD, "colour": "red"}], "$[0].colour", "unknown_key"),
        ([{**CARD, "picture": "cat.png"}], "$[0].picture", "bad_file"),
        ([CARD, CARD], "$[1].key", "duplicate_key"),
        ([{**CARD, "substitute": "nothing"}], "$[0].substitute", "unknown_insert"),
        ([{**CARD, "when_out": "substitute"}], "$[0]", "missing_key"),
        ([{**CARD, "substitute": "card"}], "$", "cyclic_substitute"),
        ([{**CARD, "limit_per_customer": 0}], "$[0].limit_per_customer", "out_of_range"),
    ],
)
def test_broken_inserts_are_refused_with_place_and_reason(world: World, document: Any, place: str, code: str) -> None:
    with session_scope([world.shop_id]) as session:
        assert (place, code) in [(p.place, p.code) for p in check_inserts(session, world.shop_id, document)]
        with pytest.raises(InsertError):
            save_inserts(session, world.shop_id, document)
        assert "card" not in load_inserts(session, world.shop_id)


def test_saving_inserts_again_changes_them_in_place(world: World) -> None:
    first = {**CARD, "gtin": "4900000000023", "allergens": ["nuts"], "substitute": "leaflet", "weight_g": 2.5}
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [first])
        before = load_inserts(session, world.shop_id)["card"]
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [{**CARD, "unit_cost": 7, "substitute": None}])
        after = load_inserts(session, world.shop_id)["card"]
        assert [insert.key for insert in list_inserts(session, world.shop_id)] == ["card", "later", "leaflet", "sample"]
    assert (before.substitute_key, set(before.allergens), before.weight_g) == ("leaflet", {"nuts"}, 2.5)
    assert (after.id, after.substitute_key, after.unit_cost, after.weight_g) == (before.id, None, 7, 0)


def test_counting_what_is_not_an_insert_is_refused(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        with pytest.raises(UnknownInsertError):
            count_stock(session, world.shop_id, world.warehouse_id, {"sample": 3, "brick": 1})
        assert list_stock(session, world.shop_id) == []


def test_a_count_starts_anew_and_keeps_what_is_promised(world: World) -> None:
    world.publish(rule("a", enclose("sample")))
    world.count(sample=10)
    world.decide(world.request("s1"))
    world.count(sample=4)
    assert world.available("sample") == 3


def test_a_broken_document_changes_nothing(world: World) -> None:
    world.publish(rule("a", enclose("leaflet")))
    broken = ruleset(rule("a", enclose("brick")), rule("b", {"do": "letter", "template": "none"}))
    with session_scope([world.shop_id]) as session:
        with pytest.raises(RulesetError) as refused:
            publish_ruleset(session, world.shop_id, broken, CATALOGUE, author="t", note="")
        assert [p.place for p in refused.value.problems] == [
            "$.rules[0].then[0].insert",
            "$.rules[1].then[0].template",
        ]
        assert refused.value.problems == check_ruleset(session, world.shop_id, broken, CATALOGUE)
        live = find_live_version(session, world.shop_id)
        assert live is not None
        assert live.number == 1


def test_versions_are_numbered_whoever_publishes_at_once(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: world.publish(rule(f"r{n}", enclose("leaflet"))), range(8)))
    with session_scope([world.shop_id]) as session:
        assert [version.number for version in list_versions(session, world.shop_id, before=6, limit=3)] == [5, 4, 3]
        assert get_version(session, world.shop_id, 8).published_by == "test"
        live = find_live_version(session, world.shop_id)
        assert live is not None
        assert live.number == 8


def test_two_editors_see_each_other(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        assert save_draft(session, world.shop_id, {"rules": []}, seen_version=0, author="hana") == 1
        with pytest.raises(DraftOvertakenError) as overtaken:
            save_draft(session, world.shop_id, {"rules": [1]}, seen_version=0, author="taro")
        assert overtaken.value.details["saved_by"] == "hana"
        assert save_draft(session, world.shop_id, {"rules": [2]}, seen_version=1, author="taro") == 2
        kept = find_ruleset(session, world.shop_id)
        assert kept is not None
        assert kept.draft == {"rules": [2]}


def test_an_editor_is_on_record_once_per_draft(world: World) -> None:
    """Begun, published and begun anew, discarded."""
    with session_scope([world.shop_id]) as session:
        for seen in range(3):
            save_draft(session, world.shop_id, {"rules": [seen]}, seen_version=seen, author="hana")
    world.publish(rule("a", enclose("leaflet")))
    with session_scope([world.shop_id]) as session:
        save_draft(session, world.shop_id, {"rules": []}, seen_version=3, author="hana")
        discard_draft(session, world.shop_id, seen_version=4, author="hana")
        with pytest.raises(DraftOvertakenError):
            discard_draft(session, world.shop_id, seen_version=4, author="hana")
        wanted = select(AuditEntry.tag).where(AuditEntry.tag.like("personalization:draft:%"))
        tags = session.scalars(wanted.where(AuditEntry.shop_id == world.shop_id).order_by(AuditEntry.id)).all()
    assert [tag.rpartition(":")[2] for tag in tags] == ["edited", "edited", "discarded"]


def test_another_shop_has_its_own_rules(world: World) -> None:
    world.publish(rule("a", enclose("leaflet")))
    other = make_world()
    with session_scope([other.shop_id]) as session:
        assert find_live_version(session, other.shop_id) is None
