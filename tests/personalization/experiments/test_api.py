"""Experiments over HTTP: the whole life, who may, and what is refused with its reason."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from core.auth.roles import Role
from tests.browsing import call, visit
from tests.personalization.experiments.plans import plan
from tests.personalization.world import World, make_world

COSTS = {"hourly_wage": 1200, "seconds_per_piece": 6, "sheet_cost": 3, "margin": 0.4, "weight_steps": []}


@pytest.fixture(scope="module")
def app(database_url: str) -> FastAPI:
    return create_app()


@pytest.fixture
def world(database: str) -> World:
    return make_world()


@pytest.fixture
def operator(app: FastAPI, world: World) -> TestClient:
    return call(app, Role.OPERATOR, shop_ids=[world.shop_id])


def test_the_life_of_an_experiment(operator: TestClient) -> None:
    made = operator.post("/api/experiments", json=plan())
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    changed = operator.put("/api/experiments/tea-sample", json={"seen_version": 1, "plan": plan(window_days=60)})
    assert (changed.json()["version"], changed.json()["plan"]["window_days"]) == (2, 60)
    started = operator.post("/api/experiments/tea-sample/start", json={"seen_version": 2}).json()
    assert (started["state"], started["planned_size"] > 1000) == ("running", True)
    result = operator.get("/api/experiments/tea-sample/result").json()
    assert (result["may_stop"], result["verdicts"]) == (False, {"sample": "not_yet"})
    assert result["metrics"][0]["comparisons"][0]["watched"]["low"] is None
    ended = operator.post("/api/experiments/tea-sample/end", json={"winner": "sample"}).json()
    assert (ended["state"], ended["winner"]) == ("ended", "sample")
    assert [row["key"] for row in operator.get("/api/experiments").json()] == ["tea-sample"]


def test_what_cannot_be_done_in_this_state_is_refused(operator: TestClient) -> None:
    operator.post("/api/experiments", json=plan())
    assert operator.post("/api/experiments", json=plan()).json()["code"] == "experiment_exists"
    assert operator.post("/api/experiments/tea-sample/end", json={}).json()["code"] == "experiment_state"
    assert (
        operator.post("/api/experiments/tea-sample/start", json={"seen_version": 7}).json()["code"] == "plan_overtaken"
    )
    operator.post("/api/experiments/tea-sample/start", json={"seen_version": 1})
    body = {"seen_version": 1, "plan": plan(holdout_share=1000)}
    assert operator.put("/api/experiments/tea-sample", json=body).status_code in (409, 422)
    assert operator.delete("/api/experiments/tea-sample").json()["code"] == "experiment_state"
    assert operator.post("/api/experiments/tea-sample/end", json={"winner": "nobody"}).json()["code"] == "broken_plan"
    assert operator.get("/api/experiments/nothing").status_code == 404


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"holdout_share": 4000}, "$.arms"),
        ({"control": "other"}, "$.control"),
        ({"baseline": 1.2}, "$.baseline"),
        ({"smallest_effect": 0}, "$.smallest_effect"),
        ({"window_days": 0}, "$.window_days"),
        ({"arms": []}, "$.arms"),
        ({"metric": "clicks"}, "$.metric"),
        ({"unknown": 1}, "$.unknown"),
        ({"metric": "revenue", "baseline": 500, "smallest_effect": 50}, "$.spread"),
        (
            {"arms": [{"key": "a", "name": {"ja": "a", "en": "a"}, "share": 5000, "inserts": ["no"]}]},
            "$.arms[0].inserts",
        ),
    ],
)
def test_a_broken_plan_is_refused_with_its_place(operator: TestClient, changes: dict[str, Any], place: str) -> None:
    answer = operator.post("/api/experiments", json=plan(**changes))
    assert answer.status_code == 422
    assert place in answer.text


def test_two_shop_wide_hold_outs_never_run_at_once(operator: TestClient) -> None:
    arm = {"key": "promoted", "name": {"ja": "通常", "en": "As always"}, "share": 9500}
    for key in ("first", "second"):
        made = operator.post("/api/experiments", json=plan(key, kind="shop_holdout", arms=[arm], holdout_share=500))
        assert made.status_code == 201, made.text
    assert operator.post("/api/experiments/first/start", json={"seen_version": 1}).status_code == 200
    assert operator.post("/api/experiments/second/start", json={"seen_version": 1}).json()["code"] == "holdout_running"


def test_the_table_of_costs(operator: TestClient) -> None:
    assert operator.get("/api/experiment-costs").json() == {"version": 0, "costs": None}
    saved = operator.put("/api/experiment-costs", json={"seen_version": 0, "costs": COSTS})
    assert saved.json()["version"] == 1
    assert operator.put("/api/experiment-costs", json={"seen_version": 0, "costs": COSTS}).status_code == 409
    steps = [{"up_to_g": 500, "price": 1}, {"up_to_g": 500, "price": 2}]
    wrong = {"seen_version": 1, "costs": {**COSTS, "weight_steps": steps}}
    assert "$.weight_steps[1].up_to_g" in operator.put("/api/experiment-costs", json=wrong).text


def test_who_may_do_what(app: FastAPI, world: World, operator: TestClient) -> None:
    operator.post("/api/experiments", json=plan())
    reader = call(app, Role.CUSTOMER_SUCCESS, shop_ids=[world.shop_id])
    assert reader.get("/api/experiments/tea-sample/result").status_code == 200
    assert reader.post("/api/experiments/tea-sample/start", json={"seen_version": 1}).status_code == 403
    assert call(app, Role.PACKER, shop_ids=[world.shop_id]).get("/api/experiments").status_code == 403
    stranger = call(app, Role.OPERATOR, shop_ids=[make_world().shop_id])
    assert stranger.get("/api/experiments/tea-sample").status_code == 404
    assert visit(app).get("/api/experiments").status_code == 401
