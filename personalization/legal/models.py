"""Tables of law that a shop keeps for itself."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned


class GiftLimitEntry(Keyed, ShopOwned, Base):
    """The most that free gifts to every buyer may be worth from a day on, as `law.GiftLimit` words it."""

    __tablename__ = "gift_limits"
    __table_args__ = (
        UniqueConstraint("shop_id", "valid_from"),
        CheckConstraint("threshold >= 0 AND flat >= 0 AND percent BETWEEN 0 AND 100", name="amounts"),
    )

    valid_from: Mapped[date]
    threshold: Mapped[int] = mapped_column(BigInteger)
    flat: Mapped[int] = mapped_column(BigInteger)
    percent: Mapped[int]
    source: Mapped[str]
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
