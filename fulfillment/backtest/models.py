"""Tables of backtests: what was asked, its figures, and what either ruleset would have chosen for each shipment."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import PERSONAL, Base, Keyed, ShopOwned, enum_column

# One check for the shop and the backtest: there are as many rows as shipments.
OF_BACKTEST: Final = (["shop_id", "backtest_id"], ["backtests.shop_id", "backtests.id"])


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
    __table_args__ = (UniqueConstraint("shop_id", "id"),)

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


class BacktestEntry(ShopOwned, Base):
    """One thing that a backtest chose, lost or saw, in short: rules, inserts and reasons, no text and nobody's name.

    Many shipments share it by its number; whoever is erased is no longer linked to any.
    """

    __tablename__ = "backtest_entries"
    __table_args__ = (ForeignKeyConstraint(*OF_BACKTEST, ondelete="CASCADE"),)

    shop_id: Mapped[UUID] = mapped_column(primary_key=True)
    backtest_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[list[Any]]


class BacktestDecision(ShopOwned, Base):
    """What both rulesets chose for one shipment; `position` is its place by age. `change` is empty where they agree.

    Plans are numbers of entries. `seen` is what limits, stock and promises showed either ruleset, so that its trace can
    be repeated from the facts: a number and its value by turns.
    """

    __tablename__ = "backtest_decisions"
    __table_args__ = (
        Index(None, "shop_id", "shipment_id"),
        Index("ix_backtest_decisions_change", "shop_id", "backtest_id", "change", "position"),
        ForeignKeyConstraint(*OF_BACKTEST, ondelete="CASCADE"),
    )

    shop_id: Mapped[UUID] = mapped_column(primary_key=True)
    backtest_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    change: Mapped[Change | None] = mapped_column(enum_column(Change))
    gained: Mapped[list[str] | None] = mapped_column(info=PERSONAL)
    lost: Mapped[list[str] | None] = mapped_column(info=PERSONAL)
    segment: Mapped[str | None] = mapped_column(info=PERSONAL)
    live_plan: Mapped[list[int] | None] = mapped_column(info=PERSONAL)
    draft_plan: Mapped[list[int] | None] = mapped_column(info=PERSONAL)
    live_seen: Mapped[list[int] | None] = mapped_column(info=PERSONAL)
    draft_seen: Mapped[list[int] | None] = mapped_column(info=PERSONAL)
