"""From the desk's call to a changed decision and a stopped parcel, with the real program: at most five seconds."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from app.wiring import wire
from core import clock, db
from core.auth.roles import Role
from core.db import session_scope
from core.settings import get_settings
from fulfillment.models import Shipment
from fulfillment.printing.waves import WaveChoice, create_wave, print_wave
from fulfillment.states import ShipmentState
from orders.service import record_order
from personalization.queries import find_decision
from tests.factories.core import make_key
from tests.factories.fulfillment import ShippingShop, make_shipping_shop
from tests.factories.orders import make_order
from tests.flows.killing.program import Program, running
from tests.fulfillment.test_interrupting import WITH_APOLOGY

pytestmark = pytest.mark.prove
PATIENCE = 60.0


@pytest.fixture
def program(tmp_path: Path, database_url: str) -> Iterator[Program]:
    folder = tmp_path / "data"
    folder.mkdir()
    wire()
    with pytest.MonkeyPatch.context() as patch, running(folder) as found:
        patch.setenv("SOEGAKI_DATA_DIR", str(folder))
        get_settings.cache_clear()
        db.configure(found.places.database_url())
        yield found
        db.configure(database_url)
    get_settings.cache_clear()


def await_true(holds: Callable[[], bool]) -> float:
    """Return after how many seconds it holds."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < PATIENCE
        time.sleep(0.02)
    return time.monotonic() - started


def find_state(shop: ShippingShop, shipment_id: UUID) -> ShipmentState:
    with session_scope([shop.shop_id]) as session:
        return session.execute(select(Shipment.state).where(Shipment.id == shipment_id)).scalar_one()


def list_waiting(shop: ShippingShop) -> list[UUID]:
    with session_scope([shop.shop_id]) as session:
        return list(session.scalars(select(Shipment.id).where(Shipment.decision_id.is_not(None))))


def has_apology(shop: ShippingShop, shipment_id: UUID) -> bool:
    with session_scope([shop.shop_id]) as session:
        decision = find_decision(session, shop.shop_id, shipment_id)
        return decision is not None and any(e.get("template") == "apology_letter" for e in decision.fired or [])


def take(shop: ShippingShop, count: int) -> UUID:
    with session_scope([shop.shop_id]) as session:
        record_order(session, shop.shop_id, make_order())
    await_true(lambda: len(list_waiting(shop)) == count)
    return list_waiting(shop)[-1]


@pytest.mark.timeout(600)
def test_a_complaint_is_known_everywhere_within_five_seconds(
    program: Program, record_testsuite_property: Callable[[str, object], None]
) -> None:
    shop = make_shipping_shop(rules=WITH_APOLOGY)
    _, key = make_key([Role.CUSTOMER_SUCCESS], shop_ids=[shop.shop_id])
    printed = take(shop, 1)
    with session_scope([shop.shop_id]) as session:
        print_wave(session, shop.shop_id, create_wave(session, shop.shop_id, WaveChoice()).id)
    await_true(lambda: find_state(shop, printed) is ShipmentState.PRINTED)
    waiting = take(shop, 2)
    ticket = {
        "kind": "support_ticket", "source": "desk", "external_id": "T-1", "occurred_at": clock.now().isoformat(),
        "categories": ["complaint"], "person": {"email": "hanako@example.jp"},
    }  # fmt: skip
    started = time.monotonic()
    answer = httpx.post(
        f"{program.base_url}/api/touchpoints",
        json={"touchpoints": [ticket]},
        headers={"authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    await_true(lambda: has_apology(shop, waiting))
    decided = time.monotonic() - started
    await_true(lambda: find_state(shop, printed) is ShipmentState.HELD)
    stopped = time.monotonic() - started
    record_testsuite_property("decided_s", round(decided, 2))
    record_testsuite_property("stopped_s", round(stopped, 2))
    assert max(decided, stopped) <= 5
