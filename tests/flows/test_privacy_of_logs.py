"""A whole flow at full loudness, failures included: not one value of the customer is in the logs."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.main import create_app
from core import clock as core_clock
from core.auth.roles import Role
from core.db import session_scope, system_scope
from core.logs import configure_logging
from core.outbox.models import OutboxMessage
from core.settings import get_settings
from crm_link.models import Customer
from fulfillment.dispatch.hand_over import hand_over
from fulfillment.models import Shipment
from orders.channels.registry import CHANNELS
from orders.intake.channels import NewChannel, create_channel
from tests.browsing import browse
from tests.conftest import FixedClock
from tests.factories.fulfillment import ShippingShop, get_parcel, make_shipping_shop, pack, print_all, scan
from tests.factories.orders import make_plain_order

RunJobs = Callable[..., int]
PERSON = {
    "id": "customer-73519",
    "name": "秘密 桜子",
    "kana": "ヒミツ サクラコ",
    "company": "秘匿商事",
    "postal_code": "604-8571",
    "region": "京都府",
    "city": "京都市中京区",
    "address1": "隠町48-3",
    "address2": "内緒荘203",
    "phone": "075-222-3111",
    "email": "sakurako.himitsu@example.jp",
}
NOTE = "玄関先に置いてください"
TELLING = [PERSON[key] for key in ("name", "kana", "company", "address1", "address2", "phone", "email")]
TELLING += ["桜子", "サクラコ", "+81752223111", "sakurako", NOTE]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.setenv("SOEGAKI_LOG_LEVEL", "DEBUG")
    get_settings.cache_clear()
    stream, before = io.StringIO(), logging.getLogger().handlers
    configure_logging(stream=stream)
    yield stream
    monkeypatch.undo()
    get_settings.cache_clear()
    configure_logging()
    logging.getLogger().handlers = before


def deliver(web: TestClient, channel: NewChannel, order: dict[str, Any], number: int) -> int:
    body = json.dumps({"type": "order.created", "timestamp": "2026-11-19T01:00:00Z", "data": order}).encode()
    headers = CHANNELS["standard"].sign(
        body, channel.secret.encode(), f"msg_{number}", "order.created", core_clock.now()
    )
    status: int = web.post(channel.path, content=body, headers=headers).status_code
    return status


def order_of(person: dict[str, str], **changes: Any) -> dict[str, Any]:
    return make_plain_order(buyer=person, note=NOTE, **changes)


def test_a_whole_flow_tells_its_logs_nothing_about_the_customer(
    database: str, clock: FixedClock, run_jobs: RunJobs, lines: io.StringIO
) -> None:
    shop = make_shipping_shop()
    with session_scope([shop.shop_id]) as session:
        channel = create_channel(session, shop.shop_id, "standard")
    with TestClient(create_app(), follow_redirects=False) as web:
        assert deliver(web, channel, order_of(PERSON), 1) == 200
        assert deliver(web, channel, order_of(PERSON, lines=[], total="a lot"), 2) == 200
        assert web.post(channel.path, content=json.dumps(PERSON).encode()).status_code in (400, 401)
        run_jobs(failures=True)
        pack_and_send(shop, run_jobs)
        look_around(shop)
    written = lines.getvalue()
    assert '"event": "web.request"' in written
    assert '"type": "IntegrityError"' in written
    assert not [value for value in TELLING if value in written]


def pack_and_send(shop: ShippingShop, run_jobs: RunJobs) -> None:
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        shipment_id = session.execute(select(Shipment.id)).scalars().first()
    assert shipment_id is not None
    parcel_id = get_parcel(shop, shipment_id)
    scan(shop, parcel_id, PERSON["name"], PERSON["phone"])
    pack(shop, parcel_id)
    with session_scope([shop.shop_id]) as session:
        hand_over(session, shop.shop_id, [parcel_id])
    run_jobs(failures=True)


def look_around(shop: ShippingShop) -> None:
    """Customer success looks the person up, and things go wrong on the way."""
    person = browse(create_app(), Role.CUSTOMER_SUCCESS, Role.OPERATOR, shop_ids=[shop.shop_id])
    with system_scope() as session:
        customer_id = session.execute(select(Customer.id)).scalars().first()
    for query in (PERSON["email"], PERSON["phone"], PERSON["name"]):
        person.get("/customers", params={"q": query})
        person.get("/api/shipments", params={"text": query, "before": query})
    person.get(f"/customers/{customer_id}")
    person.get(f"/customers/{PERSON['email']}")
    person.post(f"/customers/{customer_id}/flags", data={"kind": "note", "note": PERSON["name"]})
    person.post("/api/auth/sign-in", json={"email": PERSON["email"], "password": PERSON["name"]})
    try:
        with session_scope([shop.shop_id]) as session:
            session.add(OutboxMessage(shop_id=shop.shop_id, sender=PERSON["name"], idempotency_key=None))
    except IntegrityError:
        structlog.get_logger("tests").exception("something.broke")
