"""What a shop decides by now: version in force, inserts, law, time zone. One statement; what has not changed since this
process read it last is not read again.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from personalization.insert_info import Inserts
from personalization.inserts import load_inserts
from personalization.law import Law
from personalization.legal.service import load_law
from personalization.publishing import MAIN

MAX_KNOWN: Final = 256


def _digest(table: str, order: str) -> str:
    rows = f"string_agg(CAST(x AS text), E'\\n' ORDER BY {order})"
    return f"(SELECT sha256(convert_to({rows}, 'UTF8')) FROM {table} x WHERE x.shop_id = :shop_id)"


STANDING: Final = text(
    f"""
    SELECT s.time_zone,
           (SELECT v.id FROM ruleset_versions v JOIN rulesets r ON r.id = v.ruleset_id
             WHERE v.shop_id = :shop_id AND r.shop_id = :shop_id AND r.key = :main AND v.number = r.live_number),
           EXISTS (SELECT FROM experiments e WHERE e.shop_id = :shop_id),
           {_digest("inserts", "x.key")}, {_digest("gift_limits", "x.valid_from")},
           {_digest("delivery_services", "x.key")}, {_digest("service_terms", "x.service_key, x.valid_from")}
      FROM shops s WHERE s.id = :shop_id
    """
)


@dataclass(frozen=True, slots=True)
class Standing:
    """`live_id`: the version that decides now, None while nothing was published."""

    zone: ZoneInfo
    live_id: UUID | None
    has_experiments: bool
    inserts: Inserts
    law: Law


# Shop → digests of the tables, and what they held then. Nothing personal.
_known: dict[UUID, tuple[tuple[Any, ...], Inserts, Law]] = {}


def load_standing(session: Session, shop_id: UUID) -> Standing:
    """Return what holds now. Raises NotFoundError for an unknown shop."""
    session.flush()  # What this transaction changed by the ORM counts too; plain SQL would not see it.
    zone, live_id, has_experiments, *digests = _read(session, shop_id)
    known = _known.get(shop_id)
    if known is None or known[0] != tuple(digests):
        known = (tuple(digests), load_inserts(session, shop_id), load_law(session, shop_id))
        # Kept only if nobody changed anything between the statements.
        if tuple(_read(session, shop_id)[3:]) == known[0]:
            _keep(shop_id, known)
    return Standing(ZoneInfo(zone), live_id, has_experiments, known[1], known[2])


def _read(session: Session, shop_id: UUID) -> tuple[Any, ...]:
    row = session.execute(STANDING, {"shop_id": shop_id, "main": MAIN}).one_or_none()
    if row is None:
        raise NotFoundError("There is no such shop.", shop_id=str(shop_id))
    return tuple(row)


def _keep(shop_id: UUID, known: tuple[tuple[Any, ...], Inserts, Law]) -> None:
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    _known[shop_id] = known
