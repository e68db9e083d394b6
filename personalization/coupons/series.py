"""What decisions need to know of the coupon series, as values, and how an offer is made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from personalization.coupons.models import CodeSource, CouponSeries
from personalization.plan import Texts
from personalization.resolver.supplies import CouponOffer


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesInfo:
    """`slots` are the texts that a paper may show of it, by slot."""

    id: UUID
    key: str
    source: CodeSource
    pattern: str | None
    code_limit: int | None
    valid_until: date | None
    valid_days: int | None
    slots: Mapping[str, Texts]

    @property
    def is_scarce(self) -> bool:
        """Whether there are only so many codes."""
        return self.source is CodeSource.POOL or self.code_limit is not None

    def find_end(self, accepted_on: date) -> date | None:
        """Return the last day of a code given for an order of that day, in the shop's time zone."""
        ends = [] if self.valid_until is None else [self.valid_until]
        if self.valid_days is not None:
            ends.append(accepted_on + timedelta(days=self.valid_days))
        return min(ends, default=None)

    def make_offer(self, accepted_on: date) -> CouponOffer | None:
        """Return what an order of that day is offered; None when its code would be dead already."""
        end = self.find_end(accepted_on)
        if end is not None and end < accepted_on:
            return None
        return CouponOffer(self.key, self.slots, end, self.is_scarce)


def load_series(session: Session, shop_id: UUID, keys: Sequence[str]) -> dict[str, SeriesInfo]:
    """Return the active ones of these series by key."""
    if not keys:
        return {}
    rows = session.execute(
        select(CouponSeries.__table__).where(
            CouponSeries.shop_id == shop_id, CouponSeries.key.in_(keys), CouponSeries.active
        )
    )
    return {
        row.key: SeriesInfo(
            id=row.id,
            key=row.key,
            source=row.source,
            pattern=row.pattern,
            code_limit=row.code_limit,
            valid_until=row.valid_until,
            valid_days=row.valid_days,
            slots=_make_slots(row.title_ja, row.title_en, row.value_ja, row.value_en, (row.terms_ja, row.terms_en)),
        )
        for row in rows
    }


def _make_slots(
    title_ja: str, title_en: str, value_ja: str, value_en: str, terms: tuple[str | None, str | None]
) -> dict[str, Texts]:
    slots: dict[str, Texts] = {
        "coupon_title": {"ja": title_ja, "en": title_en},
        "coupon_value": {"ja": value_ja, "en": value_en},
    }
    if terms[0] and terms[1]:
        slots["coupon_terms"] = {"ja": terms[0], "en": terms[1]}
    return slots
