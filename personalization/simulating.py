"""The past decided again, in memory: facts as known then, limits, stock and promises as they stood when it began.

Nothing is written. The evaluator and the resolver are those of live decisions; only the ledger is another one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
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
from personalization.resolver.ledger import MemoryLedger
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.resolve import Matches, Resolved, Resolver, Rulebook, list_turns, match
from personalization.rulesets.ruleset import RulesetDocument


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
        return [promise.owed for promise in listed if promise.shipment_id != request.shipment_id]

    def settle(self, row: int, resolved: Resolved, rulebook: Rulebook) -> None:
        """Take out what this row kept and note what it promises."""
        request = self.batch.requests[row]
        kept = {chosen.owed_allotment_id for chosen in resolved.plan.fired if chosen.owed_allotment_id is not None}
        if kept and request.customer_id is not None:
            listed = self.open[request.customer_id]
            listed[:] = [promise for promise in listed if promise.owed.allotment_id not in kept]
        for back in resolved.back_orders:
            person = get_rule_person(rulebook.document.by_key[back.rule_key], self.batch, row)
            if person is not None:
                owed = OwedInsert(UUID(int=next(self._numbers)), back.insert_key, back.quantity)
                self.open[person].append(OpenPromise(owed, request.shipment_id))


@dataclass
class Simulation:
    """One ruleset over the past, row by row in order of age, each decided as if it were its day, with what the rows
    before it left.
    """

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
        return Promises(self.batch, self.state.open_promises())

    @cached_property
    def _resolver(self) -> Resolver:
        offers = self.offers
        return Resolver(self.rulebook, self.batch, self.matches, self.ledger, offers.supplies, offers.placing)

    def decide(self, row: int) -> Simulated:
        owed = self.promises.of(row)
        resolved = self._resolver.decide(row, owed)
        return self.settle(Simulated(row, resolved, owed))

    def settle(self, done: Simulated) -> Simulated:
        """Let later rows know what this one kept and what it promises."""
        row, resolved = done.row, done.resolved
        if resolved.back_orders or done.owed:
            self.promises.settle(row, resolved, self.rulebook)
            _count_promises(self.rulebook, self.batch, row, resolved, self.ledger)
        return done


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
    simulation = Simulation(session, shop_id, rulebook, batch, state, as_of, places)
    return (simulation.decide(row) for row in list_turns(batch.requests))


def _count_coupons(
    session: Session, shop_id: UUID, batch: Batch, offers: Offers, ledger: MemoryLedger, share: float
) -> None:
    """Let the ledger count scarce series as if none of these shipments had a code yet."""
    till = read_till(session, shop_id, [request.shipment_id for request in batch.requests], offers.series)
    for pool in till.pools.values():
        pool.firm = pool.size - round(max(0, pool.size - pool.firm) * share)
    till.put_into(ledger, batch.requests)


def _count_promises(rulebook: Rulebook, batch: Batch, row: int, resolved: Resolved, ledger: MemoryLedger) -> None:
    """A promise counts against limits when it is given, as its allotment does."""
    for back in resolved.back_orders:
        rule = rulebook.document.by_key[back.rule_key]
        person = get_rule_person(rule, batch, row)
        if rule.limits:
            ledger.use(f"rule:{rule.key}", person, batch.requests[row])
        if rulebook.inserts[back.insert_key].limit_per_customer is not None:
            ledger.use(f"insert:{back.insert_key}", person, batch.requests[row])
