"""The law of a shop: built-in tables and what the shop entered over them. Callers own the transaction."""

from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_id
from orders.catalogue.terms import ServiceOnDays, load_services
from personalization.law import GIFT_LIMITS, DatedService, GiftLimit, Law
from personalization.legal.models import GiftLimitEntry
from personalization.rulesets.catalogue import ServiceInfo

LARGEST = 10**9


class GiftLimitNotFoundError(NotFoundError):
    code = "gift_limit_not_found"

    def __init__(self, valid_from: date) -> None:
        super().__init__("The shop entered no gift limit for this day.", valid_from=valid_from.isoformat())


def load_law(session: Session, shop_id: UUID) -> Law:
    """Return what is allowed on every day, in three small statements."""
    entered = [_to_limit(row) for row in list_gift_limits(session, shop_id)]
    # Of two entries of one day the shop's own stands: the search looks from the end.
    limits = sorted([*GIFT_LIMITS, *entered], key=lambda limit: limit.valid_from)
    services = {key: to_dated(found) for key, found in load_services(session, shop_id).items()}
    return Law(tuple(limits), services)


def to_dated(found: ServiceOnDays) -> tuple[DatedService, ...]:
    return tuple(
        DatedService(
            terms.valid_from,
            ServiceInfo(found.service.key, found.service.name, terms.letter_class, terms.sealed_allowed),
        )
        for terms in found.terms
    )


def list_gift_limits(session: Session, shop_id: UUID) -> list[GiftLimitEntry]:
    """Return what the shop entered itself, the earliest first."""
    return list(
        session.scalars(
            select(GiftLimitEntry).where(GiftLimitEntry.shop_id == shop_id).order_by(GiftLimitEntry.valid_from)
        )
    )


def _to_limit(row: GiftLimitEntry) -> GiftLimit:
    return GiftLimit(row.valid_from, row.threshold, row.flat, row.percent, row.source)


def save_gift_limit(session: Session, shop_id: UUID, limit: GiftLimit) -> None:
    """Enter the limit of gifts from a day on; the same day again replaces it. Audited. Raises InvalidInputError."""
    _check(limit)
    values = {
        "threshold": limit.threshold,
        "flat": limit.flat,
        "percent": limit.percent,
        "source": limit.source.strip(),
        "recorded_by": get_context().actor.id,
        "recorded_at": clock.now(),
    }
    session.execute(
        upsert(GiftLimitEntry)
        .values(id=new_id(), shop_id=shop_id, valid_from=limit.valid_from, **values)
        .on_conflict_do_update(index_elements=["shop_id", "valid_from"], set_=values)
    )
    details = {"valid_from": limit.valid_from.isoformat(), "flat": limit.flat, "percent": limit.percent}
    record(session, "personalization:gift_limit:saved", shop_id=shop_id, details=details)


def _check(limit: GiftLimit) -> None:
    if not limit.source.strip():
        raise InvalidInputError("The source is missing.", field="source")
    for name, largest in (("threshold", LARGEST), ("flat", LARGEST), ("percent", 100)):
        if not 0 <= getattr(limit, name) <= largest:
            raise InvalidInputError(f"Not within 0 to {largest}.", field=name)


def remove_gift_limit(session: Session, shop_id: UUID, valid_from: date) -> None:
    """Take back what the shop entered for that day. Raises GiftLimitNotFoundError. Audited."""
    removed = session.execute(
        delete(GiftLimitEntry)
        .where(GiftLimitEntry.shop_id == shop_id, GiftLimitEntry.valid_from == valid_from)
        .returning(GiftLimitEntry.id)
    ).one_or_none()
    if removed is None:
        raise GiftLimitNotFoundError(valid_from)
    details = {"valid_from": valid_from.isoformat()}
    record(session, "personalization:gift_limit:removed", shop_id=shop_id, details=details)
