"""A shop with two open doors, and a way to knock on them."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from core import clock
from core.db import session_scope
from orders.channels.registry import CHANNELS
from orders.intake.channels import NewChannel, create_channel
from orders.intake.door import HookDoor
from tests.asides import run_aside
from tests.factories.orders import make_selling_shop


@dataclass(frozen=True)
class Knock:
    """One delivery as a sender makes it; `body` may be any bytes, `headers` overrule the signed ones."""

    body: bytes
    delivery_id: str = "msg_1"
    topic: str = "orders/create"
    headers: dict[str, str] | None = None
    path: str | None = None
    method: str = "POST"


@dataclass(frozen=True)
class Doors:
    shop_id: UUID
    standard: NewChannel
    shopify: NewChannel

    def knock(self, kind: str, *knocks: Knock) -> list[httpx.Response]:
        """Send all at once, as separate requests."""
        return run_aside(self._knock(kind, knocks))

    async def _knock(self, kind: str, knocks: Sequence[Knock]) -> list[httpx.Response]:
        channel: NewChannel = getattr(self, kind)
        door = HookDoor()
        transport = httpx.ASGITransport(app=door)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await asyncio.gather(*(self._send(client, kind, channel, knock) for knock in knocks))
        finally:
            await door.close()

    async def _send(self, client: httpx.AsyncClient, kind: str, channel: NewChannel, knock: Knock) -> httpx.Response:
        signed = CHANNELS[kind].sign(knock.body, channel.secret.encode(), knock.delivery_id, knock.topic, clock.now())
        headers = {name: value for name, value in {**signed, **(knock.headers or {})}.items() if value}
        return await client.request(knock.method, knock.path or channel.path, content=knock.body, headers=headers)


@pytest.fixture
def doors(database: str, clock: Any) -> Doors:
    del database, clock
    shop_id = make_selling_shop("SKU-1", "SKU-2")
    with session_scope([shop_id]) as session:
        standard = create_channel(session, shop_id, "standard")
        shopify = create_channel(session, shop_id, "shopify", secret="shpss_invented")
    return Doors(shop_id, standard, shopify)


@pytest.fixture
def message() -> Callable[..., bytes]:
    def make(data: dict[str, Any], kind: str = "order.created") -> bytes:
        return json.dumps({"type": kind, "timestamp": "2026-11-18T10:30:00Z", "data": data}).encode()

    return make
