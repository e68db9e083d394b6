"""What pools hold when a run of parcels begins: enough for whatever the run may ask, nothing, or something between."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from personalization.contention import list_chain
from personalization.models import WhenOut
from personalization.requests import DecisionRequest
from personalization.resolver.crowds.prepared import Prepared
from personalization.resolver.events import Rows
from personalization.resolver.ledger import MemoryLedger, Pool

PLENTY = 1 << 40


@dataclass(frozen=True)
class Run:
    """Requests that follow each other by age, and which rules may act for them: `pair_rows` and `pair_rules` are pairs
    of places in the run and in the rulebook.
    """

    requests: list[DecisionRequest]
    pair_rows: Rows
    pair_rules: Rows

    @cached_property
    def warehouses(self) -> list[UUID]:
        return list(dict.fromkeys(request.warehouse_id for request in self.requests))

    @cached_property
    def warehouse(self) -> Rows:
        """(rows): the place of each row's warehouse."""
        places = {warehouse_id: place for place, warehouse_id in enumerate(self.warehouses)}
        return np.array([places[request.warehouse_id] for request in self.requests], dtype=np.int64)


@dataclass
class Means:
    """Scarce is what could run out within the run: only parcels decided one by one, by age, may take of it."""

    prepared: Prepared
    ledger: MemoryLedger
    run: Run

    @cached_property
    def free(self) -> NDArray[np.int64]:
        """(warehouses × inserts): pieces; nobody counts what is not stocked."""
        found = np.full((len(self.run.warehouses), len(self.prepared.inserts)), PLENTY, dtype=np.int64)
        for place, insert, pool in self._list_pools():
            found[place, insert] = 0 if pool is None else pool.size - pool.firm - pool.taken
        return found

    @cached_property
    def used(self) -> NDArray[np.int64]:
        """(overall limits): how often each rule was used."""
        pools = (self.ledger.overall[f"rule:{key}"] for key in self.prepared.overall)
        return np.array([pool.firm + pool.taken for pool in pools], dtype=np.int64)

    @cached_property
    def is_dry(self) -> NDArray[np.bool_]:
        return np.asarray(self.free <= 0)

    @cached_property
    def is_hard(self) -> NDArray[np.bool_]:
        """(warehouses × rules): whether a parcel that the rule may act for must be decided by itself."""
        prepared = self.prepared
        touches_scarce = (self._is_scarce.astype(np.int64) @ (prepared.demand > 0).T.astype(np.int64)) > 0
        return np.asarray(touches_scarce | self._lacks(WhenOut.SUBSTITUTE) | prepared.is_hard | self._is_tight)

    @cached_property
    def promises(self) -> NDArray[np.bool_]:
        """(warehouses × rules): whether the rule may owe a person what there is none of."""
        return self._lacks(WhenOut.BACK_ORDER)

    def _lacks(self, when_out: WhenOut) -> NDArray[np.bool_]:
        """(warehouses × rules): whether there is none of what the rule names, and this is to be done then."""
        own, inserts = self.prepared.own, self.prepared.inserts
        is_meant = np.array([insert.when_out is when_out for insert in inserts], dtype=np.bool_)
        lacks = np.zeros((len(self.run.warehouses), len(own)), dtype=np.bool_)
        lacks[:, own >= 0] = (self.is_dry & is_meant)[:, own[own >= 0]]
        return lacks

    @cached_property
    def _is_scarce(self) -> NDArray[np.bool_]:
        scarce = ~self.is_dry & (self.free < self._demand)
        for place, insert, pool in self._list_pools():
            scarce[place, insert] |= pool is not None and bool(pool.soft)
        return scarce

    @cached_property
    def _is_tight(self) -> NDArray[np.bool_]:
        """(rules): whether an overall limit could be reached within the run."""
        acting = np.bincount(self.run.pair_rules, minlength=len(self.prepared.active))
        tight = np.zeros(len(self.prepared.active), dtype=np.bool_)
        for index, rule in enumerate(self.prepared.active):
            if rule.key in self.prepared.overall:
                used, pool = int(self.used[self.prepared.overall[rule.key]]), self.ledger.overall[rule.subject]
                counts = [limit.count for limit in rule.limits if not limit.per_customer]
                within = any(used < count < used + int(acting[index]) for count in counts)
                tight[index] = within or bool(pool.soft) or bool(pool.roots)
        return tight

    @cached_property
    def _demand(self) -> NDArray[np.int64]:
        """(warehouses × inserts): the most pieces that the run may ask for."""
        run, prepared = self.run, self.prepared
        at = run.warehouse[run.pair_rows] * len(prepared.active) + run.pair_rules
        size = len(run.warehouses) * len(prepared.active)
        acting = np.bincount(at, minlength=size).reshape(len(run.warehouses), len(prepared.active))
        rows = np.bincount(run.warehouse, minlength=len(run.warehouses))
        found = acting @ prepared.demand + rows[:, None] * prepared.promised
        for row, request in enumerate(run.requests):
            for given in request.again:
                for insert in list_chain(prepared.rulebook, given.insert_key):
                    found[run.warehouse[row], prepared.insert_places[insert.key]] += given.quantity
        return np.asarray(found)

    def _list_pools(self) -> Iterator[tuple[int, int, Pool | None]]:
        for place, warehouse_id in enumerate(self.run.warehouses):
            for insert, info in enumerate(self.prepared.inserts):
                if info.stocked:
                    yield place, insert, self.ledger.stock.get((info.key, warehouse_id))
