"""Tables of backtests: what was asked, its figures, and what either ruleset would have chosen for each shipment."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import PERSONAL, Base, Keyed, ShopOwned, enum_column


class BacktestState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Change(StrEnum):
    """What the draft would do to a shipment: inserts only more, only fewer, or anything else that is different."""

    GAINED = "gained"
    LOST = "lost"
    CHANGED = "changed"


class Backtest(Keyed, ShopOwned, Base):
    """One draft tried over [`since`, `until`). `live_version_id` and `inserts_digest` are what stood when it ran.

    `sample`: the share of customers that was drawn; none: all. `summary` holds figures only, nothing of a person.
    """

    __tablename__ = "backtests"
    __table_args__ = (Index(None, "shop_id", "id"),)

    state: Mapped[BacktestState] = mapped_column(enum_column(BacktestState), default=BacktestState.QUEUED)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    document: Mapped[dict[str, Any]]
    catalogue: Mapped[dict[str, Any]]
    live_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("ruleset_versions.id"))
    inserts_digest: Mapped[bytes | None]
    since: Mapped[datetime]
    until: Mapped[datetime]
    sample: Mapped[float | None]
    note: Mapped[str] = mapped_column(default="")
    author: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    shipment_count: Mapped[int | None]
    summary: Mapped[dict[str, Any] | None]


class BacktestPlan(ShopOwned, Base):
    """One distinct choice of a backtest, in short: rules, inserts and reasons, no text and nobody's name.

    Many shipments share one; whoever is erased is no longer linked to any.
    """

    __tablename__ = "backtest_plans"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    backtest_id: Mapped[UUID] = mapped_column(ForeignKey("backtests.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]


class BacktestDecision(ShopOwned, Base):
    """What both rulesets chose for one shipment; `position` is its place by age. `change` is empty where they agree.

    `seen` is what limits and stock showed either ruleset, so that its trace can be repeated from the facts.
    """

    __tablename__ = "backtest_decisions"
    __table_args__ = (
        Index(None, "shop_id", "shipment_id"),
        Index("ix_backtest_decisions_change", "shop_id", "backtest_id", "change", "position"),
    )

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    backtest_id: Mapped[UUID] = mapped_column(ForeignKey("backtests.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    change: Mapped[Change | None] = mapped_column(enum_column(Change))
    gained: Mapped[list[str] | None] = mapped_column(info=PERSONAL)
    lost: Mapped[list[str] | None] = mapped_column(info=PERSONAL)
    segment: Mapped[str | None] = mapped_column(info=PERSONAL)
    live_plan: Mapped[int | None] = mapped_column(info=PERSONAL)
    draft_plan: Mapped[int | None] = mapped_column(info=PERSONAL)
    seen: Mapped[dict[str, Any] | None] = mapped_column(info=PERSONAL)
