"""Tables of experiments: the plan with its shares, who was assigned to what, and what an insert costs a shop."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column


class ExperimentKind(StrEnum):
    RULES = "rules"  # rules name an arm and act for it alone
    SHOP_HOLDOUT = "shop_holdout"  # a share of customers gets no promotion, whichever rule asks


class ExperimentState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    ENDED = "ended"


class Method(StrEnum):
    """When one may conclude; chosen before the start, because both together would promise more than they keep."""

    WATCHED = "watched"  # every day, by a sequential test
    FIXED = "fixed"  # once, when the planned number of customers has been observed


class Metric(StrEnum):
    """What is compared, per customer within the window after assignment."""

    REPEAT = "repeat"  # bought again: share of customers
    REVENUE = "revenue"  # money spent per customer, buyers or not
    QR_VISIT = "qr_visit"  # opened a printed code: share of customers
    SUPPORT = "support"  # asked the support: share of customers; fewer is better


class Experiment(Keyed, ShopOwned, Base):
    """`arms` is a list of {key, name_ja, name_en, share, inserts}; shares and `holdout_share` are in hundredths of a
    percent and add up to 10,000. `control` is the key of the arm, or `held_out`, that the others are compared with.
    `baseline`, `spread` (standard deviation) and `smallest_effect` are of the metric: shares between 0 and 1, or money.
    """

    __tablename__ = "experiments"
    __table_args__ = (
        UniqueConstraint("shop_id", "key"),
        Index(
            "uq_experiments_shop_holdout",
            "shop_id",
            unique=True,
            postgresql_where=text("kind = 'shop_holdout' AND state = 'running'"),
        ),
        CheckConstraint("holdout_share BETWEEN 0 AND 10000", name="holdout_share"),
        CheckConstraint("window_days > 0", name="window_days"),
    )

    key: Mapped[str]
    name_ja: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[ExperimentKind] = mapped_column(enum_column(ExperimentKind), default=ExperimentKind.RULES)
    question: Mapped[str] = mapped_column(default="")
    arms: Mapped[list[Any]]
    holdout_share: Mapped[int] = mapped_column(default=0)
    control: Mapped[str]
    salt: Mapped[str]
    state: Mapped[ExperimentState] = mapped_column(enum_column(ExperimentState), default=ExperimentState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)  # counts changes of the plan: a stale editor is told so
    metric: Mapped[Metric] = mapped_column(enum_column(Metric), default=Metric.REPEAT)
    method: Mapped[Method] = mapped_column(enum_column(Method), default=Method.WATCHED)
    window_days: Mapped[int] = mapped_column(default=60)
    baseline: Mapped[float]
    spread: Mapped[float | None]
    smallest_effect: Mapped[float]
    audience_share: Mapped[float] = mapped_column(default=1)  # of all customers who buy, those whom the rules meet
    error_rate: Mapped[float] = mapped_column(default=0.05)
    power: Mapped[float] = mapped_column(default=0.8)
    planned_size: Mapped[int | None]  # customers in all arms together, frozen at the start
    winner: Mapped[str | None]  # the arm that everybody gets once it has ended
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_by: Mapped[str | None]
    started_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    end_note: Mapped[str | None]


class Assignment(ShopOwned, Base):
    """The arm of one customer, written before anything is packed and never changed."""

    __tablename__ = "assignments"
    __table_args__ = (Index(None, "shop_id", "customer_id"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    experiment_id: Mapped[UUID] = mapped_column(ForeignKey("experiments.id"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    arm: Mapped[str]
    assigned_at: Mapped[datetime] = mapped_column(default=clock.now)


class CostTable(ShopOwned, Base):
    """What putting one thing into a parcel costs a shop besides the thing: money in the currency's smallest unit.

    `weight_steps` is a list of {up_to_g, price}, lightest first: what the carrier takes for a parcel of that weight.
    """

    __tablename__ = "cost_tables"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    hourly_wage: Mapped[int] = mapped_column(BigInteger)
    seconds_per_piece: Mapped[float]
    sheet_cost: Mapped[float]
    margin: Mapped[float]  # of revenue, before the insert: between 0 and 1
    tare_g: Mapped[int] = mapped_column(default=0)
    weight_steps: Mapped[list[Any]]
    valid_from: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    updated_by: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
