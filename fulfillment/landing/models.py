"""Tables of landing pages: what a shop chose, and how often codes were opened. Nobody can be read from them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, ShopOwned


class LandingChoice(ShopOwned, Base):
    """Where the codes of a shop lead, and under which campaign names. `version` counts savings, for two who edit at
    once. `granted_only`: a visit is tied to a customer only after a granted consent, not merely without a denial.
    """

    __tablename__ = "landing_choices"
    __table_args__ = (CheckConstraint("expires_after_days BETWEEN 1 AND 3650", name="expires_in_reason"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    address: Mapped[str | None]
    source: Mapped[str]
    medium: Mapped[str]
    campaign: Mapped[str]
    content: Mapped[str]
    # Counted from the day the parcel left; none: for ever.
    expires_after_days: Mapped[int | None]
    granted_only: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class LandingTarget(ShopOwned, Base):
    """What one template has of its own; what is empty is as for the whole shop."""

    __tablename__ = "landing_targets"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    template_key: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str | None]
    campaign: Mapped[str | None]
    content: Mapped[str | None]


class VisitCount(ShopOwned, Base):
    """Visits of one day (of the shop) by one template; `known` of them are in the history of a customer."""

    __tablename__ = "visit_counts"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    template_key: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
