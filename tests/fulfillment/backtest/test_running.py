"""Backtests over a real past: what they find, what they must not see, what they leave alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.aside import aside
from core.db import session_scope
from core.jobs.models import Job
from core.jobs.service import report_progress
from crm_link.kinds import TouchpointKind
from crm_link.service import erase_customer, record_touchpoints
from fulfillment.backtest import running
from fulfillment.backtest.download import write_csv
from fulfillment.backtest.errors import AlreadyEndedError, PeriodError, ShipmentNotTriedError
from fulfillment.backtest.models import BacktestDecision, BacktestState
from fulfillment.backtest.past import load_past_requests
from fulfillment.backtest.queries import ChangeFilter, list_backtests, list_changes
from fulfillment.backtest.service import Period, cancel_backtest, start_backtest
from fulfillment.backtest.traces import read_traces
from fulfillment.backtest.what_if import BasketIn, BasketLine, Question, ask_what_if
from fulfillment.models import Shipment
from personalization import simulating
from personalization.coupons.service import save_series
from personalization.errors import RulesetError
from personalization.models import Decision
from tests.conftest import FixedClock
from tests.factories.crm_link import make_touchpoint
from tests.fulfillment.backtest.world import PastShop, RunJobs, document, enclose, make_past_shop
from tests.fulfillment.test_offers import SERIES

LEAFLETS = enclose("leaflets", "leaflet")
SAMPLES = enclose("samples", "sample", limits=[{"per_customer": 1}])
# The past is read, its facts are, and the first run is staged.
STAGED_FIRST = 3
TICKETS = {"fact": "history.ticket_count", "op": "at_least", "value": 1}


@pytest.fixture
def past(database: str, clock: FixedClock, run_jobs: RunJobs) -> PastShop:
    return make_past_shop(clock, run_jobs, LEAFLETS, SAMPLES)


def buyers(past: PastShop) -> list[UUID]:
    with session_scope([past.shop_id]) as session:
        found = session.scalars(select(Shipment.customer_id).order_by(Shipment.accepted_at))
        return [person for person in found if person is not None]


def test_the_live_rules_tried_again_change_nothing_and_choose_what_was_chosen(past: PastShop) -> None:
    view = past.run(document(LEAFLETS, SAMPLES))
    assert view.state is BacktestState.DONE
    assert view.summary is not None
    assert view.summary["changes"] == {"same": 6, "gained": 0, "lost": 0, "changed": 0}
    with session_scope([past.shop_id]) as session:
        chosen = session.execute(
            text(
                """
                SELECT d.shipment_id, d.live_plan = d.draft_plan AS same,
                       (SELECT array_agg(e.content ->> 4 ORDER BY e.content ->> 4) FROM backtest_entries e
                         WHERE e.backtest_id = d.backtest_id AND e.number = ANY(d.live_plan)
                           AND e.content ->> 0 = 'chosen') AS kept
                  FROM backtest_decisions d
                """
            )
        ).all()
        current = session.execute(select(Decision.shipment_id, Decision.fired).where(Decision.superseded_at.is_(None)))
        decided = {row.shipment_id: sorted(chosen["insert_key"] for chosen in row.fired or ()) for row in current}
    assert {row.shipment_id: row.kept for row in chosen} == decided
    assert all(row.same for row in chosen)


COUPONS = {**enclose("coupons", "sample"), "then": [{"do": "coupon", "series": "winter"}]}


@pytest.mark.parametrize("rule", [enclose("samples", "sample"), COUPONS], ids=["inserts", "coupons"])
def test_two_cores_find_what_one_finds(past: PastShop, monkeypatch: pytest.MonkeyPatch, rule: dict[str, Any]) -> None:
    with session_scope([past.shop_id]) as session:
        save_series(session, past.shop_id, SERIES)
    draft = document(rule)
    found, copies = [], []

    @contextmanager
    def watch(make: Callable[[], Iterator[Any]]) -> Iterator[Iterator[Any]]:
        copies.append(make)
        with aside(make) as chapters:
            yield chapters

    monkeypatch.setattr(running, "aside", watch)
    monkeypatch.setattr(running, "can_be_aside", lambda: sys.platform == "linux")
    for few in (running.FEW, 0):
        monkeypatch.setattr(running, "FEW", few)
        view = past.run(draft)
        with session_scope([past.shop_id]) as session:
            kept = session.execute(
                text(
                    """
                    SELECT d.position, d.shipment_id, d.change, d.gained, d.lost, d.segment, d.live_plan, d.draft_plan,
                           d.live_seen, d.draft_seen, (SELECT jsonb_agg(e.content ORDER BY e.number)
                      FROM backtest_entries e WHERE e.backtest_id = d.backtest_id) AS entries
                      FROM backtest_decisions d WHERE d.backtest_id = :id ORDER BY d.position
                    """
                ),
                {"id": view.id},
            ).all()
        assert len(kept) == len(past.shipments)
        found.append((view.summary, kept))
    assert found[0] == found[1]
    assert len(copies) == 2 * (sys.platform == "linux")


def test_rows_are_staged_run_by_run_and_none_is_kept_when_somebody_cancels_meanwhile(
    past: PastShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating, "RUN", 4)
    view = past.run(document(enclose("samples", "sample")))
    assert [change.shipment_id for change in past.changes(view.id)] == past.shipments
    staged: list[int] = []

    def cancel(job: Job, done: int, total: int) -> None:
        report_progress(job, done, total)
        staged.append(done)
        if len(staged) == STAGED_FIRST:
            with session_scope([past.shop_id]) as session:
                session.execute(text("UPDATE backtests SET cancel_requested_at = now() WHERE state = 'running'"))

    monkeypatch.setattr(running, "report_progress", cancel)
    cancelled = past.run(document(enclose("samples", "sample")))
    assert cancelled.state is BacktestState.CANCELLED
    assert past.changes(cancelled.id) == []
    assert len(staged) == STAGED_FIRST


def test_a_draft_shows_who_gains_and_loses_and_what_it_costs(past: PastShop) -> None:
    before = past.count_written()
    view = past.run(document(enclose("samples", "sample")))
    summary = view.summary
    assert summary is not None
    # Two samples are in stock: the live rules give each customer one at most, the draft gives them to whoever comes.
    assert summary["inserts"]["leaflet"] == {"live": {"units": 6, "cost": 60}, "draft": {"units": 0, "cost": 0}}
    assert summary["inserts"]["sample"]["live"] == {"units": 2, "cost": 80}
    assert summary["changes"] == {"same": 0, "gained": 0, "lost": 6, "changed": 0}
    stock = next(entry for entry in summary["stock"] if entry["insert"] == "sample")
    assert (stock["start"], stock["draft"]["left"]) == (2, 0)
    assert stock["draft"]["days"][-1][1] == 0
    assert stock["draft"]["runs_out_on"] is not None
    assert {name: each["shipments"] for name, each in summary["segments"].items()} == {"first": 3, "second": 3}
    assert past.count_written() == before


def test_neither_the_future_nor_what_was_told_late_is_seen(past: PastShop, clock: FixedClock) -> None:
    people = buyers(past)
    with session_scope([past.shop_id]) as session:
        first = session.scalars(select(Shipment).order_by(Shipment.accepted_at)).first()
        assert first is not None
        moment = first.accepted_at
        record_touchpoints(
            session,
            past.shop_id,
            [
                # Happened after the order, known at once; happened before it, known only afterwards.
                make_touchpoint(people[0], kind=TouchpointKind.SUPPORT_TICKET, occurred_at=moment + timedelta(hours=1)),
                make_touchpoint(
                    people[0],
                    kind=TouchpointKind.SUPPORT_TICKET,
                    occurred_at=moment - timedelta(days=2),
                    known_at=moment + timedelta(hours=2),
                ),
                # Happened and known before: seen.
                make_touchpoint(people[1], kind=TouchpointKind.SUPPORT_TICKET, occurred_at=moment - timedelta(days=2)),
            ],
        )
    tagged = document(LEAFLETS, SAMPLES, {**enclose("t", "leaflet", TICKETS), "then": [{"do": "tag", "tag": "t"}]})
    view = past.run(tagged)
    with session_scope([past.shop_id]) as session:
        changed = [row.shipment_id for row in list_changes(session, past.shop_id, view.id)]
    # The customer of order 0 ordered again as order 3: only then was anything known.
    assert changed == [past.shipments[1], past.shipments[3], past.shipments[4]]


def test_both_traces_of_a_shipment_stand_side_by_side(past: PastShop) -> None:
    view = past.run(document(SAMPLES))
    with session_scope([past.shop_id]) as session:
        pair = read_traces(session, past.shop_id, view.id, past.shipments[0], "en")
        assert [c.insert_key for c in pair.live.plan.enclosures] == ["leaflet", "sample"]
        assert [c.insert_key for c in pair.draft.plan.enclosures] == ["sample"]
        assert pair.live.is_as_kept
        assert pair.draft.is_as_kept
        lost = read_traces(session, past.shop_id, view.id, past.shipments[3], "en").live
    assert lost.is_as_kept
    assert [rule.outcome for rule in lost.told.rules] == ["fired", "lost"]


def test_pages_filters_and_the_download(past: PastShop) -> None:
    view = past.run(document(SAMPLES))
    with session_scope([past.shop_id]) as session:
        first = list_changes(session, past.shop_id, view.id, limit=4)
        rest = list_changes(session, past.shop_id, view.id, after=first[-1].position, limit=4)
        assert [row.shipment_id for row in (*first, *rest)] == past.shipments
        assert list_changes(session, past.shop_id, view.id, ChangeFilter(insert="sample")) == []
        assert len(list_changes(session, past.shop_id, view.id, ChangeFilter(insert="leaflet", segment="first"))) == 3
        lines = "".join(write_csv(session, past.shop_id, view.id)).splitlines()
        assert [found.id for found in list_backtests(session, past.shop_id)] == [view.id]
    assert len(lines) == 7
    assert lines[1].split(",")[2:] == ["lost", "", "leaflet", "first"]


def test_a_sample_draws_whole_customers_and_always_the_same(past: PastShop) -> None:
    with session_scope([past.shop_id]) as session:
        drawn = [
            load_past_requests(session, past.shop_id, past.since, past.until, sample=share) for share in (0.5, 0.5, 1.0)
        ]
        latest = load_past_requests(session, past.shop_id, past.since, past.until, limit=2)
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) % 2 == 0
    assert [request.shipment_id for request in drawn[2]] == past.shipments
    assert [request.shipment_id for request in latest] == past.shipments[-2:]
    assert all(request.moment == request.accepted_at for request in latest)


def test_one_that_is_not_begun_can_be_cancelled_and_an_ended_one_cannot(past: PastShop, run_jobs: RunJobs) -> None:
    with session_scope([past.shop_id]) as session:
        period = Period(past.since, past.until)
        backtest_id = start_backtest(session, past.shop_id, document(SAMPLES), period, author="test")
        cancel_backtest(session, past.shop_id, backtest_id)
    run_jobs()
    assert past.get(backtest_id).state is BacktestState.CANCELLED
    assert past.changes(backtest_id) == []
    with session_scope([past.shop_id]) as session, pytest.raises(AlreadyEndedError):
        cancel_backtest(session, past.shop_id, backtest_id)


def test_mistakes_are_refused_with_their_place(past: PastShop) -> None:
    with session_scope([past.shop_id]) as session:
        with pytest.raises(RulesetError) as refused:
            start_backtest(
                session, past.shop_id, document(enclose("x", "nothing")), Period(past.since, past.until), author="test"
            )
        assert refused.value.problems[0].place == "$.rules[0].then[0].insert"
        with pytest.raises(PeriodError):
            start_backtest(session, past.shop_id, document(), Period(past.until, past.since), author="test")


def test_an_erased_customer_is_gone_from_every_backtest(past: PastShop) -> None:
    view = past.run(document(SAMPLES))
    person = buyers(past)[0]
    with session_scope([past.shop_id]) as session:
        erase_customer(session, past.shop_id, person)
    with session_scope([past.shop_id]) as session:
        kept = session.scalars(select(BacktestDecision).where(BacktestDecision.shipment_id == past.shipments[0])).one()
        assert (kept.live_plan, kept.draft_plan, kept.live_seen, kept.draft_seen) == (None,) * 4
        assert (kept.gained, kept.lost, kept.segment) == (None,) * 3
        with pytest.raises(ShipmentNotTriedError):
            read_traces(session, past.shop_id, view.id, past.shipments[0], "ja")


def test_what_a_customer_would_get_is_told_and_nothing_is_written(past: PastShop) -> None:
    person = buyers(past)[0]
    before = past.count_written()
    rich = {"fact": "order.goods_total", "op": "at_least", "value": 5000}
    with session_scope([past.shop_id]) as session:
        basket = BasketIn(lines=[BasketLine(sku="SKU-1", quantity=2, price=3000), BasketLine(sku="NEW")])
        now = ask_what_if(session, past.shop_id, Question(customer_id=person, basket=basket), "en")
        draft = document(enclose("rich", "leaflet", rich))
        asked = Question(customer_id=person, basket=basket, document=draft)
        tried = ask_what_if(session, past.shop_id, asked, "en")
        small = BasketIn(lines=[BasketLine(sku="SKU-1", price=10)])
        poor = ask_what_if(session, past.shop_id, Question(customer_id=person, basket=small, document=draft), "en")
        orders = session.scalar(text("SELECT count(*) FROM orders WHERE source = 'what-if'"))
    assert [chosen.insert_key for chosen in now.plan.enclosures] == ["leaflet"]
    assert now.unknown_skus == ("NEW",)
    assert [chosen.insert_key for chosen in tried.plan.enclosures] == ["leaflet"]
    assert poor.plan.enclosures == ()
    assert poor.told.rules[0].outcome == "not_matched"
    assert orders == 0
    assert past.count_written() == before
