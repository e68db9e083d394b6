"""The gallery: every entry makes a rule that the demo shop could publish, and wrong choices are named."""

from typing import Any

import pytest

from app.demo.inserts import load_inserts, load_rules
from core.db import session_scope
from documents.service import install_gallery
from fulfillment.rule_catalogue import load_rule_catalogue
from orders.catalogue.service import add_standard_services
from personalization.errors import GalleryChoiceError, GalleryEntryNotFoundError
from personalization.gallery.entry import NeedKind
from personalization.gallery.service import ENTRIES, fill, list_gallery, suggest_choices
from personalization.inserts import save_inserts
from personalization.publishing import check_ruleset, publish_ruleset
from tests.factories.core import make_shop, make_warehouse

CHOSEN: dict[str, Any] = {"products": "SKIN-001、SKIN-002", "bought": ["お茶"], "missing": ["スキンケア"]}


@pytest.fixture(scope="module")
def shop_id(database_url: str) -> Any:
    """The face shop's templates, services and inserts."""
    shop = make_shop(warehouse_id=make_warehouse())
    with session_scope([shop]) as session:
        add_standard_services(session, shop)
        install_gallery(session, shop)
        rows = [
            {"key": i.key, "name": {"ja": i.name, "en": i.name_en}, "kind": i.kind, "stocked": i.kind != "task"}
            for i in load_inserts("face")
        ]
        save_inserts(session, shop, rows)
    return shop


def make_choices(session: Any, shop_id: Any, key: str) -> dict[str, Any]:
    offers = suggest_choices(session, shop_id, key, load_rule_catalogue(session, shop_id))
    return {need: offer.suggested for need, offer in offers.items() if offer.suggested} | CHOSEN


@pytest.mark.parametrize("key", list(ENTRIES))
def test_every_entry_is_published_with_what_is_suggested(shop_id: Any, key: str) -> None:
    with session_scope([shop_id]) as session:
        catalogue = load_rule_catalogue(session, shop_id)
        rule = fill(key, make_choices(session, shop_id, key), catalogue)
        document = {"format": 1, "rules": [rule]}
        assert check_ruleset(session, shop_id, document, catalogue) == []
        assert publish_ruleset(session, shop_id, document, catalogue, author="test", note=key).number


@pytest.mark.parametrize("key", list(ENTRIES))
def test_every_entry_does_without_what_is_optional(shop_id: Any, key: str) -> None:
    with session_scope([shop_id]) as session:
        catalogue = load_rule_catalogue(session, shop_id)
        choices = make_choices(session, shop_id, key)
        needed = {need.key for need in ENTRIES[key].needs if not need.optional}
        rule = fill(key, {name: value for name, value in choices.items() if name in needed}, catalogue)
        assert rule["then"]
        assert check_ruleset(session, shop_id, {"format": 1, "rules": [rule]}, catalogue) == []


def test_all_entries_stand_together_with_the_rules_of_the_demo(shop_id: Any) -> None:
    with session_scope([shop_id]) as session:
        catalogue = load_rule_catalogue(session, shop_id)
        rules = list(load_rules("face")["rules"])
        for key in ENTRIES:
            taken = {rule["key"] for rule in rules}
            rules.insert(0, fill(key, make_choices(session, shop_id, key), catalogue, taken=taken))
        assert check_ruleset(session, shop_id, {"format": 1, "rules": rules}, catalogue) == []


def test_the_gallery_has_the_proven_rules_in_both_languages() -> None:
    assert len(ENTRIES) >= 10
    for place, language in enumerate(("ja", "en")):
        for shown in list_gallery(language):
            assert shown.name == ENTRIES[shown.key].name[place]
            assert shown.about
            assert all(need.label for need in shown.needs)
    assert all(entry.name[0] != entry.name[1] for entry in ENTRIES.values())


def test_an_entry_twice_has_two_keys() -> None:
    first = fill("large-order-review", {})
    again = fill("large-order-review", {"amount": "80000"}, taken={first["key"]})
    assert (first["key"], again["key"]) == ("large-order-review", "large-order-review-2")
    assert again["when"]["all"][0]["value"] == 80000


@pytest.mark.parametrize(
    ("key", "choices", "need", "reason"),
    [
        ("win-back", {}, "insert", "missing"),
        ("win-back", {"insert": "x", "days": "soon"}, "days", "not_a_whole_number"),
        ("win-back", {"insert": "x", "days": 0}, "days", "out_of_range"),
        ("never-full-size", {"sample": "x", "insert": "y", "products": ""}, "products", "missing"),
    ],
)
def test_a_wrong_choice_is_named(key: str, choices: dict[str, Any], need: str, reason: str) -> None:
    with pytest.raises(GalleryChoiceError) as refused:
        fill(key, choices)
    assert (refused.value.need, refused.value.reason) == (need, reason)


def test_what_the_gallery_does_not_have_is_not_found() -> None:
    with pytest.raises(GalleryEntryNotFoundError):
        fill("nothing", {})


def test_every_choice_is_used_and_every_mark_is_a_need() -> None:
    for entry in ENTRIES.values():
        marks = set(_find_marks(entry.rule))
        assert marks == {need.key for need in entry.needs}
        assert all(
            need.default is not None or need.kind not in (NeedKind.NUMBER, NeedKind.MONEY) for need in entry.needs
        )


def _find_marks(value: Any) -> list[str]:
    if isinstance(value, dict):
        if set(value) == {"choose"}:
            return [value["choose"]]
        return [mark for member in value.values() for mark in _find_marks(member)]
    return [mark for member in value for mark in _find_marks(member)] if isinstance(value, list) else []
