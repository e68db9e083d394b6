"""The screens of experiments: plan, start, read, end; who may do what."""

import pytest
from sqlalchemy import select

from core.auth.roles import Role
from core.db import session_scope
from personalization.experiments.models import CostTable, Experiment, ExperimentState
from tests.browsing import Browser, browse
from tests.factories.fulfillment import make_shipping_shop
from tests.warehouse_ui.conftest import Place
from warehouse_ui.experiments.forms import name_field

PLAN = {
    "version": "0",
    "key": "tea-sample",
    "name-ja": "お茶の試供品",
    "name-en": "Tea sample",
    "kind": "rules",
    "question": "",
    "arm-0-key": "sample",
    "arm-0-share": "50",
    "arm-0-ja": "試供品",
    "arm-0-en": "Sample",
    "arm-0-insert": "leaflet",
    "holdout": "50",
    "control": "held_out",
    "metric": "repeat",
    "window_days": "30",
    "baseline": "30",
    "smallest_effect": "5",
    "audience_share": "100",
    "method": "watched",
}
COSTS = {
    "version": "0",
    "hourly_wage": "1200",
    "seconds_per_piece": "6",
    "sheet_cost": "3.5",
    "margin": "40",
    "step-0-g": "1000",
    "step-0-price": "500",
    "valid_from": "2026-04-01",
    "source": "契約書",
}


def find(place: Place) -> Experiment:
    with session_scope([place.shop_id]) as session:
        return session.scalars(select(Experiment)).one()


def plan(operator: Browser, **changes: str) -> str:
    answer = operator.post("/experiments/new/save", data={**PLAN, **changes})
    return str(answer.headers.get("location", answer.text))


def test_an_experiment_from_its_plan_to_its_end(place: Place, operator: Browser) -> None:
    assert plan(operator) == "/experiments/tea-sample?done=experiment_saved"
    made = find(place)
    assert (made.baseline, made.smallest_effect, made.holdout_share) == (0.3, 0.05, 5000)
    assert operator.post("/experiments/tea-sample/start", data={"version": "1"}).status_code == 303
    page = operator.get("/experiments/tea-sample").text
    assert "まだ終了できません" in page
    assert "公開中のルールに、次の案のものがありません：試供品" in page
    answer = operator.post("/experiments/tea-sample/end", data={"winner": "sample", "note": "足りた"})
    assert answer.headers["location"] == "/experiments/tea-sample?done=experiment_ended"
    assert (find(place).state, find(place).winner) == (ExperimentState.ENDED, "sample")
    assert "全員に「試供品」" in operator.get("/experiments/tea-sample").text
    assert "tea-sample" in operator.get("/experiments").text


def test_a_plan_says_how_many_and_what_is_missing(place: Place, operator: Browser) -> None:
    answer = operator.post("/experiments/new/size", data=PLAN).text
    assert 'data-size=""' not in answer
    assert "元が取れるのは" in answer
    answer = operator.post("/experiments/new/size", data={**PLAN, "arm-0-share": "40"}).text
    assert "割合の合計が90%です" in answer
    assert operator.post("/experiments/new/save", data={**PLAN, "holdout": "0"}).status_code == 422


def test_a_draft_is_changed_and_a_stale_one_is_refused(place: Place, operator: Browser) -> None:
    plan(operator)
    assert operator.get("/experiments/tea-sample/edit").status_code == 200
    assert plan(operator, version="1", smallest_effect="4").endswith("experiment_saved")
    assert find(place).smallest_effect == pytest.approx(0.04)
    assert operator.post("/experiments/new/save", data={**PLAN, "version": "1"}).status_code == 409
    assert operator.post("/experiments/tea-sample/start", data={"version": "1"}).status_code == 409
    assert operator.post("/experiments/tea-sample/delete").status_code == 303


def test_a_running_experiment_keeps_its_shares(place: Place, operator: Browser) -> None:
    plan(operator)
    operator.post("/experiments/tea-sample/start", data={"version": "1"})
    assert operator.post("/experiments/new/save", data={**PLAN, "version": "1"}).status_code == 409
    assert operator.post("/experiments/tea-sample/start", data={"version": "1"}).status_code == 409
    assert operator.post("/experiments/tea-sample/delete").status_code == 409
    assert operator.get("/experiments/tea-sample/edit").status_code == 303


def test_the_table_of_costs_is_kept(place: Place, operator: Browser) -> None:
    assert operator.get("/experiments/costs/table").status_code == 200
    assert operator.post("/experiments/costs/table", data=COSTS).status_code == 303
    with session_scope([place.shop_id]) as session:
        table = session.scalars(select(CostTable)).one()
        assert (table.margin, table.weight_steps) == (0.4, [{"up_to_g": 1000, "price": 500}])
    assert 'value="40"' in operator.get("/experiments/costs/table").text
    assert operator.post("/experiments/costs/table", data=COSTS).status_code == 409
    wrong = operator.post("/experiments/costs/table", data={**COSTS, "version": "1", "margin": "140"})
    assert wrong.status_code == 422


def test_customer_success_reads_and_changes_nothing(place: Place, operator: Browser) -> None:
    plan(operator)
    reader = place.sit(Role.CUSTOMER_SUCCESS)
    assert "/experiments/tea-sample/start" not in reader.get("/experiments/tea-sample").text
    assert reader.get("/experiments").status_code == 200
    for path in ("/experiments/new/plan", "/experiments/costs/table"):
        assert reader.get(path).status_code == 403
    assert reader.post("/experiments/tea-sample/start", data={"version": "1"}).status_code == 403


def test_nobody_sees_the_experiment_of_another_shop(place: Place, operator: Browser) -> None:
    plan(operator)
    stranger = browse(place.app, Role.OPERATOR, shop_ids=[make_shipping_shop().shop_id])
    assert stranger.get("/experiments/tea-sample", headers={"accept": "text/html"}).status_code == 404
    assert place.sit(Role.PACKER).get("/experiments").status_code == 403


def test_the_english_pages_have_no_japanese(place: Place, operator: Browser) -> None:
    plan(operator)
    operator.post("/experiments/tea-sample/start", data={"version": "1"})
    english = place.sit(Role.OPERATOR, language="en")
    page = english.get("/experiments/tea-sample").text
    assert "Not yet" in page
    assert "Tea sample" in page


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("$.arms[0].name.ja", "案1 名前（日本語）"),
        ("$.arms[2].share", "案3 割合（%）"),
        ("$.smallest_effect", "見つけたい差（ポイントまたは円）"),
        ("$.new_thing", "new_thing"),
    ],
)
def test_a_mistake_is_told_by_the_name_of_its_field(place: str, told: str) -> None:
    assert name_field(place) == told
