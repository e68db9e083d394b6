"""The past decided again, in memory: facts as known then, limits, stock and promises as they stood when it began.

Nothing is written. The evaluator and the resolver are those of live decisions; only the ledger is another one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core.tenancy import get_shop
from personalization.contention import get_rule_person
from personalization.coupons.reserving import read_till
from personalization.experiments.arms import load_arms
from personalization.facts.fact import AsOf
from personalization.facts.question import Question
from personalization.loading.loader import Loading
from personalization.offering import Offers, load_offers
from personalization.past_state import OpenPromise, PastState
from personalization.placing import Places
from personalization.requests import DecisionRequest
from personalization.resolver.batch import Batch, list_questions
from personalization.resolver.crowds.decided import DecidedRun, Numbering, Teller, Told
from personalization.resolver.crowds.deciding import Crowds
from personalization.resolver.ledger import MemoryLedger
from personalization.resolver.parcel import BackOrder, OwedInsert
from personalization.resolver.resolve import Matches, Resolved, Resolver, Rulebook, list_turns, match
from personalization.rulesets.ruleset import Rule, RulesetDocument

# So many follow each other, at most, before it is asked again what has become scarce.
RUN: Final = 4000


def load_past_batch(
    session: Session,
    shop_id: UUID,
    requests: Sequence[DecisionRequest],
    documents: Sequence[RulesetDocument],
    *,
    as_of: AsOf = AsOf.KNOWN,
    further: Sequence[Question] = (),
) -> Batch:
    """Return the facts of these requests for everything the documents and `further` ask, as known at each moment."""
    zone = get_shop(session, shop_id).zone
    asked = {question for document in documents for question in list_questions(document)} | set(further)
    questions = sorted(asked, key=lambda question: question.code)
    columns = Loading(session, shop_id, zone, requests, as_of).load(questions)
    return Batch(requests, {question: columns[question] for question in questions}, zone)


def with_arms(session: Session, shop_id: UUID, batch: Batch, document: RulesetDocument, *, simulated: bool) -> Batch:
    """Return the batch with the arms of this document's experiments; what was evaluated already is shared."""
    arms = load_arms(session, shop_id, document, batch.requests, simulated=simulated)
    return batch.with_arms(arms)


@dataclass(frozen=True, slots=True)
class Simulated:
    """One row's result; `owed` is what earlier parcels owed its customer when its turn came."""

    row: int
    resolved: Resolved
    owed: Sequence[OwedInsert]


@dataclass
class Promises:
    """What earlier parcels owe, by the row whose turn it is: kept promises go, new ones come."""

    batch: Batch
    rulebook: Rulebook
    ledger: MemoryLedger
    open: dict[UUID, list[OpenPromise]] = field(default_factory=lambda: defaultdict(list))
    # Promises of a simulation are numbered: repeating it names them alike.
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def of(self, row: int) -> Sequence[OwedInsert]:
        if not self.open:
            return ()
        request = self.batch.requests[row]
        if request.customer_id is None or self.batch.hides_buyer[row]:
            return ()
        listed = self.open.get(request.customer_id, ())
        # Ids are compared by their numbers: a quarter of the time.
        own = request.shipment_id.int
        return [promise.owed for promise in listed if promise.shipment_id.int != own]

    def settle(self, row: int, resolved: Resolved) -> None:
        """Take out what this row kept and note what it promises."""
        customer_id = self.batch.requests[row].customer_id
        if customer_id in self.open:
            self._keep(self.open[customer_id], resolved)
        if resolved.back_orders:
            self.promise(row, resolved.back_orders)

    def promise(self, row: int, back_orders: Sequence[BackOrder]) -> None:
        """Note what a row promises. It counts against limits when it is given, as its allotment does."""
        request, rules = self.batch.requests[row], self.rulebook.document.by_key
        for back in back_orders:
            rule = rules[back.rule_key]
            person = get_rule_person(rule, self.batch, row)
            if person is not None:
                owed = OwedInsert(UUID(int=next(self._numbers)), back.insert_key, back.quantity)
                self.open[person].append(OpenPromise(owed, request.shipment_id))
            self._count(rule, back, person, request)

    def _count(self, rule: Rule, back: BackOrder, person: UUID | None, request: DecisionRequest) -> None:
        if rule.limits:
            self.ledger.use(rule.subject, person, request)
        if self.rulebook.inserts[back.insert_key].limit_per_customer is not None:
            self.ledger.use(f"insert:{back.insert_key}", person, request)

    def _keep(self, promised: list[OpenPromise], resolved: Resolved) -> None:
        kept = {chosen.owed_allotment_id for chosen in resolved.plan.fired if chosen.owed_allotment_id is not None}
        if kept:
            promised[:] = [promise for promise in promised if promise.owed.allotment_id not in kept]


@dataclass
class Simulation:
    """One ruleset over the past, each row decided as if it were its day, with what the rows before it left."""

    session: Session
    shop_id: UUID
    rulebook: Rulebook
    batch: Batch
    state: PastState
    as_of: AsOf = AsOf.KNOWN
    places: Callable[[], Places] | None = None

    @cached_property
    def matches(self) -> Matches:
        return match(self.rulebook, self.batch)

    @cached_property
    def offers(self) -> Offers:
        return load_offers(self.session, self.shop_id, self.rulebook, self.batch, self.matches, self.as_of, self.places)

    @cached_property
    def ledger(self) -> MemoryLedger:
        ledger = self.state.open_ledger(self.rulebook)
        if self.offers.series:
            _count_coupons(self.session, self.shop_id, self.batch, self.offers, ledger, self.state.share)
        return ledger

    @cached_property
    def promises(self) -> Promises:
        return Promises(self.batch, self.rulebook, self.ledger, self.state.open_promises())

    @cached_property
    def _resolver(self) -> Resolver:
        offers = self.offers
        return Resolver(self.rulebook, self.batch, self.matches, self.ledger, offers.supplies, offers.placing)

    def prepare(self) -> None:
        """Ask the database whatever there is to ask: afterwards it is left alone."""
        # Without rules that offer anything nothing is asked, and matching them can wait.
        if any(rule.coupons or rule.recommendations for rule in self.rulebook.document.active):
            _ = self.ledger
            if self.offers.placing is not None:
                self.offers.placing.prepare()

    def decide(self) -> Iterator[Simulated]:
        """Yield the rows in order of age."""
        for runs in self._decide_runs():
            for run in runs:
                for row, (resolved, owed) in zip(run.rows, run.list_decided(self.matches), strict=True):
                    yield Simulated(row, resolved, owed)

    def tell(self, numbering: Numbering) -> Iterator[Told]:
        """Yield the rows in order of age, so many at a time, as numbers."""
        teller = Teller(self.matches, numbering)
        return map(teller.tell, self._decide_runs())

    def _decide_runs(self) -> Iterator[list[DecidedRun]]:
        crowds, turns = Crowds(self._resolver, self.ledger), list_turns(self.batch.requests)
        for start in range(0, len(turns), RUN):
            yield list(crowds.decide(turns[start : start + RUN], self.promises))


def simulate(
    session: Session,
    shop_id: UUID,
    rulebook: Rulebook,
    batch: Batch,
    state: PastState,
    *,
    as_of: AsOf = AsOf.KNOWN,
    places: Callable[[], Places] | None = None,
) -> Iterator[Simulated]:
    """Yield the rows in order of age."""
    return Simulation(session, shop_id, rulebook, batch, state, as_of, places).decide()


def _count_coupons(
    session: Session, shop_id: UUID, batch: Batch, offers: Offers, ledger: MemoryLedger, share: float
) -> None:
    """Let the ledger count scarce series as if none of these shipments had a code yet."""
    till = read_till(session, shop_id, [request.shipment_id for request in batch.requests], offers.series)
    for pool in till.pools.values():
        pool.firm = pool.size - round(max(0, pool.size - pool.firm) * share)
    till.put_into(ledger, batch.requests)
