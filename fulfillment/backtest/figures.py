"""The figures of a whole backtest, added up run by run on arrays: units, cost, stock by day, segments, rules."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import numpy as np

from fulfillment.backtest.comparing import NONE, SIDES, Chosen, Dictionary
from fulfillment.backtest.models import Change
from personalization.insert_info import Inserts
from personalization.resolver.events import Rows

Place = tuple[str, UUID]  # an insert in a warehouse


@dataclass(frozen=True, slots=True)
class Where:
    """Of each row: its warehouse as a place in a list, the local day of its acceptance as an ordinal, its segment."""

    warehouse: Rows
    day: Rows
    segment: Sequence[str]


@dataclass(slots=True)
class SideFigures:
    """What one ruleset gave away: pieces per insert, warehouse and day, and how often each rule acted."""

    taken: dict[Place, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    ran_out: dict[Place, date] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)

    @property
    def pieces(self) -> Counter[str]:
        """Insert → pieces."""
        found: Counter[str] = Counter()
        for (insert_key, _), days in self.taken.items():
            found[insert_key] += days.total()
        return found

    def add(self, chosen: Chosen, where: Where, warehouses: Sequence[UUID], dictionary: Dictionary) -> None:
        inserts, rules = list(dictionary.inserts), list(dictionary.rules)
        for insert, warehouse, day, pieces in _sum_up(chosen, chosen.insert, where):
            self.taken[inserts[insert], warehouses[warehouse]][date.fromordinal(day)] += pieces
        for insert, warehouse, day, _ in _sum_up(chosen, chosen.out, where):
            # Days come in their order, and runs by age.
            self.ran_out.setdefault((inserts[insert], warehouses[warehouse]), date.fromordinal(day))
        acted = chosen.rule != NONE
        # However often a rule acts in a parcel, it is one parcel.
        once = np.unique(chosen.rows[acted] * RULES + chosen.rule[acted]) % RULES
        for rule, count in enumerate(np.bincount(once).tolist()):
            if count:
                self.fired[rules[rule]] += count


# More than there are.
DAYS: Final = 1 << 23
WAREHOUSES: Final = 1 << 16
RULES: Final = 1 << 24


def _sum_up(chosen: Chosen, inserts: Rows, where: Where) -> Iterator[tuple[int, int, int, int]]:
    """Yield insert, warehouse, day and sum of quantities, sorted."""
    has = inserts != NONE
    rows = chosen.rows[has]
    keys = (inserts[has] * WAREHOUSES + where.warehouse[rows]) * DAYS + where.day[rows]
    found, places = np.unique(keys, return_inverse=True)
    sums = np.bincount(places, weights=chosen.quantity[has], minlength=len(found)).astype(np.int64)
    for key, pieces in zip(found.tolist(), sums.tolist(), strict=True):
        yield key // DAYS // WAREHOUSES, key // DAYS % WAREHOUSES, key % DAYS, pieces


@dataclass(slots=True)
class Figures:
    """Adds rows up, in order of age; `segments` and `changes` count shipments."""

    live: SideFigures = field(default_factory=SideFigures)
    draft: SideFigures = field(default_factory=SideFigures)
    changes: Counter[str] = field(default_factory=Counter)
    segments: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    shipments: int = 0

    def add(
        self,
        sides: tuple[Chosen, Chosen],
        change: Sequence[Change | None],
        where: Where,
        warehouses: Sequence[UUID],
        dictionary: Dictionary,
    ) -> None:
        words = ["same" if each is None else str(each) for each in change]
        self.shipments += len(words)
        self.changes.update(words)
        for (segment, word), count in Counter(zip(where.segment, words, strict=True)).items():
            self.segments[segment].update({"shipments": count, word: count})
        for side, figures, chosen in zip(SIDES, (self.live, self.draft), sides, strict=True):
            figures.add(chosen, where, warehouses, dictionary)
            units = np.bincount(chosen.rows, weights=chosen.quantity * (chosen.insert != NONE), minlength=len(words))
            for segment, pieces in zip(where.segment, units.astype(np.int64).tolist(), strict=True):
                self.segments[segment][f"{side}_units"] += pieces

    def summarise(self, inserts: Inserts, free: Mapping[Place, int]) -> dict[str, Any]:
        """Return all figures as JSON. `free`: (insert, warehouse) → pieces at the beginning."""
        return {
            "shipments": self.shipments,
            "changes": {word: self.changes[word] for word in ("same", *map(str, Change))},
            "inserts": self._list_inserts(inserts),
            "cost": {side: _sum_cost(self._side(side), inserts) for side in SIDES},
            "segments": {name: dict(counted) for name, counted in sorted(self.segments.items())},
            "rules": {
                key: {side: self._side(side).fired[key] for side in SIDES}
                for key in sorted(self.live.fired | self.draft.fired)
            },
            "stock": self._list_stock(inserts, free),
        }

    def _side(self, side: str) -> SideFigures:
        return self.live if side == "live" else self.draft

    def _list_inserts(self, inserts: Inserts) -> dict[str, Any]:
        pieces = {side: self._side(side).pieces for side in SIDES}
        used = sorted(pieces["live"] | pieces["draft"])
        return {
            key: {
                side: {"units": pieces[side][key], "cost": pieces[side][key] * inserts[key].unit_cost} for side in SIDES
            }
            for key in used
        }

    def _list_stock(self, inserts: Inserts, free: Mapping[Place, int]) -> list[dict[str, Any]]:
        places = {place for place in (*self.live.taken, *self.draft.taken) if inserts[place[0]].stocked}
        return [
            {
                "insert": key,
                "warehouse_id": str(warehouse_id),
                "start": free[key, warehouse_id],
                **{side: _describe_stock(self._side(side), (key, warehouse_id), free) for side in SIDES},
            }
            for key, warehouse_id in sorted(places)
        ]


def _sum_cost(figures: SideFigures, inserts: Inserts) -> int:
    return sum(inserts[key].unit_cost * units for key, units in figures.pieces.items())


def _describe_stock(figures: SideFigures, place: Place, free: Mapping[Place, int]) -> dict[str, Any]:
    """Return what is left at the end of each day on which some were taken, and the day somebody first got none."""
    left, days = free[place], []
    for day, pieces in sorted(figures.taken.get(place, {}).items()):
        left -= pieces
        days.append([day.isoformat(), left])
    ran_out = figures.ran_out.get(place)
    return {"days": days, "left": left, "runs_out_on": None if ran_out is None else ran_out.isoformat()}
