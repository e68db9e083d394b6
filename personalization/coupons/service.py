"""Use cases of coupons: series saved, codes uploaded, given, returned, freed. Callers own the transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.ids import new_id
from core.rowsets import pack_rows, rowset
from personalization.coupons.codes import fold_code, is_printable
from personalization.coupons.errors import (
    CouponSeriesError,
    NotAPoolError,
    SeriesNotFoundError,
    SourceFixedError,
    TooManyCodesError,
)
from personalization.coupons.models import CodeSource, Coupon, CouponSeries, CouponState
from personalization.coupons.parsing import parse_series
from personalization.coupons.reserving import give_back
from personalization.locks import make_lock, take_locks
from personalization.problems import Problems

MOST_AT_ONCE: Final = 200_000
ADD: Final = text(
    f"""
    INSERT INTO coupons (id, shop_id, series_id, code, folded, state, firm, created_at)
    SELECT wanted.id, :shop_id, :series_id, wanted.code, wanted.folded, 'free', false, :now
      FROM {rowset("wanted", {"id": "uuid", "code": "text", "folded": "text"})}
    ON CONFLICT (shop_id, folded) DO NOTHING
    RETURNING folded
    """
)
GIVE: Final = text(
    """
    UPDATE coupons SET state = 'given', given_at = :now, firm = true
     WHERE shop_id = :shop_id AND shipment_id = :shipment_id AND state = 'reserved'
    """
)
HELD: Final = text(
    """
    SELECT c.id, c.firm, c.state, s.source FROM coupons c JOIN coupon_series s ON s.id = c.series_id
     WHERE c.shop_id = :shop_id AND c.shipment_id = ANY(:shipments) AND c.state IN ('reserved', 'given')
     ORDER BY c.id FOR UPDATE OF c
    """
)


@dataclass(frozen=True, slots=True)
class AddedCodes:
    """Every line of an upload: `added`, there already (`repeated`), or `refused` as (line from 1, what it said)."""

    added: int
    repeated: int
    refused: tuple[tuple[int, str], ...]


def get_series(session: Session, shop_id: UUID, key: str) -> CouponSeries:
    found = session.scalar(select(CouponSeries).where(CouponSeries.shop_id == shop_id, CouponSeries.key == key))
    if found is None:
        raise SeriesNotFoundError(key)
    return found


def save_series(session: Session, shop_id: UUID, document: Mapping[str, Any]) -> None:
    """Add or change a series (format: `docs/rules.md`). Audited.

    Raises CouponSeriesError with every mistake, SourceFixedError when codes would have to come from elsewhere.
    """
    problems = Problems()
    row = parse_series(document, problems)
    if problems.found:
        raise CouponSeriesError(problems.found)
    known = session.scalar(
        select(CouponSeries).where(CouponSeries.shop_id == shop_id, CouponSeries.key == row["key"]).with_for_update()
    )
    if known is not None and known.source != row["source"] and _has_codes(session, shop_id, known.id):
        raise SourceFixedError
    values = {**row, "updated_at": clock.now()}
    session.execute(
        upsert(CouponSeries)
        .values(id=new_id(), shop_id=shop_id, created_at=clock.now(), **values)
        .on_conflict_do_update(index_elements=["shop_id", "key"], set_=values)
    )
    record(session, "personalization:coupon_series:saved", shop_id=shop_id, details={"key": row["key"]})


def _has_codes(session: Session, shop_id: UUID, series_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(Coupon.shop_id == shop_id, Coupon.series_id == series_id))))


def add_codes(session: Session, shop_id: UUID, series_key: str, codes: Sequence[str]) -> AddedCodes:
    """Put uploaded codes into the pool; a code that the shop has already, in any series, is not added twice.

    Raises SeriesNotFoundError, NotAPoolError, TooManyCodesError. Audited.
    """
    if len(codes) > MOST_AT_ONCE:
        raise TooManyCodesError(MOST_AT_ONCE)
    series = get_series(session, shop_id, series_key)
    if series.source is not CodeSource.POOL:
        raise NotAPoolError
    good = {fold_code(code): code.strip() for code in codes if is_printable(code)}
    refused = tuple((line, code[:60]) for line, code in enumerate(codes, start=1) if not is_printable(code))
    rows = pack_rows({"id": new_id(), "code": code, "folded": folded} for folded, code in good.items())
    bound = {"shop_id": shop_id, "series_id": series.id, "now": clock.now(), "wanted": rows}
    added = len(session.execute(ADD, bound).all())
    details = {"key": series_key, "added": added, "refused": len(refused)}
    record(session, "personalization:coupon_codes:added", shop_id=shop_id, subject_id=series.id, details=details)
    return AddedCodes(added, len(codes) - added - len(refused), refused)


def mark_given(session: Session, shop_id: UUID, shipment_id: UUID) -> None:
    """The parcel has left: its code is the customer's. Repeating it changes nothing."""
    session.execute(GIVE, {"shop_id": shop_id, "shipment_id": shipment_id, "now": clock.now()})


def return_coupons(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> None:
    """Take codes back from shipments that were cancelled or came back; printed ones become void. May be repeated."""
    held = session.execute(HELD, {"shop_id": shop_id, "shipments": list(shipment_ids)}).all()
    give_back(session, shop_id, held)


def free_void_codes(session: Session, shop_id: UUID, series_key: str) -> int:
    """Let void codes of a pool be given again: a person vouches that nobody read them. Returns how many. Audited.

    A code that was redeemed stays void.
    """
    series = get_series(session, shop_id, series_key)
    if series.source is not CodeSource.POOL:
        raise NotAPoolError
    take_locks(session, [make_lock(shop_id, "coupon", series_key)])
    freed = session.execute(
        update(Coupon)
        .where(Coupon.shop_id == shop_id, Coupon.series_id == series.id, Coupon.state == CouponState.VOID)
        .where(Coupon.redeemed_order_id.is_(None))
        .values(
            state=CouponState.FREE,
            shipment_id=None,
            customer_id=None,
            rule_key=None,
            accepted_at=None,
            valid_until=None,
            given_at=None,
            firm=False,
        )
        .returning(Coupon.id)
        .execution_options(synchronize_session=False)
    ).all()
    details = {"key": series_key, "freed": len(freed)}
    record(session, "personalization:coupon_codes:freed", shop_id=shop_id, subject_id=series.id, details=details)
    return len(freed)
