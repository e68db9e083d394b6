"""From printed code to rule: a customer opens the slip's code, a fact learns of it, and the next box holds the leaflet.
And whom a visit is not tied to.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.main import create_app
from core import clock
from core.db import session_scope
from crm_link.kinds import ConsentState, Purpose
from crm_link.records import ConsentIn
from crm_link.service import erase_customer, record_consents
from fulfillment.models import Parcel, Shipment
from personalization.experiments.models import Metric
from personalization.experiments.results import measure
from personalization.experiments.service import create_experiment, start_experiment
from personalization.queries import get_decision, open_decision
from tests.factories.fulfillment import RULES, ShippingShop, publish, take_order
from tests.factories.landing import (
    choose,
    count_visits,
    follow,
    list_visits,
    make_open_shop,
    send_parcel,
    slip_code,
    take_phone,
)
from tests.factories.orders import TARO, make_order
from tests.personalization.experiments.plans import plan

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
ASKING: dict[str, Any] = {
    "format": 1,
    "rules": [
        RULES["rules"][0]
        | {
            "when": {
                "fact": "history.qr_visit_count",
                "with": {"days": 30, "campaigns": ["packing_slip"]},
                "op": "at_least",
                "value": 1,
            }
        }
    ],
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


def find_buyer(shop: ShippingShop, parcel_id: UUID) -> UUID:
    with session_scope([shop.shop_id]) as session:
        statement = select(Shipment.customer_id).join(Parcel, Parcel.shipment_id == Shipment.id)
        return session.execute(statement.where(Parcel.id == parcel_id)).scalar_one() or UUID(int=0)


def say(shop: ShippingShop, customer_id: UUID, state: ConsentState) -> None:
    said = ConsentIn(
        customer_id=customer_id, purpose=Purpose.MEASUREMENT, state=state, source="test", occurred_at=clock.now()
    )
    with session_scope([shop.shop_id]) as session:
        record_consents(session, shop.shop_id, [said])


def list_inserts(shop: ShippingShop, shipment_id: UUID) -> list[str | None]:
    with session_scope([shop.shop_id]) as session:
        stored = open_decision(session, get_decision(session, shop.shop_id, shipment_id))
        return [each.insert_key for each in stored.dossier.plan.enclosures]


def test_a_visit_becomes_a_fact_and_a_rule_acts_on_it(app: FastAPI, run_jobs: RunJobs) -> None:
    shop = make_open_shop()
    publish(shop.shop_id, ASKING)
    parcel_id = send_parcel(shop, run_jobs)
    before = take_order(shop, run_jobs, make_order(external_id="before"))[-1]
    assert list_inserts(shop, before) == []
    follow(take_phone(app), slip_code(shop, parcel_id))
    run_jobs()
    # What is not printed is decided again, and what comes after knows of it too.
    assert list_inserts(shop, before) == ["leaflet"]
    assert list_inserts(shop, take_order(shop, run_jobs, make_order(external_id="after"))[-1]) == ["leaflet"]


def test_an_experiment_counts_it_as_its_outcome(app: FastAPI, run_jobs: RunJobs) -> None:
    shop = make_open_shop()
    with session_scope([shop.shop_id]) as session:
        made = create_experiment(session, shop.shop_id, plan("visits", metric="qr_visit"), author="test")
        start_experiment(session, shop.shop_id, "visits", seen_version=made.version, author="test")
    bound = RULES["rules"][0] | {"experiment": {"key": "visits", "arm": "sample"}}
    publish(shop.shop_id, {"format": 1, "rules": [bound]})
    parcel_id = send_parcel(shop, run_jobs)
    follow(take_phone(app), slip_code(shop, parcel_id))
    with session_scope([shop.shop_id]) as session:
        result = measure(session, shop.shop_id, "visits", clock.now() + timedelta(days=31))
    [visits] = [each for each in result.metrics if each.metric is Metric.QR_VISIT]
    assert result.observed == 1
    assert sum(outcome.value.estimate for outcome in visits.arms if outcome.size) == 1


@pytest.mark.parametrize(
    ("state", "granted_only", "known"),
    [
        (ConsentState.DENIED, False, 0),
        (ConsentState.UNKNOWN, False, 1),
        (ConsentState.UNKNOWN, True, 0),
        (ConsentState.GRANTED, True, 1),
    ],
)
def test_a_visit_is_tied_to_whom_it_may(
    app: FastAPI, run_jobs: RunJobs, state: ConsentState, granted_only: bool, known: int
) -> None:
    shop = make_open_shop(granted_only=granted_only)
    parcel_id = send_parcel(shop, run_jobs)
    say(shop, find_buyer(shop, parcel_id), state)
    assert follow(take_phone(app), slip_code(shop, parcel_id)).startswith("https://shop.example.jp/")
    assert len(list_visits(shop)) == known
    assert count_visits(shop) == (1, known)


def test_a_gifts_visit_is_not_its_buyers(app: FastAPI, run_jobs: RunJobs) -> None:
    shop = make_open_shop()
    stranger = replace(TARO, external_id=None, email=None, phone=None)
    follow(take_phone(app), slip_code(shop, send_parcel(shop, run_jobs, make_order(recipient=stranger))))
    assert list_visits(shop) == []
    assert count_visits(shop) == (1, 0)
    # A recipient whom the shop knows is one who may be remembered.
    parcel_id = send_parcel(shop, run_jobs, make_order(recipient=TARO))
    follow(take_phone(app), slip_code(shop, parcel_id))
    [visit] = list_visits(shop)
    assert visit.customer_id != find_buyer(shop, parcel_id)


def test_the_code_of_an_erased_customer_still_leads_on_and_writes_nothing_of_them(
    app: FastAPI, run_jobs: RunJobs
) -> None:
    shop = make_open_shop()
    parcel_id = send_parcel(shop, run_jobs)
    code, customer_id = slip_code(shop, parcel_id), find_buyer(shop, parcel_id)
    follow(take_phone(app), code)
    with session_scope([shop.shop_id]) as session:
        erase_customer(session, shop.shop_id, customer_id)
    before = len(list_visits(shop))
    assert follow(take_phone(app), code).startswith("https://shop.example.jp/")
    assert len(list_visits(shop)) == before
    assert count_visits(shop) == (2, 1)


def test_a_code_of_one_shop_uses_that_shops_address_only(app: FastAPI, run_jobs: RunJobs) -> None:
    ours, theirs = make_open_shop(), make_open_shop(address="https://other.example.jp/")
    code = slip_code(ours, send_parcel(ours, run_jobs))
    choose(theirs, address="https://changed.example.jp/")
    assert follow(take_phone(app), code).startswith("https://shop.example.jp/")
    assert (len(list_visits(ours)), list_visits(theirs)) == (1, [])
