"""Named reads of coupons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.models import Order
from personalization.coupons.models import Coupon, CouponSeries, CouponState


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """A series and where its codes are. `free` of a series that is made here counts none."""

    series: CouponSeries
    free: int
    reserved: int
    given: int
    void: int
    redeemed: int


@dataclass(frozen=True, slots=True)
class Redemption:
    """One code that came back as an order. `customer_id` is whom it was given to; the buyer may be another one."""

    code: str
    shipment_id: UUID | None
    customer_id: UUID | None
    rule_key: str | None
    given_at: datetime | None
    order_id: UUID
    order_number: str
    redeemed_at: datetime | None
    total: int


def list_series(session: Session, shop_id: UUID) -> list[SeriesFigures]:
    """Return all series by key, with how many of their codes are where."""
    states = [func.count().filter(Coupon.state == state).label(str(state)) for state in CouponState]
    redeemed = func.count().filter(Coupon.redeemed_order_id.is_not(None)).label("redeemed")
    rows = session.execute(
        select(Coupon.series_id, *states, redeemed).where(Coupon.shop_id == shop_id).group_by(Coupon.series_id)
    )
    counted: dict[UUID, Any] = {row.series_id: row for row in rows}
    series = session.scalars(select(CouponSeries).where(CouponSeries.shop_id == shop_id).order_by(CouponSeries.key))
    return [_figures(each, counted.get(each.id)) for each in series]


def _figures(series: CouponSeries, row: Any) -> SeriesFigures:
    if row is None:
        return SeriesFigures(series, 0, 0, 0, 0, 0)
    return SeriesFigures(series, row.free, row.reserved, row.given, row.void, row.redeemed)


def list_series_keys(session: Session, shop_id: UUID) -> frozenset[str]:
    """Return the keys of the series in use."""
    rows = session.scalars(select(CouponSeries.key).where(CouponSeries.shop_id == shop_id, CouponSeries.active))
    return frozenset(rows)


def list_redemptions(
    session: Session, shop_id: UUID, series_key: str, *, before: datetime | None = None, limit: int = 100
) -> list[Redemption]:
    """Return which codes were redeemed by which order, the latest first; `before` pages on."""
    statement = (
        select(
            Coupon.code,
            Coupon.shipment_id,
            Coupon.customer_id,
            Coupon.rule_key,
            Coupon.given_at,
            Order.id,
            Order.number,
            Coupon.redeemed_at,
            Order.total - Order.refunded_total,
        )
        .join(CouponSeries, CouponSeries.id == Coupon.series_id)
        .join(Order, Order.id == Coupon.redeemed_order_id)
        .where(Coupon.shop_id == shop_id, CouponSeries.key == series_key)
    )
    if before is not None:
        statement = statement.where(Coupon.redeemed_at < before)
    return [Redemption(*row) for row in session.execute(statement.order_by(Coupon.redeemed_at.desc()).limit(limit))]


def list_coupons(session: Session, shop_id: UUID, shipment_ids: Sequence[UUID]) -> list[Coupon]:
    """Return the codes that these shipments hold or held."""
    return list(
        session.scalars(
            select(Coupon).where(Coupon.shop_id == shop_id, Coupon.shipment_id.in_(shipment_ids)).order_by(Coupon.id)
        )
    )
