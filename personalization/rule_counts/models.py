"""The table of daily counters per rule."""

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, ShopOwned, enum_column

# No rule may be called so: the rows of a version count for every rule in it.
EVERY_RULE: Final = "*"


class Measure(StrEnum):
    CONSIDERED = "considered"  # subject: the version; a rule was considered wherever its version decided
    FIRED = "fired"
    GIVEN = "given"  # pieces; subject: the insert
    LOST = "lost"  # matched, and nothing of it acted
    REASON = "reason"  # subject: why it lost; a rule may lose for two reasons at once
    LEFT_OUT = "left_out"  # it acted, but for a part; subject: why


class RuleCount(ShopOwned, Base):
    """Parcels printed on one local day, cancelled and returned ones taken out again. `example_id` is a late one."""

    __tablename__ = "rule_counts"
    __table_args__ = (Index(None, "shop_id", "day"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    rule_key: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[Measure] = mapped_column(enum_column(Measure), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    # A shipment, of a package above: no foreign key.
    example_id: Mapped[UUID | None]
