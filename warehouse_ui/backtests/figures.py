"""The summary of a backtest as rows for the screen: named, compared, and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from warehouse_ui.charts import Lines, Point, draw_steps

SIDES: Final = ("live", "draft")
CHANGES: Final = ("gained", "lost", "changed")
SEGMENTS: Final = ("first", "second", "repeat", "loyal", "guest")


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure under the live rules and under the draft."""

    live: int
    draft: int

    @property
    def difference(self) -> int:
        return self.draft - self.live


@dataclass(frozen=True, slots=True)
class InsertRow:
    key: str
    name: str
    units: Pair
    cost: Pair


@dataclass(frozen=True, slots=True)
class RuleRow:
    key: str
    name: str
    fired: Pair


@dataclass(frozen=True, slots=True)
class SegmentRow:
    key: str
    shipments: int
    gained: int
    lost: int
    changed: int
    units: Pair


@dataclass(frozen=True, slots=True)
class StockRow:
    """`days`: (day, left under live, left under the draft) at the end of each day on which either took some."""

    key: str
    name: str
    warehouse: str
    start: int
    left: Pair
    runs_out: Mapping[str, date | None]
    days: tuple[tuple[date, int, int], ...]
    chart: Lines

    @property
    def is_telling(self) -> bool:
        """Whether the rulesets differ in it, or either uses it up."""
        return self.left.difference != 0 or any(self.runs_out.values())


@dataclass(frozen=True, slots=True)
class Result:
    shipments: int
    same: int
    changes: Mapping[str, int]
    cost: Pair
    inserts: tuple[InsertRow, ...]
    rules: tuple[RuleRow, ...]
    segments: tuple[SegmentRow, ...]
    stock: tuple[StockRow, ...]


@dataclass(frozen=True)
class Called:
    """What inserts, rules and warehouses are called."""

    inserts: Mapping[str, str]
    rules: Mapping[str, str]
    warehouses: Mapping[UUID, str]


def describe(summary: Mapping[str, Any], called: Called, since: datetime, until: datetime, zone: ZoneInfo) -> Result:
    """Return the rows; what differs most comes first."""
    days = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    inserts = [_read_insert(key, both, called) for key, both in summary["inserts"].items()]
    rules = [RuleRow(key, called.rules.get(key, key), _pair(both)) for key, both in summary["rules"].items()]
    segments = summary["segments"]
    return Result(
        summary["shipments"],
        summary["changes"].get("same", 0),
        {word: summary["changes"].get(word, 0) for word in CHANGES},
        _pair(summary["cost"]),
        tuple(sorted(inserts, key=lambda row: (-abs(row.units.difference), row.name))),
        tuple(sorted(rules, key=lambda row: (-abs(row.fired.difference), row.name))),
        tuple(_read_segment(key, segments[key]) for key in SEGMENTS if key in segments),
        tuple(_read_stock(entry, called, *days) for entry in summary["stock"]),
    )


def _pair(both: Mapping[str, Any], name: str | None = None) -> Pair:
    return Pair(*(both[side] if name is None else both[side][name] for side in SIDES))


def _read_insert(key: str, both: Mapping[str, Any], called: Called) -> InsertRow:
    return InsertRow(key, called.inserts.get(key, key), _pair(both, "units"), _pair(both, "cost"))


def _read_segment(key: str, counted: Mapping[str, int]) -> SegmentRow:
    units = Pair(counted.get("live_units", 0), counted.get("draft_units", 0))
    shipments, gained, lost, changed = (counted.get(word, 0) for word in ("shipments", "gained", "lost", "changed"))
    return SegmentRow(key, shipments, gained, lost, changed, units)


def _read_stock(entry: Mapping[str, Any], called: Called, first: date, last: date) -> StockRow:
    listed: dict[str, list[Point]] = {
        side: [(date.fromisoformat(day), left) for day, left in entry[side]["days"]] for side in SIDES
    }
    begin = min([first, *(points[0][0] for points in listed.values() if points)])
    start: Point = (begin, entry["start"])
    outs = {side: entry[side]["runs_out_on"] for side in SIDES}
    return StockRow(
        entry["insert"],
        called.inserts.get(entry["insert"], entry["insert"]),
        called.warehouses.get(UUID(entry["warehouse_id"]), ""),
        entry["start"],
        _pair({side: entry[side]["left"] for side in SIDES}),
        {side: date.fromisoformat(day) if day else None for side, day in outs.items()},
        _join_days(listed, entry["start"]),
        draw_steps({side: [start, *points] for side, points in listed.items()}, begin, max(last, begin)),
    )


def _join_days(listed: Mapping[str, list[Point]], start: int) -> tuple[tuple[date, int, int], ...]:
    """Return both sides by day; on a day that took nothing the stock of the day before stands."""
    known = {side: dict(points) for side, points in listed.items()}
    left: dict[str, float] = dict.fromkeys(SIDES, start)
    rows = []
    for day in sorted({day for points in known.values() for day in points}):
        left = {side: known[side].get(day, left[side]) for side in SIDES}
        rows.append((day, int(left["live"]), int(left["draft"])))
    return tuple(rows)
