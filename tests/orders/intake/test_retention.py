"""Bodies that no order came of are emptied after their time."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from core.db import session_scope
from orders.intake.models import RawEvent
from orders.intake.retention import KEEP_BODIES, purge_bodies
from orders.intake.service import retry_events
from tests.conftest import FixedClock
from tests.factories.orders import make_plain_order
from tests.orders.intake.conftest import Doors, Knock


def test_only_old_bodies_without_an_order_are_emptied(
    doors: Doors, message: Callable[..., bytes], run_jobs: Callable[..., int], clock: FixedClock
) -> None:
    doors.knock("standard", Knock(b"{", "msg_bad"), Knock(message(make_plain_order()), "msg_good"))
    run_jobs()
    assert purge_bodies() == 0

    clock.advance(days=KEEP_BODIES / timedelta(days=1) + 1)

    assert purge_bodies() == 1
    assert purge_bodies() == 0
    with session_scope([doors.shop_id]) as session:
        kept = {event.delivery_id: event.body is not None for event in session.scalars(select(RawEvent))}
        bad = session.scalars(select(RawEvent.id).where(RawEvent.delivery_id == "msg_bad")).one()
        assert retry_events(session, doors.shop_id, [bad]) == []
    assert kept == {"msg_bad": False, "msg_good": True}
