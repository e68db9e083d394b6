"""Limits, stock and promises as they stood at a past moment: where a simulation begins."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from personalization.resolver.ledger import MemoryLedger, Pool, Use, make_pool
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.resolve import Rulebook

# Of orders accepted before; what came back later was still out then.
STOOD: Final = """a.accepted_at < :since
       AND (a.state IN ('reserved', 'packed', 'owed') OR a.returned_at > :since)"""
USES: Final = text(
    f"""
    SELECT a.customer_id, a.rule_key, i.key AS insert_key, a.shipment_id, a.root_id, a.accepted_at,
           a.owed_allotment_id IS NOT NULL AS keeps_promise
      FROM allotments a
      JOIN unnest(CAST(:persons AS uuid[])) person(id) ON person.id = a.customer_id
      LEFT JOIN inserts i ON i.id = a.insert_id
     WHERE a.shop_id = :shop_id AND (a.rule_key = ANY(:rules) OR i.key = ANY(:inserts)) AND {STOOD}
    """
)
OVERALL: Final = text(
    f"""
    SELECT a.rule_key, count(DISTINCT coalesce(a.root_id, a.shipment_id)) AS used
      FROM allotments a WHERE a.shop_id = :shop_id AND a.rule_key = ANY(:rules) AND {STOOD} GROUP BY a.rule_key
    """
)
# What is there now, and what orders since then have taken.
STOCK: Final = text(
    """
    SELECT i.key AS insert_key, s.warehouse_id, s.counted - s.reserved - s.packed + coalesce(taken.pieces, 0) AS free
      FROM insert_stock s JOIN inserts i ON i.id = s.insert_id
      LEFT JOIN (
           SELECT a.insert_id, a.warehouse_id,
                  sum(CASE a.state WHEN 'packed' THEN a.packed_quantity ELSE a.quantity END) AS pieces
             FROM allotments a
            WHERE a.shop_id = :shop_id AND a.state IN ('reserved', 'packed') AND a.accepted_at >= :since
            GROUP BY a.insert_id, a.warehouse_id) taken
        ON taken.insert_id = s.insert_id AND taken.warehouse_id = s.warehouse_id
     WHERE s.shop_id = :shop_id
    """
)
OWED: Final = text(
    """
    SELECT a.id, a.customer_id, a.shipment_id, i.key AS insert_key, a.quantity
      FROM allotments a JOIN inserts i ON i.id = a.insert_id
      JOIN unnest(CAST(:persons AS uuid[])) person(id) ON person.id = a.customer_id
     WHERE a.shop_id = :shop_id AND a.state = 'owed' AND a.accepted_at < :since
       AND NOT EXISTS (
            SELECT 1 FROM allotments k
             WHERE k.shop_id = :shop_id AND k.owed_allotment_id = a.id AND k.accepted_at < :since
               AND k.state IN ('reserved', 'packed'))
     ORDER BY a.accepted_at, a.id
    """
)


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """An insert that the parcel of `shipment_id` still owes its customer."""

    owed: OwedInsert
    shipment_id: UUID


@dataclass(frozen=True, slots=True)
class PastState:
    """`stock`: (insert, warehouse) → free pieces; `used`: rule → shipments; `share` of what is free is the sample's."""

    stock: Mapping[tuple[str, UUID], int] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[tuple[str, UUID], Sequence[Use]] = field(default_factory=dict)
    owed: Mapping[UUID, Sequence[OpenPromise]] = field(default_factory=dict)
    share: float = 1.0

    def find_free(self, insert_key: str, warehouse_id: UUID) -> int:
        """Return the pieces a simulation begins with."""
        return round(self.stock.get((insert_key, warehouse_id), 0) * self.share)

    def open_ledger(self, rulebook: Rulebook) -> MemoryLedger:
        """Return a ledger of one simulation's own."""
        stock = {place: make_pool(self.find_free(*place)) for place in self.stock}
        overall = {
            f"rule:{rule.key}": self._open_pool(rule.key, min(counts))
            for rule in rulebook.document.active
            if (counts := [limit.count for limit in rule.limits if not limit.per_customer])
        }
        return MemoryLedger(stock, overall, {key: list(uses) for key, uses in self.uses.items()})

    def _open_pool(self, rule_key: str, size: int) -> Pool:
        free = max(0, size - self.used.get(rule_key, 0))
        return make_pool(size, size - round(free * self.share))

    def open_promises(self) -> dict[UUID, list[OpenPromise]]:
        return defaultdict(list, {person: list(promises) for person, promises in self.owed.items()})


def load_past_state(
    session: Session,
    shop_id: UUID,
    since: datetime,
    persons: Collection[UUID],
    rulebooks: Sequence[Rulebook],
    *,
    share: float = 1.0,
) -> PastState:
    """Return what orders accepted before `since` had left, in at most four statements.

    Deliveries of inserts are not on record: what was counted since then is taken as there from the beginning.
    """
    limited = {rule.key for book in rulebooks for rule in book.document.active if rule.limits}
    inserts = {i.key for book in rulebooks for i in book.inserts.values() if i.limit_per_customer is not None}
    bound = {"shop_id": shop_id, "since": since, "persons": list(persons)}
    bound |= {"rules": sorted(limited), "inserts": sorted(inserts)}
    stock = {(row.insert_key, row.warehouse_id): int(row.free) for row in session.execute(STOCK, bound)}
    owed: dict[UUID, list[OpenPromise]] = defaultdict(list)
    for row in session.execute(OWED, bound):
        owed[row.customer_id].append(OpenPromise(OwedInsert(row.id, row.insert_key, row.quantity), row.shipment_id))
    used = {row.rule_key: int(row.used) for row in session.execute(OVERALL, bound)} if limited else {}
    uses = _load_uses(session, bound) if limited or inserts else {}
    return PastState(stock, used, uses, owed, share)


def _load_uses(session: Session, bound: Mapping[str, object]) -> dict[tuple[str, UUID], list[Use]]:
    found: dict[tuple[str, UUID], set[Use]] = defaultdict(set)
    for row in session.execute(USES, bound):
        use = Use(row.accepted_at, row.shipment_id, True, row.root_id)
        found[f"rule:{row.rule_key}", row.customer_id].add(use)
        # A promise was counted when it was given, not again when it is kept.
        if row.insert_key is not None and not row.keeps_promise:
            found[f"insert:{row.insert_key}", row.customer_id].add(use)
    return {key: sorted(uses, key=lambda use: (use.accepted_at, use.shipment_id)) for key, uses in found.items()}
