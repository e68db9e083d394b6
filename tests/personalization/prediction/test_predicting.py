"""What is foretold of a customer: by the newest model the moment may use, from what was known at the moment."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from personalization.facts.choices import SEGMENTS as SEGMENT_CHOICES
from personalization.facts.fact import AsOf
from personalization.facts.question import Audience, ask
from personalization.prediction.bgnbd import BgNbd
from personalization.prediction.kinds import ModelKind
from personalization.prediction.rfm import SEGMENTS, Quantiles, find_segments
from tests.factories.orders import make_order
from tests.factories.personalization import NOON
from tests.personalization.loads import happen, load, load_all, load_one, place, purchase
from tests.personalization.prediction.shops import PARAMETERS, keep_models
from tests.personalization.world import World, make_world

MODEL = BgNbd(**PARAMETERS[ModelKind.BG_NBD])
KEYS = ("active_probability", "next_purchase_date", "expected_purchases", "expected_value", "purchase_probability")
TODAY = date(2026, 11, 19)


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def let_alice_buy(world: World) -> None:
    """Purchase days 280, 210 and 70 days ago, the second with two purchases of 1,000 and 2,000 yen, the third 5,000."""
    alice = world.customer("alice")
    happen(
        world,
        purchase(alice, 280, amount=9000),
        purchase(alice, 210, amount=1000),
        purchase(alice, 210, amount=2000),
        purchase(alice, 70, amount=5000),
    )


def one(value: float) -> Any:
    return np.array([float(value)])


def test_what_is_foretold_of_alice(world: World) -> None:
    let_alice_buy(world)
    keep_models(world.shop_id, NOON - timedelta(days=1))
    request = world.request("s1")
    of = (one(2), one(30), one(40))  # two purchase days after the first, 30 weeks from first to last, 40 until now
    alive = 1 / (1 + 0.793 / (2.426 + 1) * ((4.414 + 40) / (4.414 + 30)) ** 2.243)
    assert load_one(world, request, "prediction.active_probability") == pytest.approx(100 * alive)
    purchases = MODEL.expected_purchases(365 / 7, *of)[0]
    assert load_one(world, request, "prediction.expected_purchases") == pytest.approx(purchases)
    assert load_one(world, request, "prediction.expected_purchases", days=7) == pytest.approx(
        MODEL.expected_purchases(1, *of)[0]
    )
    silent = ((4.414 + 40) / (4.414 + 40 + 1)) ** 2.243
    assert load_one(world, request, "prediction.purchase_probability", days=7) == pytest.approx(
        100 * alive * (1 - silent)
    )
    # Two repeat days of 3,000 and 5,000: 6.25 × (1545 + 2 × 4000) / (6.25 × 2 + 3.74 − 1).
    amount = 6.25 * (1545 + 8000) / 15.24
    assert load_one(world, request, "prediction.expected_order_value") == round(amount)
    assert load_one(world, request, "prediction.expected_value") == round(amount * purchases)
    wait = int(np.ceil(44.414 * 7 * (2 ** (1 / 2.243) - 1)))
    assert load_one(world, request, "prediction.days_to_next_purchase") == wait
    assert load_one(world, request, "prediction.next_purchase_date") == TODAY + timedelta(days=wait)


def test_this_order_counts_for_what_is_to_come_and_not_for_what_was_before(world: World) -> None:
    order_id, buyer = place(world, make_order(placed_at=NOON - timedelta(days=2), number="#7"))
    happen(world, purchase(buyer, 282, amount=900), purchase(buyer, 72, amount=900))
    keep_models(world.shop_id, NOON - timedelta(days=1))
    request = world.request("s1", order_ids=(order_id,), customer_id=buyer, recipient_customer_id=buyer)
    found = load_all(world, request, dict.fromkeys(f"prediction.active_probability{end}" for end in ("", "_before")))
    now = MODEL.probability_alive(one(2), one(40), one(282 / 7))[0]
    before = MODEL.probability_alive(one(1), one(30), one(40))[0]
    assert found["prediction.active_probability"] == pytest.approx(100 * now)
    assert found["prediction.active_probability_before"] == pytest.approx(100 * before)


def test_a_first_order_is_judged_by_what_all_do(world: World) -> None:
    order_id, buyer = place(world, make_order(placed_at=NOON, source_updated_at=NOON, number="#7"))
    keep_models(world.shop_id, NOON - timedelta(days=1))
    request = world.request("s1", order_ids=(order_id,), customer_id=buyer)
    expected = {
        "prediction.active_probability": 100,
        "prediction.active_probability_before": None,
        "prediction.expected_order_value": round(6.25 * 1545 / 2.74),
        "customer.recency_score": None,
        "customer.segment": None,
        "customer.rfm_code": None,
    }
    assert load_all(world, request, expected) == expected
    assert load_one(world, request, "prediction.expected_purchases") == pytest.approx(
        MODEL.expected_purchases(365 / 7, one(0), one(0), one(0))[0]
    )


def test_without_model_history_or_person_nothing_is_foretold(world: World) -> None:
    let_alice_buy(world)
    questions = [ask(f"prediction.{key}") for key in KEYS] + [ask("customer.segment"), ask("customer.rfm_total")]
    requests = [world.request("s1"), world.request("s2", buyer=None), world.request("s3", buyer="bob")]
    assert load(world, requests, *questions) == [[None] * 3] * len(questions)
    keep_models(world.shop_id, NOON + timedelta(seconds=1))
    assert load(world, requests, *questions) == [[None] * 3] * len(questions), "no moment uses a later model"
    keep_models(world.shop_id, NOON)
    found = load(world, requests, *questions)
    assert all(alice is not None and guest is None and stranger is None for alice, guest, stranger in found)


def test_each_moment_uses_the_newest_model_it_may(world: World) -> None:
    let_alice_buy(world)
    for days_ago, rate in ((30, 0.5), (10, 0.7), (1, 0.9)):
        keep_models(world.shop_id, NOON - timedelta(days=days_ago), bg_nbd={"r": rate})
    moments = [NOON - timedelta(days=days) for days in (40, 30, 11, 10, 2, 0)]
    requests = [world.request(f"s{n}", moment=moment) for n, moment in enumerate(moments)]
    [found] = load(world, requests, ask("prediction.expected_purchases"), as_of=AsOf.KNOWN)
    expected: list[float | None] = []
    for moment, r in zip(moments, (None, 0.5, 0.5, 0.7, 0.7, 0.9), strict=True):
        model = None if r is None else BgNbd(r, 4.414, 0.793, 2.426)
        age = (280 - (NOON - moment).days) / 7
        expected.append(None if model is None else model.expected_purchases(365 / 7, one(2), one(30), one(age))[0])
    assert found == [None if each is None else pytest.approx(each) for each in expected]


def test_a_backtest_foretells_from_what_was_known(world: World) -> None:
    let_alice_buy(world)
    keep_models(world.shop_id, NOON - timedelta(days=100))
    late = purchase(world.customer("alice"), 7, known_at=NOON + timedelta(hours=1))
    happen(world, late, purchase(world.customer("alice"), -3))
    request = world.request("s1")
    known, recorded = (load_one(world, request, "prediction.active_probability", as_of) for as_of in
                       (AsOf.KNOWN, AsOf.RECORDED))  # fmt: skip
    assert known == pytest.approx(100 * MODEL.probability_alive(one(2), one(30), one(40))[0])
    assert recorded == pytest.approx(100 * MODEL.probability_alive(one(3), one(39), one(40))[0])


def test_buyer_and_recipient_are_foretold_apart(world: World) -> None:
    let_alice_buy(world)
    keep_models(world.shop_id, NOON)
    happen(world, purchase(world.customer("bob"), 14))
    gift = world.request("s1", recipient_customer_id=world.customer("bob"))
    key = "prediction.active_probability"
    [[alice], [bob]] = load(world, [gift], ask(key, Audience.BUYER), ask(key, Audience.RECIPIENT))
    assert alice < bob == 100


def test_scores_and_segment_by_the_fifths_of_the_shop(world: World) -> None:
    let_alice_buy(world)
    keep_models(world.shop_id, NOON)
    # Last 70 days ago: above 30 and 60. Four purchases: above 1, 1 and 2. 17,000 yen: above all.
    expected = {
        "customer.recency_score": 3,
        "customer.frequency_score": 4,
        "customer.monetary_score": 5,
        "customer.rfm_total": 12,
        "customer.rfm_code": "345",
        "customer.segment": "loyal",
    }
    assert load_all(world, world.request("s1"), expected) == expected


def test_equal_customers_get_equal_scores() -> None:
    fifths = Quantiles((10, 20, 30, 40), (1, 1, 2, 3), (100, 200, 300, 400))
    assert fifths.score_frequency(np.array([1.0, 2, 3, 4, np.nan])).tolist()[:4] == [1, 3, 4, 5]
    assert fifths.score_recency(np.array([0.0, 10, 11, 400])).tolist() == [5, 5, 4, 1]
    assert fifths.score_monetary(np.array([0.0, 400, 401])).tolist() == [1, 4, 5]


def test_every_pair_of_scores_has_a_segment_that_can_be_asked_for() -> None:
    assert set(SEGMENTS) == {choice.value for choice in SEGMENT_CHOICES}
    scores = np.array([[r, f] for r in range(1, 6) for f in range(1, 6)], dtype=np.float64)
    assert set(find_segments(scores[:, 0], scores[:, 1])) == set(range(len(SEGMENTS)))
    assert find_segments(np.array([np.nan]), np.array([5.0])).tolist() == [-1]
