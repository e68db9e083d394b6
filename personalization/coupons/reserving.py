"""Codes under the locks: what is left of each series, which code a shipment keeps, and who gets a new one."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.rowsets import pack_rows, rowset
from personalization.coupons.codes import fold_code, make_code
from personalization.coupons.models import CodeSource
from personalization.coupons.series import SeriesInfo
from personalization.errors import OvertakenError
from personalization.locks import make_lock
from personalization.requests import DecisionRequest
from personalization.resolver.ledger import MemoryLedger, Pool, make_pool
from personalization.resolver.supplies import name_series

# What a batch's shipments hold of any series, also of those that their rules no longer ask for.
OWN: Final = text(
    """
    SELECT c.id, c.series_id, c.shipment_id, c.code, c.state, c.firm, s.source
      FROM coupons c JOIN coupon_series s ON s.id = c.series_id
     WHERE c.shop_id = :shop_id AND c.shipment_id = ANY(:shipments) AND c.state IN ('reserved', 'given')
    """
)
USED: Final = text(
    """
    SELECT series_id,
           count(*) FILTER (WHERE state = 'free' OR shipment_id = ANY(:shipments) AND state <> 'void') AS free,
           count(*) FILTER (WHERE (state = 'given' OR state = 'reserved' AND firm)
                              AND shipment_id <> ALL(:shipments)) AS firm,
           count(*) FILTER (WHERE state = 'void') AS void
      FROM coupons WHERE shop_id = :shop_id AND series_id = ANY(:series) GROUP BY series_id
    """
)
SOFT: Final = text(
    """
    SELECT series_id, shipment_id, accepted_at FROM coupons
     WHERE shop_id = :shop_id AND series_id = ANY(:series) AND state = 'reserved' AND NOT firm
       AND shipment_id <> ALL(:shipments)
    """
)
# A printed code that is not given may have been read: it is never given to somebody else by itself.
VOID: Final = text("UPDATE coupons SET state = 'void' WHERE shop_id = :shop_id AND id = ANY(:ids)")
FREE: Final = text(
    """
    UPDATE coupons SET state = 'free', shipment_id = NULL, customer_id = NULL, rule_key = NULL, accepted_at = NULL,
                       valid_until = NULL, firm = false
     WHERE shop_id = :shop_id AND id = ANY(:ids) AND state = 'reserved' AND NOT firm
    RETURNING id
    """
)
FORGET: Final = text(
    """
    DELETE FROM coupons WHERE shop_id = :shop_id AND id = ANY(:ids) AND state = 'reserved' AND NOT firm RETURNING id
    """
)
FIND_DISPLACED: Final = text(
    f"""
    SELECT c.id, c.shipment_id, s.source FROM coupons c
      JOIN coupon_series s ON s.id = c.series_id
      JOIN {rowset("wanted", {"shipment_id": "uuid", "series": "text"})}
        ON wanted.shipment_id = c.shipment_id AND wanted.series = s.key
     WHERE c.shop_id = :shop_id AND c.state = 'reserved' AND NOT c.firm
    """
)
CHOSEN: Final = {
    "id": "uuid",
    "series_id": "uuid",
    "shipment_id": "uuid",
    "customer_id": "uuid",
    "rule_key": "text",
    "accepted_at": "timestamptz",
    "firm": "boolean",
    "valid_until": "date",
}
_HOLD: Final = """
    shipment_id = wanted.shipment_id, customer_id = wanted.customer_id, rule_key = wanted.rule_key,
    accepted_at = wanted.accepted_at, firm = wanted.firm, valid_until = wanted.valid_until
"""
KEEP: Final = text(
    f"UPDATE coupons c SET {_HOLD} FROM {rowset('wanted', CHOSEN)} WHERE c.shop_id = :shop_id AND c.id = wanted.id"
)
TAKE_FREE: Final = text(
    f"""
    WITH wanted AS (SELECT *, row_number() OVER (PARTITION BY series_id ORDER BY accepted_at, shipment_id) AS place
                      FROM {rowset("wanted", CHOSEN)}),
         free AS (SELECT id, series_id, row_number() OVER (PARTITION BY series_id ORDER BY id) AS place
                    FROM coupons WHERE shop_id = :shop_id AND series_id = ANY(:series) AND state = 'free')
    UPDATE coupons c SET state = 'reserved', {_HOLD}
      FROM wanted JOIN free USING (series_id, place)
     WHERE c.shop_id = :shop_id AND c.id = free.id
    RETURNING c.shipment_id, c.code
    """
)
MAKE: Final = text(
    f"""
    INSERT INTO coupons (id, shop_id, series_id, code, folded, state, shipment_id, customer_id, rule_key, accepted_at,
                         firm, valid_until, created_at)
    SELECT wanted.id, :shop_id, wanted.series_id, wanted.code, wanted.folded, 'reserved', wanted.shipment_id,
           wanted.customer_id, wanted.rule_key, wanted.accepted_at, wanted.firm, wanted.valid_until, :now
      FROM {rowset("wanted", {**CHOSEN, "code": "text", "folded": "text"})}
    ON CONFLICT (shop_id, folded) DO NOTHING
    RETURNING shipment_id, code
    """
)
MAX_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class OwnCoupon:
    """A code that a shipment of the batch holds."""

    id: UUID
    series_id: UUID
    shipment_id: UUID
    code: str
    state: str
    firm: bool
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """One shipment that gets a code of this series."""

    series: SeriesInfo
    shipment_id: UUID
    customer_id: UUID | None
    rule_key: str
    accepted_at: datetime
    firm: bool
    valid_until: Any


@dataclass(frozen=True, slots=True)
class Till:
    """The coupons of one batch, read while the locks of shipments and scarce series are held."""

    session: Session
    shop_id: UUID
    shipments: Sequence[UUID]
    series: Mapping[str, SeriesInfo]
    own: Sequence[OwnCoupon]
    pools: Mapping[str, Pool] = field(default_factory=dict)

    def put_into(self, ledger: MemoryLedger, requests: Sequence[DecisionRequest]) -> None:
        """Let the ledger count the scarce series; codes lie in no warehouse, so all of them share one pool."""
        for key, pool in self.pools.items():
            for warehouse_id in {request.warehouse_id for request in requests}:
                ledger.stock[name_series(key), warehouse_id] = pool

    def settle(self, wanted: Sequence[Wanted], now: datetime) -> dict[UUID, str]:
        """Give back what is no longer chosen, keep what is, reserve the rest; returns the code of each shipment."""
        held = {(own.shipment_id, own.series_id): own for own in self.own}
        kept = {(want.shipment_id, want.series.id) for want in wanted} & held.keys()
        give_back(self.session, self.shop_id, [own for place, own in held.items() if place not in kept])
        rows = [_to_row(want, held.get((want.shipment_id, want.series.id))) for want in wanted]
        old = [row for row in rows if (row["shipment_id"], row["series_id"]) in kept]
        if old:
            self.session.execute(KEEP, {"shop_id": self.shop_id, "wanted": pack_rows(old)})
        codes = {row["shipment_id"]: held[row["shipment_id"], row["series_id"]].code for row in old}
        new = [want for want in wanted if (want.shipment_id, want.series.id) not in kept]
        return codes | self._take_free(new) | self._make(new, now)

    def _take_free(self, wanted: Sequence[Wanted]) -> dict[UUID, str]:
        rows = [_to_row(want, None) for want in wanted if want.series.source is CodeSource.POOL]
        if not rows:
            return {}
        bound = {"shop_id": self.shop_id, "series": list({row["series_id"] for row in rows}), "wanted": pack_rows(rows)}
        found = {row.shipment_id: row.code for row in self.session.execute(TAKE_FREE, bound)}
        if len(found) < len(rows):
            raise OvertakenError("A coupon code was taken meanwhile.")
        return found

    def _make(self, wanted: Sequence[Wanted], now: datetime) -> dict[UUID, str]:
        """Make codes by pattern; one that exists already is thrown again."""
        waiting = {want.shipment_id: want for want in wanted if want.series.source is CodeSource.PATTERN}
        made: dict[UUID, str] = {}
        for _ in range(MAX_TRIES):
            if not waiting:
                return made
            rows = [_to_row(want, None) | _new_code(want) for want in waiting.values()]
            bound = {"shop_id": self.shop_id, "now": now, "wanted": pack_rows(rows)}
            found = {row.shipment_id: row.code for row in self.session.execute(MAKE, bound)}
            made |= found
            waiting = {shipment: want for shipment, want in waiting.items() if shipment not in found}
        raise OvertakenError("No free code of this pattern was found.")


def list_series_locks(shop_id: UUID, series: Mapping[str, SeriesInfo]) -> set[int]:
    """Return the locks of the series that may run out; codes made without limit need none."""
    return {make_lock(shop_id, "coupon", info.key) for info in series.values() if info.is_scarce}


def read_till(session: Session, shop_id: UUID, shipments: Sequence[UUID], series: Mapping[str, SeriesInfo]) -> Till:
    """Read what the shipments hold, and how many codes of each scarce series are left for whom."""
    bound = {"shop_id": shop_id, "shipments": list(shipments)}
    own = [OwnCoupon(*row) for row in session.execute(OWN, bound)]
    scarce = {info.id: info for info in series.values() if info.is_scarce}
    if not scarce:
        return Till(session, shop_id, shipments, series, own)
    bound["series"] = list(scarce)
    used = {row.series_id: row for row in session.execute(USED, bound)}
    soft: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(SOFT, bound):
        soft[row.series_id].append(((row.accepted_at, row.shipment_id), 1))
    pools = {
        info.key: _make_pool(info, used.get(series_id), soft.get(series_id, ())) for series_id, info in scarce.items()
    }
    return Till(session, shop_id, shipments, series, own, pools)


def _make_pool(series: SeriesInfo, used: Any, soft: Collection[Any]) -> Pool:
    free, firm, void = (0, 0, 0) if used is None else (used.free, used.firm, used.void)
    if series.source is CodeSource.POOL:
        return make_pool(free + firm + len(soft), firm, soft)
    # Codes made here: what was printed counts against the limit, whatever became of it.
    return make_pool(series.code_limit or 0, firm + void, soft)


def _to_row(want: Wanted, own: OwnCoupon | None) -> dict[str, Any]:
    return {
        "id": new_id() if own is None else own.id,
        "series_id": want.series.id,
        "shipment_id": want.shipment_id,
        "customer_id": want.customer_id,
        "rule_key": want.rule_key,
        "accepted_at": want.accepted_at,
        # What was printed once stays so.
        "firm": want.firm or (own is not None and own.firm),
        "valid_until": want.valid_until,
    }


def _new_code(want: Wanted) -> dict[str, str]:
    code = make_code(want.series.pattern or "")
    return {"code": code, "folded": fold_code(code)}


def give_back(session: Session, shop_id: UUID, coupons: Collection[Any]) -> None:
    """Return codes (id, source, firm, state) to where they came from; printed ones become void."""
    for statement, ids in _sort_returns(coupons):
        if ids:
            session.execute(statement, {"shop_id": shop_id, "ids": ids})


def _sort_returns(coupons: Collection[Any]) -> Iterator[tuple[Any, list[UUID]]]:
    seen = [c.id for c in coupons if c.firm or c.state == "given"]
    unseen = [c for c in coupons if not c.firm and c.state == "reserved"]
    yield VOID, seen
    yield FREE, [c.id for c in unseen if c.source == CodeSource.POOL]
    # Nobody saw it: a code that was made here is as if it had never been.
    yield FORGET, [c.id for c in unseen if c.source == CodeSource.PATTERN]


def displace_coupons(session: Session, shop_id: UUID, displaced: Collection[tuple[UUID, str]]) -> None:
    """Take codes back from younger shipments: (shipment, series key). Raises OvertakenError when one was printed."""
    if not displaced:
        return
    rows = pack_rows({"shipment_id": shipment_id, "series": series} for shipment_id, series in displaced)
    found = session.execute(FIND_DISPLACED, {"shop_id": shop_id, "wanted": rows}).all()
    taken = 0
    for statement, source in ((FREE, CodeSource.POOL), (FORGET, CodeSource.PATTERN)):
        ids = [row.id for row in found if row.source == source]
        taken += len(session.execute(statement, {"shop_id": shop_id, "ids": ids}).all())
    if taken < len(displaced):
        raise OvertakenError("A younger order was frozen meanwhile.")
