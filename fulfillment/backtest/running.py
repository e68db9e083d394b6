"""One backtest from its row to its result: the past, its facts, both rulesets side by side, what is kept."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final
from uuid import UUID

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.aside import aside, can_be_aside
from core.db import session_scope
from core.jobs.models import Job
from core.jobs.service import report_progress
from core.memory import leaving_alone, without_collecting
from fulfillment.backtest.comparing import SIDES, Chosen, Dictionary, Reader, compare
from fulfillment.backtest.entries import Chapter, tell_side
from fulfillment.backtest.figures import Figures, Where
from fulfillment.backtest.keeping import Keeper
from fulfillment.backtest.models import Backtest, BacktestState
from fulfillment.backtest.past import load_past_requests
from fulfillment.backtest.rulebooks import load_draft, load_live
from fulfillment.backtest.segments import SEGMENT_QUESTION, name_segments
from fulfillment.paper_places import load_places
from personalization.past_state import PastState, load_past_state
from personalization.publishing import find_live_id
from personalization.requests import DecisionRequest
from personalization.resolver.batch import Batch
from personalization.resolver.events import Rows
from personalization.resolver.resolve import Rulebook
from personalization.simulating import Simulation, load_past_batch, with_arms
from personalization.writing import save_snapshot

# Progress is told in hundredths: reading the past is about a third of the work.
READ, FACTS, KEPT, WHOLE = 5, 35, 95, 100
# So few are decided sooner than a process is copied.
FEW: Final = 5000


class CancelledError(Exception):
    """Somebody no longer wants to know."""


@dataclass
class Run:
    """One attempt. Reads and decides within the job's transaction; only its end writes."""

    session: Session
    job: Job
    backtest: Backtest
    keeper: Keeper = field(init=False)
    figures: Figures = field(default_factory=Figures)
    dictionary: Dictionary = field(default_factory=Dictionary)

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.session)

    def work(self) -> None:
        # What is read stays until the end: nobody shall look through it for garbage, neither now nor while deciding.
        with without_collecting():
            batch, state = self._read()
            with leaving_alone():
                self._decide(batch, state)
        self._advance(KEPT)
        self._write(state)

    def _read(self) -> tuple[Batch, PastState]:
        requests = self._requests
        self._advance(READ)
        batch = load_past_batch(
            self.session,
            self.backtest.shop_id,
            requests,
            [rulebook.document for rulebook in self._rulebooks],
            further=[SEGMENT_QUESTION],
        )
        self._advance(FACTS)
        return batch, self._load_state(requests)

    @cached_property
    def _requests(self) -> list[DecisionRequest]:
        test = self.backtest
        return load_past_requests(self.session, test.shop_id, test.since, test.until, sample=test.sample)

    @cached_property
    def _live_id(self) -> UUID | None:
        return find_live_id(self.session, self.backtest.shop_id)

    @cached_property
    def _rulebooks(self) -> tuple[Rulebook, Rulebook]:
        """The live ruleset and the draft."""
        live = load_live(self.session, self.backtest.shop_id, self._live_id)
        return live, load_draft(self.backtest.document, self.backtest.catalogue, live)

    def _load_state(self, requests: Sequence[DecisionRequest]) -> PastState:
        persons = {person for r in requests for person in (r.customer_id, r.recipient_customer_id) if person}
        share = 1.0 if self.backtest.sample is None else self.backtest.sample
        test = self.backtest
        return load_past_state(self.session, test.shop_id, test.since, persons, self._rulebooks, share=share)

    def _prepare(self, batch: Batch, state: PastState, rulebook: Rulebook, *, is_draft: bool) -> Simulation:
        own = with_arms(self.session, self.backtest.shop_id, batch, rulebook.document, simulated=is_draft)
        places = partial(load_places, self.session, self.backtest.shop_id)
        return Simulation(self.session, self.backtest.shop_id, rulebook, own, state, places=places)

    def _decide(self, batch: Batch, state: PastState) -> None:
        simulations = [
            self._prepare(batch, state, rulebook, is_draft=is_draft)
            for rulebook, is_draft in zip(self._rulebooks, (False, True), strict=True)
        ]
        with tell_sides(simulations, len(batch.requests)) as sides:
            readers = [Reader(self.dictionary) for _ in SIDES]
            past = Past(batch)
            for live, draft in zip(*sides, strict=True):
                self._compare(past, live[0].rows, (readers[0].read(live), readers[1].read(draft)))
                self._advance(FACTS + (KEPT - FACTS) * self.keeper.count // len(batch.requests))

    def _compare(self, past: "Past", rows: list[int], sides: tuple[Chosen, Chosen]) -> None:
        where = past.find(rows)
        difference = compare(*sides, len(rows), self.dictionary)
        self.figures.add(sides, difference.change, where, past.warehouses, self.dictionary)
        shipments = [past.batch.requests[row].shipment_id for row in rows]
        self.keeper.add(shipments, sides, difference, where.segment)

    def _advance(self, done: int) -> None:
        """Tell how far it is, and stop when nobody wants to know any more."""
        report_progress(self.job, done, WHOLE)
        asked = select(Backtest.cancel_requested_at).where(Backtest.id == self.backtest.id)
        if self.session.scalar(asked) is not None:
            raise CancelledError

    def _write(self, state: PastState) -> None:
        test, live = self.backtest, self._rulebooks[0]
        self.keeper.write(test.shop_id, test.id, list(self.dictionary.contents))
        places = {*self.figures.live.taken, *self.figures.draft.taken}
        free = {place: state.find_free(*place) for place in places}
        finish(
            self.session,
            test,
            BacktestState.DONE,
            live_version_id=self._live_id,
            inserts_digest=save_snapshot(self.session, test.shop_id, live.inserts, clock.now()),
            shipment_count=self.figures.shipments,
            summary=self.figures.summarise(live.inserts, free),
        )
        report_progress(self.job, WHOLE, WHOLE)


@dataclass
class Past:
    """What figures are told apart by."""

    batch: Batch

    @cached_property
    def warehouses(self) -> list[UUID]:
        return list(dict.fromkeys(request.warehouse_id for request in self.batch.requests))

    @cached_property
    def _warehouse(self) -> Rows:
        places = {warehouse_id: place for place, warehouse_id in enumerate(self.warehouses)}
        return np.array([places[request.warehouse_id] for request in self.batch.requests], dtype=np.int64)

    @cached_property
    def _segments(self) -> list[str]:
        return name_segments(self.batch)

    def find(self, rows: Sequence[int]) -> Where:
        return Where(self._warehouse[rows], self.batch.accepted_on[rows], [self._segments[row] for row in rows])


@contextmanager
def tell_sides(simulations: Sequence[Simulation], rows: int) -> Iterator[list[Iterator[Chapter]]]:
    """Give the chapters of each simulation: those of many rows are decided beside this process, which compares and
    stages them meanwhile.
    """
    if rows <= FEW or not can_be_aside():
        yield [tell_side(simulation) for simulation in simulations]
        return
    for simulation in simulations:
        simulation.prepare()
    with ExitStack() as copies:
        yield [copies.enter_context(aside(partial(tell_side, simulation))) for simulation in simulations]


def run_backtest(session: Session, job: Job, backtest_id: UUID) -> None:
    """Work a backtest that waits; what has ended already is left as it is. Repeating it gives the same result."""
    with session_scope([job.shop_id]) as aside:
        started = aside.execute(
            update(Backtest)
            .where(Backtest.id == backtest_id, Backtest.state.in_([BacktestState.QUEUED, BacktestState.RUNNING]))
            .values(state=BacktestState.RUNNING)
            .returning(Backtest.id)
        ).one_or_none()
    if started is None:
        return
    backtest = session.get_one(Backtest, backtest_id, populate_existing=True)
    try:
        Run(session, job, backtest).work()
    except CancelledError:
        finish(session, backtest, BacktestState.CANCELLED)


def finish(session: Session, backtest: Backtest, state: BacktestState, **values: object) -> None:
    """End it once: whoever ended it before was first."""
    session.execute(
        update(Backtest)
        .where(Backtest.id == backtest.id, Backtest.state == BacktestState.RUNNING)
        .values(state=state, finished_at=clock.now(), **values)
    )
