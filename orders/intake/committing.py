"""Group commit: deliveries that arrive while a commit is under way share the next one;
each is answered after its own.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from core import clock
from core.db import is_database_away
from orders.channels.interface import Refusal
from orders.intake.storing import STORE, StoredDelivery, make_parameters

log = structlog.get_logger(__name__)
MOST_TOGETHER: Final = 256
REFUSALS_EVERY_SECONDS: Final = 1.0

_NAME_SHOPS: Final = "SELECT set_config('app.shop_ids', %s, true)"
_COUNT_REFUSALS: Final = """
UPDATE channels SET refusals = refusals + %s, last_refused_at = %s, last_refusal_code = %s WHERE id = %s
"""


@dataclass(slots=True)
class _Refused:
    shop_id: UUID
    count: int = 0
    code: str = ""
    at: datetime | None = None


class Committer:
    """One task writes for all requests of the process. `pool` has the application's role: row-level security holds."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        self._waiting: list[tuple[StoredDelivery, asyncio.Future[bool]]] = []
        self._refused: dict[UUID, _Refused] = {}
        self._refusals_told = 0.0
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def store(self, item: StoredDelivery) -> bool:
        """Return True once the delivery is committed, False when it was here before. Raises psycopg.Error."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._wake()
        return await future

    def note_refusal(self, shop_id: UUID, channel_id: UUID, refusal: Refusal) -> None:
        """Count a refused delivery on its channel: at most one write a second, however many there are."""
        entry = self._refused.setdefault(channel_id, _Refused(shop_id))
        entry.count, entry.code, entry.at = entry.count + 1, refusal.value, clock.now()
        self._wake()

    async def close(self) -> None:
        """Write what is waiting, then stop."""
        self._closing = True
        if self._task is not None:
            await self._task
        await self._tell_refusals()

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._waiting or (self._refused and not self._closing):
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            if batch:
                await self._write_batch(batch)
            pause = self._refusals_told + REFUSALS_EVERY_SECONDS - monotonic()
            if self._refused and pause <= 0:
                await self._tell_refusals()
            elif self._refused and not self._waiting:
                # Short, so that a delivery that arrives meanwhile does not wait for it.
                await asyncio.sleep(0.001 if batch else min(pause, 0.005))

    async def _write_batch(self, batch: Sequence[tuple[StoredDelivery, asyncio.Future[bool]]]) -> None:
        try:
            added = await self._insist([item for item, _ in batch])
        except (psycopg.OperationalError, OSError) as error:
            _refuse(batch, error)
            return
        except psycopg.Error as error:
            await self._write_singly(batch, error)
            return
        for item, future in batch:
            if not future.done():
                future.set_result(item.id in added)

    async def _write_singly(
        self, batch: Sequence[tuple[StoredDelivery, asyncio.Future[bool]]], error: Exception
    ) -> None:
        """One delivery that cannot be stored (its channel is gone, for example) must not refuse the others."""
        if len(batch) == 1:
            _refuse(batch, error)
            return
        for pair in batch:
            await self._write_batch([pair])

    async def _insist(self, items: Sequence[StoredDelivery]) -> set[UUID]:
        """Write; once more on a fresh connection when the one at hand was lost, as all are when the database restarts.

        What the first try may have committed all the same is told as repeated by the second one.
        """
        try:
            return await self._write(items)
        except psycopg.OperationalError as error:
            if isinstance(error, PoolTimeout) or not is_database_away(error):
                raise
        return await self._write(items)

    async def _write(self, items: Sequence[StoredDelivery]) -> set[UUID]:
        shops = "{" + ",".join({str(item.doorway.shop_id) for item in items}) + "}"
        async with self._pool.connection() as connection:
            # The whole transaction travels in one round trip.
            async with connection.pipeline(), connection.transaction():
                await connection.execute(_NAME_SHOPS, [shops])
                cursor = await connection.execute(STORE, make_parameters(items), prepare=True)
            return {row[0] for row in await cursor.fetchall()}

    async def _tell_refusals(self) -> None:
        told, self._refused = self._refused, {}
        self._refusals_told = monotonic()
        by_shop: dict[UUID, list[tuple[UUID, _Refused]]] = defaultdict(list)
        for channel_id, entry in told.items():
            by_shop[entry.shop_id].append((channel_id, entry))
        if not by_shop:
            return
        try:
            async with self._pool.connection() as connection, connection.transaction():
                await connection.execute(_NAME_SHOPS, ["{" + ",".join(str(shop_id) for shop_id in by_shop) + "}"])
                rows = [(e.count, e.at, e.code, channel_id) for listed in by_shop.values() for channel_id, e in listed]
                await connection.cursor().executemany(_COUNT_REFUSALS, rows)
        except (psycopg.Error, OSError) as error:
            log.warning("intake.refusals_lost", error=type(error).__name__)


def _refuse(batch: Sequence[tuple[StoredDelivery, asyncio.Future[bool]]], error: Exception) -> None:
    """Tell all senders at once: each keeps its delivery and tries again."""
    log.warning("intake.batch_failed", size=len(batch), error=type(error).__name__)
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
