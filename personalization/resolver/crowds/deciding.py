"""A run of parcels decided: whatever is plain together, then the others one by one, by age; and what each has seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

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
# Runs are halved, down to this length, while fewer than so many of them are plain: less is scarce for fewer at a time.
# While nearly all are, they grow again.
SHORT: Final = 500
MOST: Final = 0.7
NEARLY_ALL: Final = 0.9


@dataclass
class Crowds:
    """Decides runs of rows for a resolver whose ledger is in memory; runs, and the rows of each, are asked by age."""

    resolver: Resolver
    ledger: MemoryLedger
    _values: Values = field(default_factory=Values)
    _length: int = 0

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(self.resolver.rulebook)

    def decide(self, rows: Sequence[int], promises: Promising) -> Iterator[DecidedRun]:
        """Yield what is chosen for the rows, in one run or in several, as long as the last ones have proven good."""
        self._length = self._length or len(rows)
        done = 0
        while done < len(rows):
            part = rows[done : done + self._length]
            decided = self._decide_all_alone(part, promises) if len(part) < FEW else self._try_run(part, promises)
            if decided is None:
                self._length = len(part) // 2
                continue
            yield decided
            done += len(part)

    def _try_run(self, rows: Sequence[int], promises: Promising) -> DecidedRun | None:
        """Decide a run; None where a shorter one would be better."""
        run, owed = self._begin(rows), [promises.of(row) for row in rows]
        means = Means(self._prepared, self.ledger, run)
        is_plain = self._find_plain(np.array(rows), run, means, owed)
        share = is_plain.mean()
        if len(rows) >= 2 * SHORT and share < MOST:
            return None
        if share >= NEARLY_ALL:
            self._length *= 2
        crowd = self._decide_plain(rows, is_plain, means, owed)
        for place, promised in crowd.list_owing():
            promises.promise(rows[place], promised)
        alone = {}
        for place in np.flatnonzero(~is_plain).tolist():
            alone[place], owed[place] = self._decide_alone(rows[place], promises)
        Seeing(means, crowd).tell(alone)
        return DecidedRun(rows, owed, alone, crowd)

    def _decide_all_alone(self, rows: Sequence[int], promises: Promising) -> DecidedRun:
        decided = [self._decide_alone(row, promises) for row in rows]
        alone = {place: resolved for place, (resolved, _) in enumerate(decided)}
        return DecidedRun(rows, [owed for _, owed in decided], alone)

    def _decide_alone(self, row: int, promises: Promising) -> Decided:
        owed = promises.of(row)
        resolved = self.resolver.decide(row, owed)
        promises.settle(row, resolved)
        return resolved, owed

    def _begin(self, rows: Sequence[int]) -> Run:
        requests, acting = self.resolver.batch.requests, self.resolver.matches.acting.take(np.array(rows))
        return Run([requests[row] for row in rows], acting.rows, acting.numbers)

    def _find_plain(self, rows: Rows, run: Run, means: Means, owed: Sequence[Owed]) -> NDArray[np.bool_]:
        """Whole orders without care flags that want nothing scarce, and nothing that older ones of the run may have
        changed for the same person: counts of what is limited, promises.
        """
        counts, owes = (np.zeros(len(rows), dtype=np.bool_) for _ in range(2))
        is_plain = ~self._is_special[rows]
        is_plain[run.pair_rows[means.is_hard[run.warehouse[run.pair_rows], run.pair_rules]]] = False
        is_plain[[place for place, each in enumerate(owed) if each and self._may_keep(each, means, place)]] = False
        counts[run.pair_rows[self._prepared.counts_persons[run.pair_rules]]] = True
        owes[run.pair_rows[means.promises[run.warehouse[run.pair_rows], run.pair_rules]]] = True
        people = self._people[rows]
        is_plain &= ~(counts & _is_after(people, counts))
        may_promise = bool(self._prepared.promised.any())
        while True:
            # Whoever is decided alone may owe its people something, so that what they get later is decided alone too.
            is_after = _is_after(people, owes | ~is_plain if may_promise else owes)
            if not (is_plain & is_after).any():
                return is_plain
            is_plain &= ~is_after

    @cached_property
    def _people(self) -> Rows:
        """(rows × 2): buyer and recipient of each row of the batch as numbers; whoever is unknown has one alone."""
        numbers: dict[int, int] = {}
        found = []
        for request in self.resolver.batch.requests:
            for person in (request.customer_id, request.recipient_customer_id):
                # An id's number is looked up in a third of the time; no id is below zero.
                key = -len(numbers) - 1 if person is None else person.int
                found.append(numbers.setdefault(key, len(numbers)))
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    @cached_property
    def _is_special(self) -> NDArray[np.bool_]:
        """The rows that are no whole order, are offered something, or of which care flags or allergies count."""
        batch = self.resolver.batch
        special = np.array([each.part is not Part.WHOLE or bool(each.again) for each in batch.requests], dtype=np.bool_)
        for rows in (self.resolver.supplies, batch.list_rows(CARE), batch.list_rows(ALLERGIES)):
            special[list(rows)] = True
        return special

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


def _is_after(people: Rows, meant: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows that share a person (rows × 2) with an earlier one of those that are meant."""
    _, numbers = np.unique(people, return_inverse=True)
    numbers, places = numbers.reshape(people.shape), np.arange(len(people))
    first = np.full(numbers.max(initial=0) + 1, len(people))
    np.minimum.at(first, numbers[meant], places[meant, None])
    return np.asarray((first[numbers] < places[:, None]).any(axis=1))
