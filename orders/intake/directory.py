"""Finds a channel by its address for the hot door, and remembers it for a few seconds:
open secrets never live longer.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg_pool import AsyncConnectionPool

from core.sealing import unwrap
from orders.intake.storing import Doorway

KEEP_SECONDS: Final = 5.0
# Addresses that nobody owns are remembered too, so that guessing them does not reach the database each time.
MOST_ENTRIES: Final = 10_000

_FIND: Final = """
SELECT c.shop_id, c.id, c.kind, c.secret_wrapped, c.previous_secret_wrapped, c.settings, c.key_id, k.wrapped
  FROM channels c JOIN sealing_keys k ON k.id = c.key_id
 WHERE c.address_token = %s AND c.enabled AND k.wrapped IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    doorway: Doorway | None
    until: float


class Directory:
    """`pool` has the system role, since the shop is not known yet."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Doorway | None]] = {}

    async def find(self, token: str) -> Doorway | None:
        entry = self._entries.get(token)
        if entry is not None and entry.until > monotonic():
            return entry.doorway
        task = self._asking.get(token)
        if task is None:
            task = self._asking[token] = asyncio.create_task(self._ask(token))
            task.add_done_callback(lambda _: self._asking.pop(token, None))
        return await asyncio.shield(task)

    async def _ask(self, token: str) -> Doorway | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_FIND, [token])
            row = await cursor.fetchone()
        doorway = None if row is None else _open_doorway(*row)
        self._entries[token] = _Entry(doorway, monotonic() + KEEP_SECONDS)
        self._entries.move_to_end(token)
        while len(self._entries) > MOST_ENTRIES:
            self._entries.popitem(last=False)
        return doorway


def _open_doorway(
    shop_id: Any, channel_id: Any, kind: str, secret: bytes | None, previous: bytes | None, *rest: Any
) -> Doorway:
    settings, key_id, wrapped = rest
    secrets = tuple(unwrap(value) for value in (secret, previous) if value is not None)
    return Doorway(shop_id, channel_id, kind, secrets, settings, key_id, AESGCM(unwrap(wrapped)))
