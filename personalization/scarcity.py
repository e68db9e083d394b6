"""The ledger of a batch from the tables, and whom its choices displace. Called while the locks are held."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from personalization.contention import Contention, list_persons
from personalization.resolver.batch import Batch
from personalization.resolver.ledger import MemoryLedger, Pool, Use, make_pool
from personalization.resolver.parcel import OwedInsert

# An owed row that another parcel has kept already is no longer ours to take back.
OWN: Final = text(
    """
    SELECT a.id, a.shipment_id, a.insert_id, a.warehouse_id, a.quantity, a.state
      FROM allotments a
     WHERE a.shop_id = :shop_id AND a.shipment_id = ANY(:shipments)
       AND (a.state = 'reserved' OR (a.state = 'owed' AND NOT EXISTS (
            SELECT 1 FROM allotments k WHERE k.shop_id = :shop_id AND k.owed_allotment_id = a.id
                                         AND k.state IN ('reserved', 'packed') AND k.shipment_id <> ALL(:shipments))))
    """
)
USES: Final = text(
    """
    SELECT a.id, a.customer_id, a.rule_key, i.key AS insert_key, a.shipment_id, a.root_id, a.accepted_at,
           a.firm OR a.state = 'packed' AS firm, a.owed_allotment_id IS NOT NULL AS keeps_promise
      FROM allotments a LEFT JOIN inserts i ON i.id = a.insert_id
     WHERE a.shop_id = :shop_id AND a.customer_id = ANY(:persons) AND a.state IN ('reserved', 'packed', 'owed')
       AND (a.rule_key = ANY(:rules) OR a.insert_id = ANY(:inserts))
    """
)
OVERALL: Final = text(
    """
    SELECT rule_key, shipment_id, root_id, min(accepted_at) AS accepted_at, bool_or(firm OR state = 'packed') AS firm
      FROM allotments
     WHERE shop_id = :shop_id AND rule_key = ANY(:rules) AND state IN ('reserved', 'packed', 'owed')
       AND (state = 'packed' OR shipment_id <> ALL(:shipments))
     GROUP BY rule_key, shipment_id, root_id
     ORDER BY firm DESC, accepted_at, shipment_id
    """
)
STOCK: Final = text(
    """
    SELECT insert_id, warehouse_id, counted, reserved, packed FROM insert_stock
     WHERE shop_id = :shop_id AND insert_id = ANY(:inserts) AND warehouse_id = ANY(:warehouses)
    """
)
SOFT: Final = text(
    """
    SELECT insert_id, warehouse_id, shipment_id, accepted_at, quantity FROM allotments
     WHERE shop_id = :shop_id AND insert_id = ANY(:inserts) AND warehouse_id = ANY(:warehouses)
       AND state = 'reserved' AND NOT firm AND shipment_id <> ALL(:shipments)
    """
)
OWED: Final = text(
    """
    SELECT a.id, a.customer_id, a.shipment_id, i.key AS insert_key, a.quantity
      FROM allotments a JOIN inserts i ON i.id = a.insert_id
     WHERE a.shop_id = :shop_id AND a.customer_id = ANY(:persons) AND a.state = 'owed'
       AND NOT EXISTS (
            SELECT 1 FROM allotments k
             WHERE k.shop_id = :shop_id AND k.owed_allotment_id = a.id
               AND (k.state = 'packed' OR k.state = 'reserved' AND k.shipment_id <> ALL(:shipments)))
     ORDER BY a.accepted_at, a.id
    """
)


@dataclass(frozen=True, slots=True)
class OwnAllotment:
    """What the batch's shipments had been promised: credited back before they are decided again."""

    id: UUID
    shipment_id: UUID
    insert_id: UUID | None
    warehouse_id: UUID
    quantity: int
    state: str


@dataclass(slots=True)
class Scarcity:
    """The ledger and what is needed to see whom it displaced."""

    ledger: MemoryLedger
    own: Sequence[OwnAllotment]
    owed: Mapping[int, list[OwedInsert]]
    owners: dict[UUID, UUID | None] = field(default_factory=dict)  # owed allotment → whose promise it is


@dataclass(frozen=True, slots=True)
class _Reader:
    session: Session
    shop_id: UUID
    batch: Batch
    contention: Contention

    @property
    def bound(self) -> dict[str, Any]:
        return {
            "shop_id": self.shop_id,
            "shipments": [request.shipment_id for request in self.batch.requests],
            "persons": list(list_persons(self.batch)),
            "warehouses": list({request.warehouse_id for request in self.batch.requests}),
        }

    def read_own(self) -> list[OwnAllotment]:
        return [OwnAllotment(*row) for row in self.session.execute(OWN, self.bound)]

    def read_uses(self, own: Collection[UUID]) -> dict[tuple[str, UUID], list[Use]]:
        rules = [rule.key for rule in self.contention.per_customer]
        inserts = [insert.id for insert in self.contention.limited_inserts]
        if not rules and not inserts:
            return {}
        found: dict[tuple[str, UUID], set[Use]] = defaultdict(set)
        for row in self.session.execute(USES, {**self.bound, "rules": rules, "inserts": inserts}):
            if row.id in own:
                continue
            use = Use(row.accepted_at, row.shipment_id, row.firm, row.root_id)
            found[f"rule:{row.rule_key}", row.customer_id].add(use)
            # A promise was counted when it was given, not again when it is kept.
            if row.insert_key is not None and not row.keeps_promise:
                found[f"insert:{row.insert_key}", row.customer_id].add(use)
        return {key: sorted(uses) for key, uses in found.items()}

    def read_overall(self) -> dict[str, Pool]:
        limits = self.contention.overall
        if not limits:
            return {}
        pools = {key: make_pool(size) for key, size in limits.items()}
        for row in self.session.execute(OVERALL, {**self.bound, "rules": list(limits)}):
            pool = pools[row.rule_key]
            if row.root_id in pool.roots:
                continue
            pool.roots[row.root_id] = None if row.firm else (row.accepted_at, row.shipment_id)
            if row.firm:
                pool.firm += 1
            else:
                pool.soft.append(((row.accepted_at, row.shipment_id), 1))
        for pool in pools.values():
            pool.soft.sort()
        return {f"rule:{key}": pool for key, pool in pools.items()}

    def read_stock(self, own: Sequence[OwnAllotment]) -> dict[tuple[str, UUID], Pool]:
        keys = {insert.id: insert.key for insert in self.contention.stocked}
        if not keys:
            return {}
        credited: dict[tuple[UUID, UUID], int] = defaultdict(int)
        for allotment in own:
            if allotment.state == "reserved" and allotment.insert_id is not None:
                credited[allotment.insert_id, allotment.warehouse_id] += allotment.quantity
        pools: dict[tuple[UUID, UUID], Pool] = {}
        for row in self.session.execute(STOCK, {**self.bound, "inserts": list(keys)}):
            place = (row.insert_id, row.warehouse_id)
            pools[place] = make_pool(row.counted, row.packed + row.reserved - credited[place])
        scarce = [p for p, pool in pools.items() if pool.size - pool.firm < self.contention.demand[keys[p[0]]]]
        self._read_soft(pools, scarce)
        return {(keys[insert_id], warehouse_id): pool for (insert_id, warehouse_id), pool in pools.items()}

    def _read_soft(self, pools: Mapping[tuple[UUID, UUID], Pool], scarce: Collection[tuple[UUID, UUID]]) -> None:
        """Tell apart, where there may be too few, what older orders may take over; elsewhere everybody is served."""
        if not scarce:
            return
        for row in self.session.execute(SOFT, {**self.bound, "inserts": [insert_id for insert_id, _ in scarce]}):
            if (row.insert_id, row.warehouse_id) in scarce:
                pool = pools[row.insert_id, row.warehouse_id]
                pool.firm -= row.quantity
                pool.soft.append(((row.accepted_at, row.shipment_id), row.quantity))
        for place in scarce:
            pools[place].soft.sort()

    def read_owed(self) -> tuple[dict[int, list[OwedInsert]], dict[UUID, UUID | None]]:
        """Offer each open promise to the oldest other parcel of its customer that goes to the customer."""
        if not self.contention.promises:
            return {}, {}
        rows_of: dict[UUID, list[int]] = defaultdict(list)
        for row in sorted(range(len(self.batch.requests)), key=lambda index: self.batch.requests[index].seniority):
            request = self.batch.requests[row]
            if request.customer_id is not None and not self.batch.hides_buyer[row]:
                rows_of[request.customer_id].append(row)
        owed: dict[int, list[OwedInsert]] = defaultdict(list)
        owners: dict[UUID, UUID | None] = {}
        for found in self.session.execute(OWED, self.bound):
            rows = rows_of.get(found.customer_id, ())
            other = [row for row in rows if self.batch.requests[row].shipment_id != found.shipment_id]
            if other:
                owed[other[0]].append(OwedInsert(found.id, found.insert_key, found.quantity))
                owners[found.id] = found.customer_id
        return owed, owners


def load_scarcity(session: Session, shop_id: UUID, batch: Batch, contention: Contention) -> Scarcity:
    """Read, in at most six statements, what limits and stock leave to this batch."""
    reader = _Reader(session, shop_id, batch, contention)
    own = reader.read_own()
    own_ids = {allotment.id for allotment in own}
    ledger = MemoryLedger(reader.read_stock(own), reader.read_overall(), reader.read_uses(own_ids))
    owed, owners = reader.read_owed()
    # What the batch itself promised earlier and takes back now can no longer be kept by it.
    kept = {row: [o for o in promises if o.allotment_id not in own_ids] for row, promises in owed.items()}
    return Scarcity(ledger, own, kept, owners)


@dataclass(frozen=True, slots=True)
class Displaced:
    """One shipment outside the batch that lost what `subject` ("rule:…", "insert:…") names."""

    shipment_id: UUID
    subject: str


def find_displaced(scarcity: Scarcity, contention: Contention, batch: Batch) -> set[Displaced]:
    """Return the younger reservations that no longer fit, now that older orders have chosen."""
    ledger = scarcity.ledger
    # A series of coupons lies there under its own name, an insert under its key.
    pools = [(key if ":" in key else f"insert:{key}", pool) for (key, _), pool in ledger.stock.items()]
    pools += list(ledger.overall.items())
    found = {Displaced(shipment_id, subject) for subject, pool in pools for shipment_id in pool.find_displaced()}
    inside = {request.shipment_id for request in batch.requests}
    limits: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for subject, count, days in _list_customer_limits(contention):
        limits[subject].append((count, days))
    for (subject, _), uses in ledger.uses.items():
        for count, days in limits.get(subject, ()) if len(uses) > 1 else ():
            found |= {Displaced(i, subject) for i in _find_surplus(uses, count, days) if i not in inside}
    return found


def _list_customer_limits(contention: Contention) -> Iterator[tuple[str, int, int | None]]:
    for rule in contention.per_customer:
        for limit in rule.limits:
            if limit.per_customer:
                yield f"rule:{rule.key}", limit.count, limit.within_days
    for insert in contention.limited_inserts:
        if insert.limit_per_customer is not None:
            yield f"insert:{insert.key}", insert.limit_per_customer, None


def _find_surplus(uses: Sequence[Use], count: int, days: int | None) -> Iterator[UUID]:
    """Yield the shipments whose use, in order of seniority, comes after the limit is reached. `uses` is sorted."""
    kept = [use for use in uses if use.firm]
    for use in uses:
        if use.firm:
            continue
        near = {k.root for k in kept if days is None or abs(k.accepted_at - use.accepted_at) < timedelta(days=days)}
        if len(near - {use.root}) >= count:
            yield use.shipment_id
        else:
            kept.append(use)
