"""How often a rule's condition was met lately: by what was known then, with shipments to open."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from bench.past_shop import make_past_shop
from core import clock
from core.db import session_scope
from crm_link.kinds import TouchpointKind
from crm_link.service import record_touchpoints
from fulfillment import matching
from fulfillment.matching import Matches, count_matches
from fulfillment.models import Shipment
from orders.service import record_order
from personalization.errors import RulesetError
from tests.factories.core import make_shop
from tests.factories.crm_link import make_touchpoint
from tests.factories.fulfillment import ShippingShop, make_shipping_shop
from tests.factories.orders import PLACED, make_order

RunJobs = Callable[..., int]
NOW = PLACED + timedelta(days=3)
LARGE = {"fact": "order.total", "op": "at_least", "value": 3000}


@pytest.fixture
def shop(database: str, run_jobs: RunJobs) -> ShippingShop:
    """A shop with eight shipments of the last days and one of long ago."""
    made = make_shipping_shop()
    for number, days in enumerate([0, 0, 0, 1, 1, 1, 2, 2, 60]):
        placed = PLACED - timedelta(days=days, minutes=number)
        order = make_order(external_id=f"o{number}", number=f"N{number}", placed_at=placed)
        with clock.freeze(placed), session_scope([made.shop_id]) as session:
            record_order(session, made.shop_id, order)
    run_jobs()
    return made


def count(shop: ShippingShop, when: dict[str, Any], **more: Any) -> Matches:
    with clock.freeze(NOW), session_scope([shop.shop_id]) as session:
        return count_matches(session, shop.shop_id, {"when": when}, **more)


def test_shipments_of_the_last_days_are_counted_with_the_latest_to_open(shop: ShippingShop) -> None:
    found = count(shop, LARGE)
    assert (found.considered, found.matched, found.sampled) == (8, 8, False)
    assert found.per_day == pytest.approx(8 / 30)
    assert len(found.examples) == 5
    assert [example.accepted_at for example in found.examples] == sorted(
        (example.accepted_at for example in found.examples), reverse=True
    )
    assert all(example.number.startswith("S-") for example in found.examples)
    assert count(shop, {"not": LARGE}).matched == 0
    assert count(shop, LARGE, days=90, examples=0).considered == 9


def test_what_was_known_later_does_not_count(shop: ShippingShop) -> None:
    complaint = {"fact": "history.ticket_count", "op": "at_least", "value": 1}
    with session_scope([shop.shop_id]) as session:
        customer_id = session.scalars(select(Shipment.customer_id)).first()
        assert customer_id is not None
        happened = PLACED - timedelta(days=5)
        late = make_touchpoint(
            customer_id,
            kind=TouchpointKind.SUPPORT_TICKET,
            external_id="t1",
            occurred_at=happened,
            known_at=PLACED - timedelta(hours=1),
        )
        record_touchpoints(session, shop.shop_id, [late])
    # Known an hour before the last three orders, a day after the others.
    assert count(shop, complaint).matched == 3


def test_the_rest_of_the_rule_may_be_unfinished(shop: ShippingShop) -> None:
    with clock.freeze(NOW), session_scope([shop.shop_id]) as session:
        unfinished = {"when": LARGE, "then": [{"do": "enclose"}], "audience": "recipient", "valid": {"from": 3}}
        assert count_matches(session, shop.shop_id, unfinished).matched == 8
        with pytest.raises(RulesetError) as refused:
            count_matches(session, shop.shop_id, {"when": {"fact": "order.colour", "op": "equals", "value": 1}})
        assert [problem.place for problem in refused.value.problems] == ["$.when.fact"]


def test_of_very_many_an_even_sample_answers_and_it_is_said(
    shop: ShippingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MOST", 4)
    found = count(shop, LARGE)
    assert found.sampled
    assert found.total == 8
    assert found.matched == found.considered < 8
    assert found.per_day == pytest.approx(found.matched * 2 / 30)
    assert count(shop, LARGE) == found  # The same ones each time: the figure does not jump while one types.


def test_a_shop_without_shipments_and_another_shop_count_nothing(shop: ShippingShop) -> None:
    other = make_shop()
    with clock.freeze(NOW), session_scope([other]) as session:
        assert count_matches(session, other, {"when": LARGE}) == Matches(0, 0, (), False, 30, 0.0, 0)
        assert count_matches(session, shop.shop_id, {"when": LARGE}).considered == 0


def test_cancelled_shipments_are_left_out(shop: ShippingShop) -> None:
    with session_scope([shop.shop_id]) as session:
        session.execute(
            text("UPDATE shipments SET state = 'cancelled' WHERE serial = (SELECT max(serial) FROM shipments)")
        )
    assert count(shop, LARGE, days=90).considered == 8


@pytest.mark.prove
def test_of_ten_thousand_shipments_an_even_sample_is_counted(database: str) -> None:
    """A condition on order, history, tags and money; never all of them while somebody types."""
    made = make_past_shop(seed=5, touchpoints=300_000, shipments=60_000, customers=20_000)
    when = {
        "all": [
            {"fact": "customer.nth_order", "op": "at_least", "value": 2},
            {
                "fact": "history.purchase_count",
                "with": {"days": 180, "categories": ["tea"]},
                "op": "at_least",
                "value": 1,
            },
            {"fact": "order.total", "op": "at_least", "value": 1000},
            {"not": {"fact": "customer.tags", "op": "has_any", "value": ["vip"]}},
        ]
    }
    with clock.freeze(datetime(2026, 10, 31, 15, tzinfo=UTC)), session_scope([made.shop_id]) as session:
        found = count_matches(session, made.shop_id, {"when": when})
    assert (found.total, found.sampled) == (10_000, True)
    assert found.considered > 2_700
    assert 0 < found.matched < found.considered
