"""What a run of parcels got: parcel by parcel for whoever wants plans, or as arrays of numbers for whoever counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import numpy as np

from personalization.plan import Chosen, Lost, Plan
from personalization.resolver.crowds.crowd import Crowd
from personalization.resolver.events import Events, Ragged, Rows, Values
from personalization.resolver.ledger import LimitKey, Seen
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.resolve import Matches, Resolved
from personalization.resolver.supplies import NO_SUPPLIES

Owed = Sequence[OwedInsert]
Decided = tuple[Resolved, Owed]


@dataclass(frozen=True, slots=True)
class DecidedRun:
    """`rows` are of the batch, by age; all else goes by place in them. `owed`: what earlier parcels owed a row's
    customer when its turn came; `alone`: what was decided parcel by parcel, the others are the crowd.
    """

    rows: Sequence[int]
    owed: Sequence[Owed]
    alone: Mapping[int, Resolved]
    crowd: Crowd | None = None

    def list_decided(self, matches: Matches) -> list[Decided]:
        found = dict(self.alone)
        if self.crowd is not None:
            found |= zip(self.crowd.places.tolist(), _list_resolved(self.crowd, matches), strict=True)
        return [(found[place], owed) for place, owed in enumerate(self.owed)]


def _list_resolved(crowd: Crowd, matches: Matches) -> Iterator[Resolved]:
    size, listed = len(crowd.places), crowd.values.listed
    events = (crowd.fired, crowd.lost, crowd.limited, crowd.owing)
    found = zip(*(event.gather(size) for event in events), _list_seen(crowd), strict=True)
    laws = crowd.conditions.laws
    for place, (row, (fired, lost, limited, owing, seen)) in enumerate(zip(crowd.conditions.rows, found, strict=True)):
        plan = Plan(tuple(listed[n] for n in fired), (*matches.list_lost(row), *(listed[n] for n in lost)))
        uses, back_orders = tuple(listed[n] for n in limited), tuple(listed[n] for n in owing)
        yield Resolved(plan, back_orders, uses, laws[place].entries, NO_SUPPLIES, seen)


def _list_seen(crowd: Crowd) -> list[Seen]:
    seen = [Seen({}, {}) for _ in crowd.places]
    keys = [insert.key for insert in crowd.prepared.inserts]
    for row, place, free in zip(*_list_stock(crowd), strict=True):
        seen[row].stock[keys[place]] = int(free)
    for rows, code, counts in _list_counts(crowd):
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
            seen[row].counts.setdefault(code, count)
    return seen


def _list_stock(crowd: Crowd) -> tuple[Rows, Rows, Rows]:
    """Return (row, place of an insert, pieces that were free)."""
    rows, places = np.nonzero(crowd.taken.asked.T)
    return rows, places, crowd.shown.free[rows, places]


def _list_counts(crowd: Crowd) -> Iterator[tuple[Rows, str, Rows]]:
    """Yield rows, the code of a limit, and how often it was used for each row."""
    for key, place in crowd.prepared.overall.items():
        rows = np.flatnonzero(crowd.taken.asked_overall[place])
        yield rows, LimitKey(f"rule:{key}").code, crowd.shown.used[rows, place]
    for rows, code, counts in crowd.taken.counted:
        yield rows, code, np.array(counts, dtype=np.int64)


class Numbering(Protocol):
    """Gives alike things the same number."""

    def of_chosen(self, chosen: Chosen) -> int: ...

    def of_lost(self, lost: Lost) -> int: ...

    def of_seen(self, kind: str, name: str) -> int:
        """Number the count of a limit ("count"), an insert's stock ("stock") or a promised insert ("owed")."""


class Told(NamedTuple):
    """What rows got, in numbers: for each what was chosen and then what was lost, and pairs of what it saw."""

    rows: list[int]
    plans: Ragged
    seen: Ragged


# A number and the value beside it travel as one: values are cut to what 32 bits hold, more pieces than there are.
VALUE_BITS: Final = 32
MOST: Final = (1 << (VALUE_BITS - 1)) - 1


def pair(number: int | Rows, values: Rows) -> Rows:
    return np.asarray((number << VALUE_BITS) + np.clip(values, -MOST, MOST) + MOST)


def part(pairs: Rows) -> tuple[Rows, Rows]:
    """Return numbers and values."""
    return pairs >> VALUE_BITS, (pairs & ((1 << VALUE_BITS) - 1)) - MOST


@dataclass
class Teller:
    """Tells the runs of one simulation in numbers. What is alike is numbered once."""

    matches: Matches
    numbering: Numbering
    _values: list[int] = field(default_factory=list)
    _losses: Rows = field(init=False)

    def __post_init__(self) -> None:
        self._losses = np.array([self.numbering.of_lost(loss) for loss in self.matches.losses], dtype=np.int64)

    def tell(self, runs: Sequence[DecidedRun]) -> Told:
        """Return the runs as one."""
        plans, seen = Events(), Events()
        rows: list[int] = []
        for run in runs:
            first = len(rows)
            rows.extend(run.rows)
            if run.crowd is not None:
                self._tell_crowd(run.crowd, first, plans, seen)
            self._tell_alone(run, first, plans, seen)
        said = plans.gather(len(rows))
        return Told(rows, Ragged(said.numbers.astype(np.int32), said.bounds), seen.gather(len(rows)))

    def _tell_crowd(self, crowd: Crowd, first: int, plans: Events, seen: Events) -> None:
        places, numbers = crowd.places + first, self._number(crowd.values)
        fired, lost = crowd.fired.gather(len(places)), crowd.lost.gather(len(places))
        kept_out = self.matches.lost.take(np.array(crowd.conditions.rows, dtype=np.int64))
        plans.add_each(places[fired.rows], numbers[fired.numbers])
        plans.add_each(places[kept_out.rows], self._losses[kept_out.numbers])
        plans.add_each(places[lost.rows], numbers[lost.numbers])
        inserts = [self.numbering.of_seen("stock", insert.key) for insert in crowd.prepared.inserts]
        rows, stocked, free = _list_stock(crowd)
        seen.add_each(places[rows], pair(np.array(inserts, dtype=np.int64)[stocked], free))
        for rows, code, counts in _list_counts(crowd):
            seen.add_each(places[rows], pair(self.numbering.of_seen("count", code), counts))

    def _number(self, values: Values) -> Rows:
        """Return the number of each value of a crowd; what is neither chosen nor lost has none."""
        for value in values.listed[len(self._values) :]:
            if isinstance(value, Chosen):
                self._values.append(self.numbering.of_chosen(value))
            else:
                self._values.append(self.numbering.of_lost(value) if isinstance(value, Lost) else -1)
        return np.array(self._values, dtype=np.int64)

    def _tell_alone(self, run: DecidedRun, first: int, plans: Events, seen: Events) -> None:
        said, shown = _Lists(), _Lists()
        values: list[int] = []
        for place, resolved in run.alone.items():
            said.add(first + place, map(self.numbering.of_chosen, resolved.plan.fired))
            said.add(first + place, map(self.numbering.of_lost, resolved.plan.lost))
            for kind, told in (("stock", resolved.stock), ("count", resolved.counts)):
                shown.add(first + place, (self.numbering.of_seen(kind, name) for name in told))
                values.extend(told.values())
        for place, owed in enumerate(run.owed):
            shown.add(first + place, (self.numbering.of_seen("owed", each.insert_key) for each in owed))
            values.extend(each.quantity for each in owed)
        plans.add_each(*said.arrays)
        rows, names = shown.arrays
        seen.add_each(rows, pair(names, np.array(values, dtype=np.int64)))


@dataclass(slots=True)
class _Lists:
    """Pairs that come one by one."""

    rows: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def add(self, row: int, numbers: Iterable[int]) -> None:
        self.numbers.extend(numbers)
        self.rows.extend([row] * (len(self.numbers) - len(self.rows)))

    @property
    def arrays(self) -> tuple[Rows, Rows]:
        return np.array(self.rows, dtype=np.int64), np.array(self.numbers, dtype=np.int64)
