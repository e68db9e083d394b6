"""What an insert costs when everything is counted, and how much it must bring to pay for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from personalization.experiments.errors import PlanError, PlanOvertakenError
from personalization.experiments.models import CostTable
from personalization.insert_info import InsertInfo
from personalization.models import InsertKind
from personalization.problems import Problems
from personalization.reading import read_between, read_date, read_object, read_whole

RECENT: Final = timedelta(days=90)
PAPERS: Final = frozenset({InsertKind.LETTER})
# Goods of recent orders by weight, in steps of 10 g: what the carrier would have weighed.
WEIGHTS: Final = text(
    """
    SELECT CAST(ceil(grams / 10.0) * 10 AS integer) AS grams, count(*) AS orders
      FROM (SELECT l.order_id, sum(l.quantity * p.weight_g) AS grams
              FROM orders o JOIN order_lines l ON l.shop_id = :shop_id AND l.order_id = o.id AND l.removed_at IS NULL
              JOIN products p ON p.id = l.product_id AND p.weight_g IS NOT NULL
             WHERE o.shop_id = :shop_id AND o.accepted_at >= :since AND o.cancelled_at IS NULL
             GROUP BY l.order_id) parcels
     GROUP BY 1 ORDER BY 1
    """
)


@dataclass(frozen=True, slots=True)
class Costs:
    """A shop's table; money in the smallest unit. `steps`: (up to so many grams, price), lightest first."""

    hourly_wage: int
    seconds_per_piece: float
    sheet_cost: float
    margin: float
    tare_g: int
    steps: tuple[tuple[int, int], ...]

    def find_carriage(self, grams: float) -> int:
        """Return what a parcel of this weight costs; above the last step, what the last step costs."""
        for limit, price in self.steps:
            if grams <= limit:
                return price
        return self.steps[-1][1] if self.steps else 0


@dataclass(frozen=True, slots=True)
class FullCost:
    """What one piece in one parcel costs, part by part, in the smallest unit of money."""

    goods: float
    paper: float
    packing: float
    carriage: float

    @property
    def total(self) -> float:
        return self.goods + self.paper + self.packing + self.carriage


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What the insert must bring per customer: further revenue, and as points of the share who buy again."""

    revenue: float | None
    repeat: float | None


NO_COSTS: Final = Costs(0, 0, 0, 1, 0, ())


def find_costs(session: Session, shop_id: UUID) -> CostTable | None:
    return session.get(CostTable, shop_id, populate_existing=True)


def to_costs(table: CostTable | None) -> Costs:
    """Return the table as a value; without one nothing but the goods costs anything."""
    if table is None:
        return NO_COSTS
    steps = tuple((step["up_to_g"], step["price"]) for step in table.weight_steps)
    return Costs(table.hourly_wage, table.seconds_per_piece, table.sheet_cost, table.margin, table.tare_g, steps)


def save_costs(session: Session, shop_id: UUID, document: object, *, seen_version: int, author: str) -> CostTable:
    """Keep a shop's table of costs. Raises PlanError, PlanOvertakenError when somebody saved since it was read."""
    problems = Problems()
    values = parse_costs(document, problems)
    if problems.found:
        raise PlanError(problems.found)
    values |= {"updated_by": author, "updated_at": clock.now(), "version": seen_version + 1}
    if seen_version == 0:
        statement = upsert(CostTable).values(shop_id=shop_id, **values).on_conflict_do_nothing()
        saved = session.execute(statement.returning(CostTable.shop_id)).scalar()
    else:
        mine = update(CostTable).where(CostTable.shop_id == shop_id, CostTable.version == seen_version)
        saved = session.execute(mine.values(**values).returning(CostTable.shop_id)).scalar()
    if saved is None:
        raise PlanOvertakenError
    record(session, "personalization:costs:saved", shop_id=shop_id, details={"version": seen_version + 1})
    return session.get_one(CostTable, shop_id, populate_existing=True)


def parse_costs(document: object, problems: Problems) -> dict[str, Any]:
    """Return the columns of a table of costs; what is wrong is added to the problems."""
    required = ("hourly_wage", "seconds_per_piece", "sheet_cost", "margin", "weight_steps")
    found = read_object(document, "$", problems, required, ("tare_g", "valid_from", "source"))
    if found is None:
        return {}
    values: dict[str, Any] = {
        "hourly_wage": read_whole(found["hourly_wage"], "$.hourly_wage", problems, 0, 1_000_000),
        "tare_g": read_whole(found.get("tare_g", 0), "$.tare_g", problems, 0, 100_000),
        "source": str(found.get("source") or "").strip()[:200],
    }
    for key, highest in (("seconds_per_piece", 3600), ("sheet_cost", 100_000), ("margin", 1)):
        values[key] = read_between(found[key], f"$.{key}", problems, 0, highest)
    given = found.get("valid_from")
    values["valid_from"] = read_date(given, "$.valid_from", problems) if given else None
    values["weight_steps"] = _read_steps(found["weight_steps"], problems)
    return values


def _read_steps(document: object, problems: Problems) -> list[dict[str, int | None]]:
    steps = []
    reached = 0
    for index, member in enumerate(document if isinstance(document, list) else []):
        place = f"$.weight_steps[{index}]"
        found = read_object(member, place, problems, ("up_to_g", "price")) or {}
        up_to = read_whole(found.get("up_to_g"), f"{place}.up_to_g", problems, 1, 1_000_000)
        price = read_whole(found.get("price"), f"{place}.price", problems, 0, 10_000_000)
        if up_to is not None and up_to <= reached:
            problems.add(f"{place}.up_to_g", "impossible_range")
        reached = up_to or reached
        steps.append({"up_to_g": up_to, "price": price})
    return steps


def load_weights(session: Session, shop_id: UUID, now: datetime) -> list[tuple[int, int]]:
    """Return (grams of the goods, orders) of the last 90 days."""
    rows = session.execute(WEIGHTS, {"shop_id": shop_id, "since": now - RECENT})
    return [(row.grams, row.orders) for row in rows]


def reckon(insert: InsertInfo | None, costs: Costs, weights: Sequence[tuple[int, int]]) -> FullCost:
    """Return what one piece costs; None for a printed sheet. The step of carriage is the mean over recent parcels."""
    is_paper = insert is None or insert.kind in PAPERS
    seconds = costs.seconds_per_piece
    return FullCost(
        goods=0.0 if insert is None else float(insert.unit_cost),
        paper=costs.sheet_cost if is_paper else 0.0,
        packing=costs.hourly_wage * seconds / 3600,
        carriage=0.0 if insert is None else _find_step(insert.weight_g, costs, weights),
    )


def _find_step(grams: float, costs: Costs, weights: Sequence[tuple[int, int]]) -> float:
    orders = sum(count for _, count in weights)
    if not orders or not costs.steps:
        return 0.0
    dearer = sum(
        count * (costs.find_carriage(weight + costs.tare_g + grams) - costs.find_carriage(weight + costs.tare_g))
        for weight, count in weights
    )
    return dearer / orders


def find_break_even(cost: float, costs: Costs, order_value: float) -> BreakEven:
    """Return at which lift a cost per customer pays for itself, at the shop's margin and mean order."""
    revenue = cost / costs.margin if costs.margin > 0 else None
    repeat = revenue / order_value if revenue is not None and order_value > 0 else None
    return BreakEven(revenue, repeat)


def describe(table: CostTable) -> Mapping[str, Any]:
    """Return the table as it is given to `save_costs`."""
    valid_from: date | None = table.valid_from
    return {
        "hourly_wage": table.hourly_wage,
        "seconds_per_piece": table.seconds_per_piece,
        "sheet_cost": table.sheet_cost,
        "margin": table.margin,
        "tare_g": table.tare_g,
        "weight_steps": list(table.weight_steps),
        "valid_from": valid_from.isoformat() if valid_from else None,
        "source": table.source,
    }
