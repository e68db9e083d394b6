"""`POST /hooks/{channel}/{address_token}`: the one webhook door, a plain ASGI application because it is hot.

Verified on the raw body, stored whole, answered at once. What is refused before that is not kept, only counted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

import orjson
import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from core import clock
from core.db import APP_ROLE, SYSTEM_ROLE, get_url
from orders.channels.interface import REFUSAL_STATUS, Refusal
from orders.channels.registry import CHANNELS
from orders.intake.committing import WRITERS, Committer
from orders.intake.directory import Directory
from orders.intake.storing import Doorway, seal_delivery

PREFIX: Final = "/hooks/"
LARGEST_BODY: Final = 10 * 1024 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


class _GoneError(Exception):
    """The sender hung up while we were reading."""


class HookDoor:
    """Opens its connections at the first request, in the loop that serves it;
    `close` writes out and lets go of them.
    """

    def __init__(self, *, writers: int = WRITERS) -> None:
        self._writers = writers
        self._pools: list[AsyncConnectionPool[Any]] = []
        self._directory: Directory | None = None
        self._committer: Committer | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Open the connections, once: those who knock meanwhile wait for it."""
        async with self._opening:
            if self._directory is not None:
                return
            app, system = self._make_pool(APP_ROLE, self._writers), self._make_pool(SYSTEM_ROLE, 1)
            self._pools = [app, system]
            for pool in self._pools:
                await pool.open()
            self._committer, self._directory = Committer(app, writers=self._writers), Directory(system)

    async def close(self) -> None:
        if self._committer is not None:
            await self._committer.close()
        for pool in self._pools:
            await pool.close()
        self._committer = self._directory = None

    def _make_pool(self, role: str, size: int) -> AsyncConnectionPool[Any]:
        url = get_url().set(drivername="postgresql").render_as_string(hide_password=False)
        options = {"autocommit": True, "options": f"-c role={role}"}
        return AsyncConnectionPool(
            url,
            kwargs=options,
            min_size=1,
            max_size=size,
            open=False,
            timeout=10,
            check=AsyncConnectionPool.check_connection if role == SYSTEM_ROLE else None,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, answer = await self._take(scope, receive)
            headers: tuple[tuple[bytes, bytes], ...] = ()
        except _GoneError:
            return
        except _RefusedError as refused:
            status, headers, answer = refused.status, refused.headers, {"code": refused.code}
        except (psycopg.Error, PoolTimeout, OSError):
            # The sender keeps it and tries again: better than a promise we cannot keep.
            status, headers, answer = 503, ((b"retry-after", b"5"),), {"code": "not_stored"}
        body = orjson.dumps(answer)
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *headers]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _take(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, str]]:
        if scope["method"] != "POST":
            raise _RefusedError(405, "post_only", (b"allow", b"POST"))
        if self._directory is None or self._committer is None:
            await self.open()
        assert self._directory is not None
        assert self._committer is not None
        doorway = await self._find_doorway(self._directory, scope["path"])
        headers = dict(scope["headers"])
        body = await read_body(headers, receive)
        now = clock.now()
        checked = CHANNELS[doorway.kind].check(headers, body, doorway.secrets, doorway.settings, now)
        if isinstance(checked, Refusal):
            self._committer.note_refusal(doorway.shop_id, doorway.channel_id, checked)
            raise _RefusedError(REFUSAL_STATUS[checked], checked.value)
        item = seal_delivery(doorway, checked, body, now)
        if await self._committer.store(item):
            return 200, {"status": "accepted", "event_id": str(item.id)}
        return 200, {"status": "repeated"}

    async def _find_doorway(self, directory: Directory, path: str) -> Doorway:
        kind, _, token = path[path.rfind(PREFIX) + len(PREFIX) :].partition("/")
        doorway = await directory.find(token) if kind in CHANNELS and token and len(token) <= 100 else None
        if doorway is None or doorway.kind != kind:
            raise _RefusedError(404, "unknown_address")
        return doorway


async def read_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """Return the raw body. One that is too large is refused by its announced length, or as soon as it grows too
    large.
    """
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > LARGEST_BODY:
        raise _RefusedError(413, "body_too_large", (b"connection", b"close"))
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            raise _RefusedError(413, "body_too_large", (b"connection", b"close"))
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
