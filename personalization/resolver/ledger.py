"""What is scarce: uses of limited rules and inserts, and pieces in stock, as one request may see them.

A request counts what is firm or packed, and the reservations of older orders; never its own or those of younger orders.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from personalization.requests import DecisionRequest

Seniority = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class LimitKey:
    """What is counted: shipments that used `subject` ("rule:…" or "insert:…"), of one customer or (None) of all."""

    subject: str
    customer_id: UUID | None = None
    within_days: int | None = None

    @property
    def code(self) -> str:
        whose = "overall" if self.customer_id is None else "customer"
        return f"{self.subject}/{whose}/{self.within_days or ''}"


class Ledger(Protocol):
    """Counts and stock. `take` and `use` are called for what was chosen, oldest order first."""

    def count(self, key: LimitKey, request: DecisionRequest) -> int: ...

    def available(self, insert_key: str, request: DecisionRequest) -> int: ...

    def use(self, subject: str, customer_id: UUID | None, request: DecisionRequest) -> None: ...

    def take(self, insert_key: str, quantity: int, request: DecisionRequest) -> None: ...


@dataclass(slots=True)
class Pool:
    """`size` things that requests share, `firm` of them gone for good; an older order may take over the `soft` ones.

    `roots`: where shipments of one root count as one, whose uses are in it, and since when (None: firm).
    """

    size: int
    firm: int = 0
    soft: list[tuple[Seniority, int]] = field(default_factory=list)
    taken: int = 0
    roots: dict[UUID, Seniority | None] = field(default_factory=dict)

    def holds_own(self, request: DecisionRequest) -> bool:
        """Whether what a request sees as used includes a use that counts as its own."""
        if request.root not in self.roots:
            return False
        since = self.roots[request.root]
        return since is None or since < request.seniority

    def free_for(self, request: DecisionRequest) -> int:
        if not self.soft:
            return self.size - self.firm - self.taken
        older = bisect_left(self.soft, (request.seniority, 0))
        return self.size - self.firm - self.taken - sum(quantity for _, quantity in self.soft[:older])

    def find_displaced(self) -> Iterator[UUID]:
        """Yield the shipments, youngest first, whose reservations no longer fit."""
        over = self.taken + sum(quantity for _, quantity in self.soft) + self.firm - self.size
        for (_, shipment_id), quantity in reversed(self.soft):
            if over <= 0:
                return
            over -= quantity
            yield shipment_id


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One shipment of one customer that used a limited thing. Shipments of one root count as one."""

    accepted_at: datetime
    shipment_id: UUID
    firm: bool
    root_id: UUID | None = None

    @property
    def root(self) -> UUID:
        return self.root_id or self.shipment_id


@dataclass(slots=True)
class MemoryLedger:
    """The ledger of one batch: filled by the service from allotments, or empty for a simulation.

    An insert without a pool is not in stock anywhere; a subject without a pool has no overall limit.
    """

    stock: dict[tuple[str, UUID], Pool] = field(default_factory=dict)
    overall: dict[str, Pool] = field(default_factory=dict)
    uses: dict[tuple[str, UUID], list[Use]] = field(default_factory=dict)
    _shelf: dict[str, Pool] = field(default_factory=dict)  # of the warehouse that was asked for last
    _warehouse: UUID | None = None

    def count(self, key: LimitKey, request: DecisionRequest) -> int:
        if key.customer_id is None:
            pool = self.overall[key.subject]
            return pool.size - pool.free_for(request) - pool.holds_own(request)
        return self.count_person(key.subject, key.customer_id, key.within_days, request)

    def count_person(
        self, subject: str, customer_id: UUID | None, within_days: int | None, request: DecisionRequest
    ) -> int:
        """Return how often one person used a thing, as `count` does, without a key."""
        uses = None if customer_id is None else self.uses.get((subject, customer_id))
        if uses is None:
            return 0
        return len({use.root for use in uses if _counts(use, request, within_days)})

    def available(self, insert_key: str, request: DecisionRequest) -> int:
        pool = self._find_pool(insert_key, request.warehouse_id)
        return 0 if pool is None else pool.free_for(request)

    def _find_pool(self, insert_key: str, warehouse_id: UUID) -> Pool | None:
        """Remembers pools by insert alone: comparing warehouses for each proposal takes longer than the rest of it."""
        if warehouse_id is not self._warehouse:
            if warehouse_id != self._warehouse:
                self._shelf = {}
            self._warehouse = warehouse_id
        pool = self._shelf.get(insert_key)
        if pool is None and (pool := self.stock.get((insert_key, warehouse_id))) is not None:
            self._shelf[insert_key] = pool
        return pool

    def use(self, subject: str, customer_id: UUID | None, request: DecisionRequest) -> None:
        if subject in self.overall and request.root not in self.overall[subject].roots:
            self.overall[subject].taken += 1
        if customer_id is not None:
            # Not firm, but older than whatever of this batch comes after it.
            use = Use(request.accepted_at, request.shipment_id, False, request.root)
            insort(self.uses.setdefault((subject, customer_id), []), use)

    def take(self, insert_key: str, quantity: int, request: DecisionRequest) -> None:
        self.take_from(insert_key, request.warehouse_id, quantity)

    def take_from(self, insert_key: str, warehouse_id: UUID, quantity: int) -> None:
        pool = self._find_pool(insert_key, warehouse_id)
        assert pool is not None, "only what is available is taken"
        pool.taken += quantity


def _counts(use: Use, request: DecisionRequest, within_days: int | None) -> bool:
    if use.root == request.root:
        return False
    if not use.firm and (use.accepted_at, use.shipment_id) > request.seniority:
        return False
    return within_days is None or abs(use.accepted_at - request.accepted_at) < timedelta(days=within_days)


class NotRecordedError(LookupError):
    """A repeated decision asks for what the first one never saw: it is going another way."""


@dataclass(slots=True)
class RecordedLedger:
    """What one shipment saw when it was decided, to repeat its decision. Raises NotRecordedError for anything else."""

    counts: dict[str, int]
    stock: dict[str, int]

    def count(self, key: LimitKey, request: DecisionRequest) -> int:  # noqa: ARG002 (one request only)
        if key.code not in self.counts:
            raise NotRecordedError(key.code)
        return self.counts[key.code]

    def available(self, insert_key: str, request: DecisionRequest) -> int:  # noqa: ARG002
        if insert_key not in self.stock:
            raise NotRecordedError(insert_key)
        return self.stock[insert_key]

    def use(self, subject: str, customer_id: UUID | None, request: DecisionRequest) -> None:
        """Nothing follows within one shipment that could count it."""

    def take(self, insert_key: str, quantity: int, request: DecisionRequest) -> None:  # noqa: ARG002
        self.stock[insert_key] -= quantity


@dataclass(slots=True)
class Observer:
    """What one parcel sees of the ledger of its batch, noted for its stored inputs, and what it takes: `settle` passes
    that on once it stands.
    """

    ledger: Ledger
    counted: dict[LimitKey, int] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    used: list[tuple[str, UUID | None]] = field(default_factory=list)
    taken: list[tuple[str, int]] = field(default_factory=list)
    _own: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {key.code: count for key, count in self.counted.items()}

    def count(self, key: LimitKey, request: DecisionRequest) -> int:
        return self.counted.setdefault(key, self.ledger.count(key, request))

    def available(self, insert_key: str, request: DecisionRequest) -> int:
        found = self.ledger.available(insert_key, request)
        if insert_key not in self.stock:
            self.stock[insert_key] = found
        return found - self._own.get(insert_key, 0)

    def use(self, subject: str, customer_id: UUID | None, request: DecisionRequest) -> None:  # noqa: ARG002
        self.used.append((subject, customer_id))

    def take(self, insert_key: str, quantity: int, request: DecisionRequest) -> None:  # noqa: ARG002
        self.taken.append((insert_key, quantity))
        self._own[insert_key] = self._own.get(insert_key, 0) + quantity

    def settle(self, request: DecisionRequest) -> None:
        """Let the requests that follow find used and taken what this one used and took."""
        for subject, customer_id in self.used:
            self.ledger.use(subject, customer_id, request)
        for insert_key, quantity in self.taken:
            self.ledger.take(insert_key, quantity, request)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a parcel saw that was decided together with others: code of a limit → count, insert → pieces free."""

    counts: dict[str, int]
    stock: dict[str, int]


def make_pool(size: int, firm: int = 0, soft: Iterable[tuple[Seniority, int]] = ()) -> Pool:
    return Pool(size, firm, sorted(soft))
