"""A run of parcels decided: whatever is plain together, then the others one by one, by age; and what each has seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from personalization.models import WhenOut
from personalization.requests import Part
from personalization.resolver.crowds.conditions import Conditions
from personalization.resolver.crowds.crowd import Crowd
from personalization.resolver.crowds.decided import Decided, DecidedRun, Owed
from personalization.resolver.crowds.means import Means, Run
from personalization.resolver.crowds.prepared import CrowdRule, Prepared
from personalization.resolver.crowds.seeing import Seeing
from personalization.resolver.events import Rows, Values, find_bounds
from personalization.resolver.ledger import MemoryLedger
from personalization.resolver.parcel import BackOrder, OwedInsert
from personalization.resolver.resolve import Resolved, Resolver
from personalization.rulesets.standing import ALLERGIES, CARE


class Promising(Protocol):
    """What earlier parcels owe, as rows find it at their turn."""

    def of(self, row: int) -> Sequence[OwedInsert]: ...

    def settle(self, row: int, resolved: Resolved) -> None:
        """Take out what this row kept and note what it promises."""

    def promise(self, row: int, back_orders: Sequence[BackOrder]) -> None:
        """Note what a row promises."""


# So few are sooner decided one by one.
FEW: Final = 32
# A run is halved, down to this length, while fewer than so many of it are plain.
SHORT: Final = 250
MOST: Final = 0.85


@dataclass
class Crowds:
    """Decides runs of rows for a resolver whose ledger is in memory; runs, and the rows of each, are asked by age."""

    resolver: Resolver
    ledger: MemoryLedger
    _values: Values = field(default_factory=Values)

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(self.resolver.rulebook)

    def decide(self, rows: Sequence[int], promises: Promising) -> Iterator[DecidedRun]:
        """Yield what is chosen for the rows, in one run or in several."""
        if len(rows) < FEW:
            decided = [self._decide_alone(row, promises) for row in rows]
            alone = {place: resolved for place, (resolved, _) in enumerate(decided)}
            yield DecidedRun(rows, [owed for _, owed in decided], alone)
            return
        run, owed = self._begin(rows), [promises.of(row) for row in rows]
        means = Means(self._prepared, self.ledger, run)
        is_plain = self._find_plain(rows, run, means, owed)
        if len(rows) >= 2 * SHORT and is_plain.mean() < MOST:
            # Less is scarce for fewer at a time.
            middle = len(rows) // 2
            yield from self.decide(rows[:middle], promises)
            yield from self.decide(rows[middle:], promises)
            return
        crowd = self._decide_plain(rows, is_plain, means, owed)
        for place, promised in crowd.list_owing():
            promises.promise(rows[place], promised)
        alone = {}
        for place in np.flatnonzero(~is_plain).tolist():
            alone[place], owed[place] = self._decide_alone(rows[place], promises)
        Seeing(means, crowd).tell(alone)
        yield DecidedRun(rows, owed, alone, crowd)

    def _decide_alone(self, row: int, promises: Promising) -> Decided:
        owed = promises.of(row)
        resolved = self.resolver.decide(row, owed)
        promises.settle(row, resolved)
        return resolved, owed

    def _begin(self, rows: Sequence[int]) -> Run:
        requests, acting = self.resolver.batch.requests, self.resolver.matches.acting.take(np.array(rows))
        return Run([requests[row] for row in rows], acting.rows, acting.numbers)

    def _find_plain(self, rows: Sequence[int], run: Run, means: Means, owed: Sequence[Owed]) -> NDArray[np.bool_]:
        """Whole orders without care flags that want nothing scarce, and nothing that older ones of the run may have
        changed for the same person: counts of what is limited, promises.
        """
        is_plain, counts = np.ones(len(rows), dtype=np.bool_), np.zeros(len(rows), dtype=np.bool_)
        is_plain[run.pair_rows[means.is_hard[run.warehouse[run.pair_rows], run.pair_rules]]] = False
        counts[run.pair_rows[self._prepared.counts_persons[run.pair_rules]]] = True
        may_promise = bool(self._prepared.promised.any())
        owes = np.zeros(len(rows), dtype=np.bool_)
        owes[run.pair_rows[means.promises[run.warehouse[run.pair_rows], run.pair_rules]]] = True
        special, people = self._special, self._people
        counted: set[UUID] = set()
        alone: set[UUID] = set()
        for place, (row, is_counted, may_owe) in enumerate(zip(rows, counts.tolist(), owes.tolist(), strict=True)):
            persons = people[row]
            is_after = (is_counted and not counted.isdisjoint(persons)) or not alone.isdisjoint(persons)
            if is_after or row in special or (owed[place] and self._may_keep(owed[place], means, place)):
                is_plain[place] = False
            if is_counted:
                counted.update(persons)
            if may_owe or (may_promise and not is_plain[place]):
                alone.update(persons)
        return is_plain

    @cached_property
    def _people(self) -> list[frozenset[UUID]]:
        """Buyer and recipient of each row of the batch, as far as they are known."""
        found = ((request.customer_id, request.recipient_customer_id) for request in self.resolver.batch.requests)
        return [frozenset(person for person in persons if person is not None) for persons in found]

    @cached_property
    def _special(self) -> frozenset[int]:
        """The rows that are no whole order, are offered something, or of which care flags or allergies count."""
        batch = self.resolver.batch
        parts = {row for row, each in enumerate(batch.requests) if each.part is not Part.WHOLE or each.again}
        return frozenset(parts | set(self.resolver.supplies) | batch.list_rows(CARE) | batch.list_rows(ALLERGIES))

    def _may_keep(self, owed: Owed, means: Means, place: int) -> bool:
        """Whether anything owed could go in: there is some of it, or of what stands in for it."""
        dry, inserts = means.is_dry[means.run.warehouse[place]], self.resolver.rulebook.inserts
        known = [inserts[each.insert_key] for each in owed if each.insert_key in inserts]
        places = self._prepared.insert_places
        return any(insert.when_out is WhenOut.SUBSTITUTE or not dry[places[insert.key]] for insert in known)

    def _decide_plain(
        self, rows: Sequence[int], is_plain: NDArray[np.bool_], means: Means, owed: Sequence[Owed]
    ) -> Crowd:
        places = np.flatnonzero(is_plain)
        conditions = Conditions(self.resolver.batch, [rows[place] for place in places.tolist()], self.resolver.terms)
        crowd = Crowd(self._prepared, conditions, places, means, self._values)
        for row, place in enumerate(places.tolist()):
            self._look_for_owed(crowd, row, owed[place])
        crowd.decide(self._list_acting(means.run, is_plain))
        self._settle(crowd)
        return crowd

    def _look_for_owed(self, crowd: Crowd, row: int, owed: Owed) -> None:
        """There is none of it; but the parcel has asked, if nothing else had kept it out before."""
        for each in owed:
            insert = self.resolver.rulebook.inserts.get(each.insert_key)
            if insert is not None and crowd.conditions.lets_in(row, insert, each.quantity):
                crowd.taken.asked[self._prepared.insert_places[insert.key], row] = True

    def _list_acting(self, run: Run, is_plain: NDArray[np.bool_]) -> Iterator[tuple[CrowdRule, Rows]]:
        """Yield each rule and the rows of the crowd it may act for, in order of priority."""
        position = np.cumsum(is_plain) - 1
        is_meant = is_plain[run.pair_rows]
        rules, rows = run.pair_rules[is_meant], position[run.pair_rows[is_meant]]
        order = np.argsort(rules, kind="stable")
        rules, rows = rules[order], rows[order]
        bounds = find_bounds(rules, len(self._prepared.rules)).tolist()
        for rule, start, stop in zip(self._prepared.rules, bounds, bounds[1:], strict=False):
            if rule is not None and start < stop:
                yield rule, rows[start:stop]

    def _settle(self, crowd: Crowd) -> None:
        """Let the ledger know what the crowd took."""
        requests, persons = crowd.conditions.requests, crowd.conditions.persons
        run, pieces = crowd.means.run, crowd.taken.pieces
        at = run.warehouse[crowd.places]
        for place, warehouse_id in enumerate(run.warehouses):
            taken = pieces[:, at == place].sum(axis=1)
            for insert in np.flatnonzero(taken).tolist():
                self.ledger.take_from(self._prepared.inserts[insert].key, warehouse_id, int(taken[insert]))
        for rows, subject, audience in crowd.taken.uses:
            for row in rows.tolist():
                self.ledger.use(subject, persons[audience][row], requests[row])
