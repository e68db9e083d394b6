"""What fits on top of the goods: letterbox mail is 30 mm or less, and inserts obey what the service takes that day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from core.db import session_scope
from core.errors import InvalidInputError, NotFoundError
from fulfillment.deciding import decide_shipments
from fulfillment.rule_catalogue import load_rule_catalogue
from fulfillment.spaces import GoodsSize, estimate_thickness, measure_space
from orders.catalogue.models import DeliveryService
from orders.catalogue.records import ProductIn
from orders.catalogue.service import upsert_products
from orders.catalogue.standard_services import STANDARD_SERVICES
from orders.catalogue.terms import Terms, load_services, remove_terms, save_terms
from orders.kinds import LetterClass
from personalization.inserts import save_inserts
from personalization.publishing import check_ruleset
from personalization.requests import BoxSpace
from tests.conftest import FixedClock
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, publish, take_order
from tests.factories.orders import make_line, make_order
from tests.factories.personalization import enclose, rule, ruleset

RunJobs = Callable[..., int]
NEKOPOS = Terms(
    valid_from=date(2026, 11, 1),
    letter_class=LetterClass.COVER_NOTE,
    sealed_allowed=False,
    max_thickness_mm=30,
    max_weight_g=1000,
    max_size_mm=None,
    max_length_mm=312,
    max_width_mm=228,
    source="運送会社の約款",
)


@pytest.mark.parametrize(
    ("goods", "millimetres"),
    [
        (GoodsSize(200, 12, 12, 0), 18),
        # Two jars of 25 mm side by side are 25 mm high, not 50.
        (GoodsSize(200, 25, 0, 2 * 25 * 60 * 60), 5),
        # Ten bags of 20 mm that fill the area lie upon each other.
        (GoodsSize(900, 20, 0, 10 * 20 * 150 * 100), 0),
        (GoodsSize(200, 25, 25, 100_000), 3.4),
    ],
)
def test_goods_spread_over_the_area_and_what_has_none_is_stacked(goods: GoodsSize, millimetres: float) -> None:
    assert measure_space(goods, NEKOPOS).millimetres == pytest.approx(millimetres)
    assert estimate_thickness(goods, NEKOPOS) >= goods.tallest


def test_a_service_without_limits_leaves_all_the_room() -> None:
    free = replace(NEKOPOS, max_thickness_mm=None, max_weight_g=None)
    assert measure_space(GoodsSize(9000, 300, 300, 0), free) == BoxSpace()


def test_every_letterbox_service_of_the_standard_table_is_30_mm_or_less_and_names_its_source() -> None:
    flat = [service for service in STANDARD_SERVICES if (service["max_thickness_mm"] or 99) < 50]
    assert {s["name"] for s in flat} >= {"ネコポス", "ゆうパケット", "クリックポスト", "ゆうメール", "スマートレター"}
    assert max(service["max_thickness_mm"] for service in flat) == 30
    assert all(service["max_weight_g"] and service["max_length_mm"] for service in flat)
    assert all(service["note"] and service["valid_from"] for service in STANDARD_SERVICES)


@pytest.fixture
def shop(database: str, clock: FixedClock) -> ShippingShop:
    """A shop that sends by ネコポス, with two inserts of 8 and 5 mm for every parcel."""
    found = make_shipping_shop(rules=None)
    with session_scope([found.shop_id]) as session:
        session.execute(update(DeliveryService).values(active=DeliveryService.key == "yamato_nekopos"))
        save_inserts(session, found.shop_id, [make_row("thick", 8), make_row("thin", 5)])
    publish(found.shop_id, ruleset(rule("thick", enclose("thick")), rule("thin", enclose("thin"))))
    return found


def make_row(key: str, thickness: int) -> dict[str, Any]:
    return {
        "key": key,
        "name": {"ja": key, "en": key},
        "kind": "leaflet",
        "stocked": False,
        "thickness_mm": thickness,
        "weight_g": 10,
    }


def measure(shop: ShippingShop, sku: str, **sizes: Any) -> None:
    with session_scope([shop.shop_id]) as session:
        upsert_products(session, shop.shop_id, [ProductIn(sku=sku, name=sku, **sizes)])


def decide_again(shop: ShippingShop, shipment_id: UUID) -> tuple[list[str | None], list[str]]:
    """Return what is enclosed, and for what reasons the rest is not."""
    with session_scope([shop.shop_id]) as session:
        [outcome] = decide_shipments(session, shop.shop_id, [shipment_id])
    return [c.insert_key for c in outcome.plan.enclosures], [lost.reason.value for lost in outcome.plan.lost]


def test_inserts_stack_up_to_what_letterbox_mail_takes(shop: ShippingShop, run_jobs: RunJobs) -> None:
    measure(shop, "SKU-1", thickness_mm=20, length_mm=200, width_mm=150, weight_g=100)
    [shipment_id] = take_order(shop, run_jobs, make_order(lines=(make_line(1, quantity=1),)))
    assert decide_again(shop, shipment_id) == (["thick"], ["box_millimetres"])
    measure(shop, "SKU-1", weight_g=985)
    assert decide_again(shop, shipment_id) == (["thick"], ["box_grams"])
    measure(shop, "SKU-1", thickness_mm=26)
    assert decide_again(shop, shipment_id) == ([], ["box_millimetres", "box_millimetres"])


def test_a_set_without_measures_is_as_large_as_its_parts(shop: ShippingShop, run_jobs: RunJobs) -> None:
    measure(shop, "SKU-2", thickness_mm=12, weight_g=50)
    measure(shop, "SKU-1", components=(("SKU-2", 2),))
    [shipment_id] = take_order(shop, run_jobs, make_order(lines=(make_line(1, quantity=1),)))
    assert decide_again(shop, shipment_id) == (["thin"], ["box_millimetres"])


def test_what_the_shop_enters_holds_from_its_day_on(shop: ShippingShop, run_jobs: RunJobs, clock: FixedClock) -> None:
    measure(shop, "SKU-1", thickness_mm=20, length_mm=200, width_mm=150)
    [shipment_id] = take_order(shop, run_jobs, make_order(lines=(make_line(1, quantity=1),)))
    tomorrow = clock.now.date() + timedelta(days=1)
    with session_scope([shop.shop_id]) as session:
        terms = load_services(session, shop.shop_id)["yamato_nekopos"].on(tomorrow)
        save_terms(
            session,
            shop.shop_id,
            "yamato_nekopos",
            replace(terms, valid_from=tomorrow, max_thickness_mm=25, source="約款"),
        )
    assert decide_again(shop, shipment_id)[0] == ["thick"]
    clock.advance(days=1)
    assert decide_again(shop, shipment_id)[0] == ["thin"]
    with session_scope([shop.shop_id]) as session:
        remove_terms(session, shop.shop_id, "yamato_nekopos", tomorrow)
    assert decide_again(shop, shipment_id)[0] == ["thick"]


def test_terms_name_a_source_and_a_service(shop: ShippingShop) -> None:
    with session_scope([shop.shop_id]) as session:
        for broken, error in (
            (replace(NEKOPOS, source=" "), InvalidInputError),
            (replace(NEKOPOS, max_weight_g=0), InvalidInputError),
            (replace(NEKOPOS, sealed_allowed=True), InvalidInputError),
        ):
            with pytest.raises(error):
                save_terms(session, shop.shop_id, "yamato_nekopos", broken)
        with pytest.raises(NotFoundError):
            save_terms(session, shop.shop_id, "pigeon", NEKOPOS)
        with pytest.raises(NotFoundError):
            remove_terms(session, shop.shop_id, "yamato_nekopos", date(2030, 1, 1))


def test_letters_follow_what_the_service_may_carry_today(shop: ShippingShop, clock: FixedClock) -> None:
    with session_scope([shop.shop_id]) as session:
        terms = replace(NEKOPOS, valid_from=clock.now.date(), letter_class=LetterClass.NONE)
        save_terms(session, shop.shop_id, "yamato_nekopos", terms)
        found = check_ruleset(session, shop.shop_id, LETTER, load_rule_catalogue(session, shop.shop_id))
    [problem] = found
    assert (problem.place, problem.code) == ("$.rules[0].then[0].template", "letter_not_carried")
    assert "添え状・送り状" in problem.ja
    assert "送れる配送方法: なし" in problem.ja


LETTER = ruleset(
    rule("a", {"do": "letter", "template": "thank_you_letter", "slots": {"body": {"ja": "御礼", "en": "Thanks"}}})
)
