"""Each fact about what was bought before, with values worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn, TouchpointLineIn
from personalization.facts.fact import AsOf
from tests.factories.orders import make_order
from tests.factories.personalization import NOON
from tests.personalization.loads import happen, load_all, load_one, place, purchase
from tests.personalization.world import World, make_world

TODAY = date(2026, 11, 19)


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def buy(world: World, days_ago: int, amount: int, channel: str, *skus: str, **changes: Any) -> TouchpointIn:
    """A purchase of one piece each; the category is the first letter of the SKU."""
    lines = tuple(TouchpointLineIn(sku=sku, quantity=1, amount=amount, category=sku[0]) for sku in skus)
    return purchase(world.customer("alice"), days_ago, amount=amount, channel=channel, lines=lines, **changes)


def let_alice_buy(world: World) -> None:
    """Purchase days 100, 70 (twice) and 10 days ago: intervals of 30 and 60 days."""
    happen(
        world,
        buy(world, 100, 1000, "web", "t-trial"),
        buy(world, 70, 3000, "shop", "t-leaf", "s-soap", external_id="70a"),
        buy(world, 70, 500, "web", "t-leaf", external_id="70b"),
        buy(world, 10, 2000, "web", "s-soap", "s-cream"),
    )


def test_the_sequence_of_purchases(world: World) -> None:
    let_alice_buy(world)
    expected = {
        "customer.order_count": 4,
        "customer.lifetime_value": 6500,
        "customer.average_order": 1625,
        "customer.largest_order": 3000,
        "customer.first_order_date": TODAY - timedelta(days=100),
        "customer.last_order_date": TODAY - timedelta(days=10),
        "customer.average_interval": 45,
        "customer.longest_interval": 60,
        "customer.last_order_amount": 2000,
        "customer.last_order_channel": "web",
        "customer.last_order_skus": ("s-cream", "s-soap"),
        "customer.last_order_categories": ("s",),
        "customer.first_order_channel": "web",
        "customer.first_order_skus": ("t-trial",),
        "customer.first_order_categories": ("t",),
        "customer.channels": ("shop", "web"),
        "customer.favourite_category": "t",
        "history.purchased_skus": ("s-cream", "s-soap", "t-leaf", "t-trial"),
        "history.purchased_categories": ("s", "t"),
        "history.sku_count": 4,
        "history.category_count": 2,
        "history.average_purchase": 1625,
        "history.largest_purchase": 3000,
        "history.days_since_first_purchase": 100,
    }
    request = world.request("s1")
    assert load_all(world, request, expected) == expected
    # Of 30 and 60 days: the square root of (15² + 15²) / 1.
    assert load_one(world, request, "customer.interval_spread") == pytest.approx(450**0.5)
    assert load_one(world, request, "customer.interval_ratio") == pytest.approx(100 * 10 / 45)


def test_windows_may_leave_out_the_last_days_and_equals_go_by_the_last(world: World) -> None:
    let_alice_buy(world)
    request = world.request("s1")
    assert load_one(world, request, "history.purchase_count", days=70, skip_days=10) == 2
    assert load_one(world, request, "history.purchase_amount", skip_days=70) == 1000
    assert load_one(world, request, "history.largest_purchase", days=30) == 2000
    assert load_one(world, request, "history.average_purchase", categories=["s"]) == 2500
    assert load_one(world, request, "history.purchased_skus", days=30) == ("s-cream", "s-soap")
    assert load_one(world, request, "history.sku_count", days=30) == 2
    assert load_one(world, request, "history.days_since_first_purchase", skus=["s-soap"]) == 70
    happen(world, buy(world, 5, 100, "web", "s-soap"))
    assert load_one(world, request, "customer.favourite_category") == "s"


@pytest.mark.parametrize(
    ("days_ago", "mean", "spread"), [((), None, None), ((9,), None, None), ((9, 4), 5, None), ((9, 4, 4), 5, None)]
)
def test_too_few_purchase_days_leave_the_interval_unknown(
    world: World, days_ago: tuple[int, ...], mean: float | None, spread: float | None
) -> None:
    happen(world, *[buy(world, days, 100, "web", external_id=f"{n}") for n, days in enumerate(days_ago)])
    expected = {"customer.average_interval": mean, "customer.interval_spread": spread}
    assert load_all(world, world.request("s1"), expected) == expected


def test_a_first_order_has_no_sequence_and_a_guest_has_nothing(world: World) -> None:
    nothing = {"customer.first_order_date": None, "customer.last_order_channel": None, "customer.largest_order": None}
    first = {**nothing, "customer.last_order_skus": (), "customer.channels": (), "history.sku_count": 0}
    assert load_all(world, world.request("s1"), first) == first
    guest = {**nothing, "customer.last_order_skus": None, "customer.channels": None, "history.sku_count": None}
    assert load_all(world, world.request("s2", buyer=None), guest) == guest


def test_the_sequence_is_that_before_this_order(world: World) -> None:
    order_id, buyer = place(world, make_order(placed_at=NOON, number="#7"))
    happen(world, purchase(buyer, 20, amount=900), purchase(buyer, -1, amount=4000))
    request = world.request("s1", order_ids=(order_id,), customer_id=buyer, moment=NOON + timedelta(days=2))
    expected = {"customer.last_order_amount": 900, "customer.largest_order": 900, "customer.average_interval": None}
    assert load_all(world, request, expected) == expected


def test_a_backtest_sees_neither_the_future_nor_what_was_known_later(world: World) -> None:
    let_alice_buy(world)
    told_late = replace(buy(world, 40, 9000, "mall", "x-late"), known_at=NOON + timedelta(hours=1))
    happen(world, told_late, buy(world, -2, 8000, "tv", "y-future"))
    request = world.request("s1")
    known = {
        "customer.largest_order": 3000,
        "customer.average_interval": 45,
        "customer.channels": ("shop", "web"),
        "history.purchased_categories": ("s", "t"),
        "history.largest_purchase": 3000,
    }
    assert load_all(world, request, known, AsOf.KNOWN) == known
    recorded = {
        "customer.largest_order": 9000,
        "customer.average_interval": 30,
        "customer.channels": ("mall", "shop", "web"),
        "history.purchased_categories": ("s", "t", "x"),
        "history.largest_purchase": 9000,
    }
    assert load_all(world, request, recorded) == recorded


def test_campaigns_tickets_surveys_and_visits(world: World) -> None:
    alice, kind = world.customer("alice"), TouchpointKind
    happen(
        world,
        purchase(alice, 20, kind=kind.CAMPAIGN, campaign="spring"),
        purchase(alice, 15, kind=kind.CAMPAIGN, campaign="summer"),
        purchase(alice, 14, kind=kind.CAMPAIGN_RESPONSE, campaign="spring"),
        purchase(alice, 13, kind=kind.CAMPAIGN, campaign="autumn", status="redeemed"),
        purchase(alice, 300, kind=kind.SUPPORT_TICKET, categories=("complaint",), status="closed"),
        purchase(alice, 9, kind=kind.SUPPORT_TICKET, categories=("complaint", "delivery"), status="open"),
        purchase(alice, 4, kind=kind.SUPPORT_TICKET, categories=("question",)),
        purchase(alice, 30, kind=kind.SURVEY, score=5, campaign="q"),
        purchase(alice, 3, kind=kind.SURVEY, score=2, campaign="q"),
        purchase(alice, 8, kind=kind.QR_VISIT, campaign="leaflet"),
        purchase(alice, 6, kind=kind.WEB, channel="sns"),
        purchase(alice, 25, kind=kind.SALES_ACTIVITY, channel="phone"),
        purchase(alice, 33, kind=kind.PARCEL),
        purchase(alice, 50, kind=kind.ATTENDANCE, campaign="tour-osaka"),
    )
    expected = {
        "history.campaigns": ("autumn", "spring", "summer"),
        "history.used_campaigns": ("autumn", "spring"),
        "history.unused_campaign_count": 1,
        "history.days_since_campaign": 13,
        "history.days_since_campaign_response": 14,
        "history.complaint_count": 2,
        "history.days_since_complaint": 9,
        "history.has_open_complaint": True,
        "history.open_ticket_topics": ("complaint", "delivery", "question"),
        "history.oldest_open_ticket": 9,
        "history.lowest_survey_score": 2,
        "history.days_since_survey": 3,
        "history.has_qr_visit": True,
        "history.days_since_web": 6,
        "history.days_since_sales_activity": 25,
        "history.days_since_parcel": 33,
        "history.events": ("tour-osaka",),
    }
    request = world.request("s1")
    assert load_all(world, request, expected) == expected
    assert load_one(world, request, "history.campaign_response_rate") == pytest.approx(200 / 3)
    assert load_one(world, request, "history.campaign_response_rate", days=14) == 100
    assert load_one(world, request, "history.campaign_response_rate", days=5) is None
    assert load_one(world, request, "history.complaint_count", days=90) == 1
    assert load_one(world, request, "history.has_qr_visit", campaigns=["other"]) is False
    assert load_one(world, request, "history.campaigns", days=14) == ("autumn",)
