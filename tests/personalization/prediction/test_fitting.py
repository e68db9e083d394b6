"""Fitting: on what was known before only, each day once, refused with its figures where too little is known."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.main import create_app
from core.audit.models import AuditEntry
from core.auth.roles import Role
from core.db import session_scope
from core.errors import InvalidInputError
from crm_link.service import erase_customer
from personalization.models import FittedModel
from personalization.prediction.fitting import FitOutcome, fit_models
from personalization.prediction.kinds import ModelKind
from personalization.prediction.tasks import ask_for_daily_fits, find_midnight
from tests.browsing import browse
from tests.factories.crm_link import make_touchpoint
from tests.factories.personalization import NOON, TOKYO
from tests.personalization.loads import happen, purchase
from tests.personalization.prediction.shops import let_many_buy
from tests.personalization.world import World, make_world

THEN = NOON - timedelta(days=60)


@pytest.fixture
def world(database: str, clock: Any) -> World:
    clock.move_to(NOON + timedelta(hours=1))
    return make_world()


def fit(shop_id: UUID, known_until: datetime) -> dict[ModelKind, FitOutcome]:
    with session_scope([shop_id]) as session:
        return {outcome.kind: outcome for outcome in fit_models(session, shop_id, known_until)}


def read_rows(shop_id: UUID) -> list[FittedModel]:
    with session_scope([shop_id]) as session:
        wanted = select(FittedModel).where(FittedModel.kind.in_(list(ModelKind)))
        return list(session.scalars(wanted.order_by(FittedModel.known_until, FittedModel.kind)))


def test_a_shop_with_customers_enough_gets_every_model(world: World) -> None:
    let_many_buy(world.shop_id)
    outcomes = fit(world.shop_id, NOON)
    assert all(outcome.refused is None and outcome.customers == 300 for outcome in outcomes.values())
    kept = {row.kind: row for row in read_rows(world.shop_id)}
    assert {kind: row.parameters for kind, row in kept.items()} == {
        kind: {name: list(v) if isinstance(v, tuple) else v for name, v in outcome.parameters.items()}
        for kind, outcome in outcomes.items()
    }
    assert set(kept["bg_nbd"].parameters) == {"r", "alpha", "a", "b"}
    # They spend about 4,800 a time.
    amounts = kept["gamma_gamma"].parameters
    assert amounts["p"] * amounts["v"] / (amounts["q"] - 1) == pytest.approx(4800, rel=0.15)
    with session_scope([world.shop_id]) as session:
        tags = session.scalars(select(AuditEntry.tag).where(AuditEntry.tag == "personalization:models:fit")).all()
    assert len(tags) == 1


def test_neither_the_future_nor_what_became_known_later_is_learned_from(world: World) -> None:
    customers = let_many_buy(world.shop_id)
    before = fit(world.shop_id, THEN)
    planted = []
    for customer_id in customers:
        future = make_touchpoint(customer_id, occurred_at=THEN + timedelta(days=1), amount=999_999)
        late = make_touchpoint(
            customer_id, occurred_at=THEN - timedelta(days=9), known_at=THEN + timedelta(seconds=1), amount=888_888
        )
        planted += [future, late]
    happen(world, *planted)
    assert fit(world.shop_id, THEN) == before
    assert fit(world.shop_id, NOON) != before


def test_what_was_withdrawn_later_was_still_known_then(world: World) -> None:
    alice = world.customer("alice")
    told = purchase(alice, 90, external_id="gone", amount=700)
    happen(world, told)
    happen(world, *[purchase(alice, 90, external_id="gone", amount=0, known_at=NOON, cancelled=True)])
    assert [fit(world.shop_id, moment)[ModelKind.RFM].customers for moment in (THEN, NOON)] == [1, 0]


def test_too_few_customers_are_refused_with_figures_and_nothing_is_used(world: World) -> None:
    happen(world, purchase(world.customer("alice"), 100), purchase(world.customer("bob"), 5))
    outcomes = fit(world.shop_id, NOON)
    assert outcomes[ModelKind.BG_NBD].refused == {"code": "too_few_customers", "needed": 200, "found": 2}
    assert outcomes[ModelKind.RFM].refused == {"code": "too_few_customers", "needed": 50, "found": 2}
    assert {row.kind: (row.refused or {}).get("found") for row in read_rows(world.shop_id)} == {
        "bg_nbd": 2, "gamma_gamma": 2, "rfm": 2,
    }  # fmt: skip


def test_customers_who_never_came_back_carry_no_model_of_coming_back(world: World) -> None:
    customers = [world.customer(f"c{n}") for n in range(60)]
    happen(world, *[purchase(customer_id, 40 + n) for n, customer_id in enumerate(customers)])
    outcomes = fit(world.shop_id, NOON)
    assert outcomes[ModelKind.RFM].refused is None
    assert outcomes[ModelKind.BG_NBD].refused is not None


def test_fitting_the_same_moment_again_changes_nothing(world: World) -> None:
    fit(world.shop_id, THEN)
    first = [(row.id, row.parameters) for row in read_rows(world.shop_id)]
    fit(world.shop_id, THEN)
    assert [(row.id, row.parameters) for row in read_rows(world.shop_id)] == first


def test_a_model_of_the_future_is_refused(world: World) -> None:
    with session_scope([world.shop_id]) as session, pytest.raises(InvalidInputError):
        fit_models(session, world.shop_id, NOON + timedelta(days=1))


def test_the_keeper_asks_for_one_fit_a_day(world: World, clock: Any, run_jobs: Any) -> None:
    assert (ask_for_daily_fits(), ask_for_daily_fits()) == (0, 0)
    assert run_jobs() == 1
    assert {row.known_until for row in read_rows(world.shop_id)} == {find_midnight(NOON, TOKYO)}
    ask_for_daily_fits()
    assert run_jobs() == 0
    clock.advance(days=1)
    ask_for_daily_fits()
    assert run_jobs() == 1
    assert len(read_rows(world.shop_id)) == 2 * len(ModelKind)


def test_an_operator_asks_for_a_fit_and_reads_why_there_is_none(world: World, run_jobs: Any) -> None:
    client = browse(create_app(), Role.OPERATOR, shop_ids=[world.shop_id])
    asked = client.post("/api/predictions", json={"known_until": THEN.isoformat()})
    assert asked.status_code == 202
    assert run_jobs() == 1
    shown = client.get("/api/predictions").json()
    assert [model["kind"] for model in shown] == ["bg_nbd", "gamma_gamma", "rfm"]
    assert shown[0]["refused"] == "too_few_customers"
    assert shown[0]["reason_ja"] == "購入のある顧客が200人以上必要です(現在0人)。"
    later = client.post("/api/predictions", json={"known_until": (NOON + timedelta(days=9)).isoformat()})
    assert (later.status_code, later.json()["code"]) == (422, "invalid_input")


def test_purchases_of_the_erased_stay_as_figures_of_nobody(world: World) -> None:
    customers = let_many_buy(world.shop_id, 60)
    with session_scope([world.shop_id]) as session:
        for customer_id in customers[:20]:
            erase_customer(session, world.shop_id, customer_id)
    assert fit(world.shop_id, NOON)[ModelKind.RFM].customers == 60
