"""Keeps what a backtest chose: each distinct plan once, in short, and one narrow row per shipment."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import stage_rows
from fulfillment.backtest.comparing import Difference
from personalization.plan import Plan
from personalization.requests import DecisionRequest
from personalization.simulating import Simulated

ROW: Final = {
    "position": "integer",
    "shipment_id": "uuid",
    "change": "text",
    "gained": "text[]",
    "lost": "text[]",
    "segment": "text",
    "live_plan": "integer",
    "draft_plan": "integer",
    "seen": "text",
}
PLAN: Final = {"number": "integer", "content": "text"}
ADD_ROWS: Final = text(
    f"""
    INSERT INTO backtest_decisions (shop_id, backtest_id, {", ".join(ROW)})
    SELECT :shop_id, :backtest_id, {", ".join(name for name in ROW if name != "seen")}, CAST(seen AS jsonb)
      FROM kept_decisions
    """
)
ADD_PLANS: Final = text(
    """
    INSERT INTO backtest_plans (shop_id, backtest_id, number, content)
    SELECT :shop_id, :backtest_id, number, CAST(content AS jsonb) FROM kept_plans
    """
)
FORGET: Final = tuple(
    text(f"DELETE FROM {table} WHERE shop_id = :shop_id AND backtest_id = :backtest_id")
    for table in ("backtest_decisions", "backtest_plans")
)

SHORT_CHOSEN: Final = attrgetter("rule_key", "action", "kind", "insert_key", "quantity", "substitute_for")
SHORT_LOST: Final = attrgetter("rule_key", "action", "reason")
PlanKey = tuple[tuple[Any, ...], tuple[Any, ...]]


@dataclass
class PlanBook:
    """Numbers distinct plans from 1. What is left out, texts and details, is worked out again from the facts."""

    numbers: dict[PlanKey, int] = field(default_factory=dict)

    def number(self, plan: Plan) -> int:
        return self.numbers.setdefault(shorten(plan), len(self.numbers) + 1)

    def rows(self) -> Iterator[tuple[int, str]]:
        for key, number in self.numbers.items():
            yield number, _dump(key).decode()


def shorten(plan: Plan) -> PlanKey:
    """Return what is kept of a plan: (rule, action, kind, insert, quantity, in place of), (rule, action, reason)."""
    return tuple(map(SHORT_CHOSEN, plan.fired)), tuple(map(SHORT_LOST, plan.lost))


def describe_plan(plan: Plan) -> dict[str, Any]:
    """Return the content of the plan's row."""
    content: dict[str, Any] = orjson.loads(_dump(shorten(plan)))
    return content


def _dump(key: PlanKey) -> bytes:
    fired, lost = key
    return orjson.dumps({"fired": fired, "lost": lost})


@dataclass
class Keeper:
    """Collects rows in order of age. `clear` and `write` belong to the transaction that ends the backtest."""

    plans: PlanBook = field(default_factory=PlanBook)
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(
        self, request: DecisionRequest, sides: tuple[Simulated, Simulated], difference: Difference, segment: str
    ) -> None:
        live, draft = sides
        before, after = live.resolved.plan, draft.resolved.plan
        number = self.plans.number(before)
        self.rows.append(
            (
                len(self.rows) + 1,
                request.shipment_id,
                None if difference.change is None else str(difference.change),
                list(difference.gained) or None,
                list(difference.lost) or None,
                segment,
                number,
                number if after is before else self.plans.number(after),
                pack_seen(live, draft),
            )
        )

    def write(self, session: Session, shop_id: UUID, backtest_id: UUID) -> None:
        """Put the rows in place of whatever an attempt before this one has left."""
        bound = {"shop_id": shop_id, "backtest_id": backtest_id}
        for statement in FORGET:
            session.execute(statement, bound)
        stage_rows(session, "kept_plans", PLAN, self.plans.rows())
        session.execute(ADD_PLANS, bound)
        stage_rows(session, "kept_decisions", ROW, self.rows)
        session.execute(ADD_ROWS, bound)


def pack_seen(live: Simulated, draft: Simulated) -> str | None:
    """Return what the ledger showed and earlier parcels owed, as JSON; None where neither side asked."""
    seen = {name: _pack_side(side) for name, side in (("live", live), ("draft", draft))}
    return orjson.dumps(seen).decode() if any(seen.values()) else None


def _pack_side(side: Simulated) -> dict[str, Any]:
    packed: dict[str, Any] = {}
    if side.resolved.counts:
        packed["counts"] = side.resolved.counts
    if side.resolved.stock:
        packed["stock"] = side.resolved.stock
    if side.owed:
        packed["owed"] = [[str(owed.allotment_id), owed.insert_key, owed.quantity] for owed in side.owed]
    return packed
