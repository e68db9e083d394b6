"""What either ruleset chose, side by side: what differs in the box, and the figures of the whole. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from fulfillment.backtest.models import Change
from personalization.insert_info import Inserts
from personalization.plan import Chosen, Plan, Reason

SIDES: Final = ("live", "draft")
# These carry the rule's key and place, which change nothing in the box.
NOT_SEEN: Final = ("rule_key", "action", "owed_allotment_id", "substitute_for", "code")
SEEN: Final = tuple(name for name in Chosen.__dataclass_fields__ if name not in NOT_SEEN)


@dataclass(frozen=True, slots=True)
class Difference:
    """`change` None: the same box and the same papers. Inserts are keys, sorted."""

    change: Change | None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


SAME: Final = Difference(None)


def compare(live: Plan, draft: Plan) -> Difference:
    """Return what the draft would do to the shipment."""
    if live.fired == draft.fired:
        return SAME
    before, after = count_inserts(live), count_inserts(draft)
    gained, lost = tuple(sorted(after - before)), tuple(sorted(before - after))
    if gained and lost:
        return Difference(Change.CHANGED, gained, lost)
    if gained or lost:
        return Difference(Change.GAINED if gained else Change.LOST, gained, lost)
    return SAME if _list_effects(live) == _list_effects(draft) else Difference(Change.CHANGED)


def count_inserts(plan: Plan) -> Counter[str]:
    """Return insert → pieces."""
    pieces: Counter[str] = Counter()
    for chosen in plan.fired:
        if chosen.insert_key is not None:
            pieces[chosen.insert_key] += chosen.quantity
    return pieces


def _list_effects(plan: Plan) -> list[str]:
    return sorted(repr([getattr(chosen, name) for name in SEEN]) for chosen in plan.fired)


@dataclass(slots=True)
class SideFigures:
    """What one ruleset gave away: pieces per insert, warehouse and day, and how often each rule acted."""

    taken: dict[tuple[str, UUID], Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    ran_out: dict[tuple[str, UUID], date] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)

    @property
    def pieces(self) -> Counter[str]:
        """Insert → pieces."""
        found: Counter[str] = Counter()
        for (insert_key, _), days in self.taken.items():
            found[insert_key] += days.total()
        return found

    def add(self, plan: Plan, warehouse_id: UUID, day: date) -> None:
        for chosen in plan.fired:
            if chosen.insert_key is not None:
                self.taken[chosen.insert_key, warehouse_id][day] += chosen.quantity
        self.fired.update({chosen.rule_key for chosen in plan.fired})
        for lost in plan.lost:
            if lost.reason in OUT:
                self.ran_out.setdefault((str(lost.details["insert"]), warehouse_id), day)


OUT: Final = (Reason.OUT_OF_STOCK, Reason.BACK_ORDERED)


@dataclass(slots=True)
class Figures:
    """Adds shipments up, in order of age; `segments` and `changes` count shipments."""

    live: SideFigures = field(default_factory=SideFigures)
    draft: SideFigures = field(default_factory=SideFigures)
    changes: Counter[str] = field(default_factory=Counter)
    segments: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    shipments: int = 0

    def add(self, plans: tuple[Plan, Plan], difference: Difference, segment: str, place: tuple[UUID, date]) -> None:
        live, draft = plans
        self.shipments += 1
        word = "same" if difference.change is None else str(difference.change)
        self.changes[word] += 1
        counted = self.segments[segment]
        counted["shipments"] += 1
        counted[word] += 1
        for side, figures, plan in (("live", self.live, live), ("draft", self.draft, draft)):
            figures.add(plan, *place)
            counted[f"{side}_units"] += sum(chosen.quantity for chosen in plan.fired if chosen.insert_key is not None)

    def summarise(self, inserts: Inserts, free: Mapping[tuple[str, UUID], int]) -> dict[str, Any]:
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

    def _list_stock(self, inserts: Inserts, free: Mapping[tuple[str, UUID], int]) -> list[dict[str, Any]]:
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


def _describe_stock(
    figures: SideFigures, place: tuple[str, UUID], free: Mapping[tuple[str, UUID], int]
) -> dict[str, Any]:
    """Return what is left at the end of each day on which some were taken, and the day somebody first got none."""
    left, days = free[place], []
    for day, pieces in sorted(figures.taken.get(place, {}).items()):
        left -= pieces
        days.append([day.isoformat(), left])
    ran_out = figures.ran_out.get(place)
    return {"days": days, "left": left, "runs_out_on": None if ran_out is None else ran_out.isoformat()}
