"""Group commit: deliveries that arrive while a commit is under way share the next one;
each is answered after its own.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
WRITERS: Final = 2
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
    """A task per writer serves all requests of the process; `pool` has the application's role.

    With two writers one executes while the other waits for the disk.
    """

    def __init__(self, pool: AsyncConnectionPool[Any], *, writers: int = WRITERS) -> None:
        self._pool = pool
        self._writers = writers
        self._waiting: list[tuple[StoredDelivery, asyncio.Future[bool]]] = []
        self._refused: dict[UUID, _Refused] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: asyncio.Task[None] | None = None

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
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_soon())

    async def close(self) -> None:
        """Write what is waiting, then stop."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])
        await self._tell_refusals()

    def _wake(self) -> None:
        """Start another writer unless all are at work: they take what is waiting when they are done."""
        if len(self._tasks) < self._writers:
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            await self._write_batch(batch)

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
        # In one sequence, so that two batches with the same deliveries wait for each other and do not deadlock.
        items = sorted(items, key=lambda item: (item.doorway.channel_id, item.delivery.delivery_id))
        async with self._pool.connection() as connection:
            # The whole transaction travels in one round trip.
            async with connection.pipeline(), connection.transaction():
                await connection.execute(_NAME_SHOPS, [shops])
                cursor = await connection.execute(STORE, make_parameters(items), prepare=True)
            return {row[0] for row in await cursor.fetchall()}

    async def _tell_soon(self) -> None:
        await asyncio.sleep(REFUSALS_EVERY_SECONDS)
        await self._tell_refusals()

    async def _tell_refusals(self) -> None:
        told, self._refused = self._refused, {}
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
