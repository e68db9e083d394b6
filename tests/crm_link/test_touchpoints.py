"""Touchpoints: once each, in versions, countable as of any moment."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from core.db import session_scope
from crm_link.kinds import TouchpointKind, TouchpointState
from crm_link.models import Touchpoint, TouchpointLine
from crm_link.records import TouchpointCounts, TouchpointIn, TouchpointLineIn
from crm_link.service import record_touchpoints
from tests.factories.core import make_shop
from tests.factories.crm_link import SPRING, make_customer, make_touchpoint
from tests.racing import run_at_once

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


@pytest.fixture
def customer_id(shop_id: UUID) -> UUID:
    return make_customer(shop_id)


def record(shop_id: UUID, *touchpoints: TouchpointIn) -> TouchpointCounts:
    with session_scope([shop_id]) as session:
        return record_touchpoints(session, shop_id, touchpoints)


def sum_as_of(shop_id: UUID, moment: datetime) -> int:
    with session_scope([shop_id]) as session:
        found = session.execute(
            text(
                "SELECT coalesce(sum(amount), 0) FROM touchpoints WHERE shop_id = :shop_id"
                " AND known_at <= :at AND (retired_at IS NULL OR retired_at > :at)"
            ),
            {"shop_id": shop_id, "at": moment},
        )
        return int(found.scalar_one())


def sum_now(shop_id: UUID) -> int:
    with session_scope([shop_id]) as session:
        query = select(func.sum(Touchpoint.amount)).where(Touchpoint.retired_at.is_(None))
        return session.execute(query).scalar_one() or 0


def test_the_same_again_changes_nothing(shop_id: UUID, customer_id: UUID) -> None:
    touchpoint = make_touchpoint(customer_id, attributes={"b": 1, "a": "x"})
    later = make_touchpoint(
        customer_id, external_id=touchpoint.external_id, attributes={"a": "x", "b": 1}, known_at=SPRING + DAY
    )

    assert record(shop_id, touchpoint) == TouchpointCounts(new=1)
    assert record(shop_id, touchpoint, later) == TouchpointCounts(same=2)


def test_the_same_moment_in_another_zone_is_the_same(shop_id: UUID, customer_id: UUID) -> None:
    touchpoint = make_touchpoint(customer_id)
    record(shop_id, touchpoint)
    from_tokyo = SPRING.astimezone(datetime.fromisoformat("2026-04-01T12:00:00+09:00").tzinfo)
    again = make_touchpoint(customer_id, external_id=touchpoint.external_id, occurred_at=from_tokyo)

    assert record(shop_id, again) == TouchpointCounts(same=1)


def test_a_change_counts_from_the_moment_it_was_known(shop_id: UUID, customer_id: UUID) -> None:
    record(shop_id, make_touchpoint(customer_id, external_id="1", amount=3000))
    refund = make_touchpoint(customer_id, external_id="1", amount=1000, known_at=SPRING + 5 * DAY)

    assert record(shop_id, refund) == TouchpointCounts(changed=1)
    assert [sum_as_of(shop_id, SPRING + n * DAY) for n in (-1, 0, 4, 5)] == [0, 3000, 3000, 1000]
    assert sum_now(shop_id) == 1000


def test_a_cancelled_purchase_counts_until_it_was_cancelled_and_may_come_back(shop_id: UUID, customer_id: UUID) -> None:
    record(shop_id, make_touchpoint(customer_id, external_id="1"))
    record(shop_id, make_touchpoint(customer_id, external_id="1", cancelled=True, known_at=SPRING + 2 * DAY))
    assert [sum_as_of(shop_id, SPRING + n * DAY) for n in (0, 1, 2, 3)] == [3000, 3000, 0, 0]
    assert sum_now(shop_id) == 0

    record(shop_id, make_touchpoint(customer_id, external_id="1", known_at=SPRING + 4 * DAY))
    assert [sum_as_of(shop_id, SPRING + n * DAY) for n in (1, 3, 4)] == [3000, 0, 3000]
    assert sum_now(shop_id) == 3000


def test_two_versions_in_one_batch_keep_their_order(shop_id: UUID, customer_id: UUID) -> None:
    opened = make_touchpoint(customer_id, kind=TouchpointKind.SUPPORT_TICKET, external_id="9", status="open")
    closed = make_touchpoint(
        customer_id, kind=TouchpointKind.SUPPORT_TICKET, external_id="9", status="closed", known_at=SPRING + DAY
    )

    assert record(shop_id, opened, closed) == TouchpointCounts(new=1, changed=1)
    with session_scope([shop_id]) as session:
        rows = session.execute(select(Touchpoint.status, Touchpoint.state).order_by(Touchpoint.known_at)).all()
    assert rows == [("open", TouchpointState.SUPERSEDED), ("closed", TouchpointState.ACTIVE)]


def test_lines_give_skus_categories_and_quantity(shop_id: UUID, customer_id: UUID) -> None:
    lines = (
        TouchpointLineIn(sku="TEA-1", quantity=2, amount=2000, category="tea"),
        TouchpointLineIn(sku="SOAP", quantity=1, amount=1000, category="skin"),
    )
    record(shop_id, make_touchpoint(customer_id, lines=lines))

    with session_scope([shop_id]) as session:
        found = session.execute(select(Touchpoint)).scalar_one()
        stored = session.execute(select(TouchpointLine.sku).order_by(TouchpointLine.position)).scalars().all()
    assert (found.skus, found.categories, found.quantity) == (["SOAP", "TEA-1"], ["skin", "tea"], 3)
    assert stored == ["TEA-1", "SOAP"]


def test_a_touchpoint_that_turns_out_to_be_anothers_moves_with_all_its_versions(
    shop_id: UUID, customer_id: UUID
) -> None:
    other = make_customer(shop_id)
    record(shop_id, make_touchpoint(customer_id, external_id="1"))
    record(shop_id, make_touchpoint(customer_id, external_id="1", amount=1, known_at=SPRING + DAY))

    assert record(shop_id, make_touchpoint(other, external_id="1", amount=1)) == TouchpointCounts(changed=1)
    with session_scope([shop_id]) as session:
        assert set(session.execute(select(Touchpoint.customer_id)).scalars()) == {other}


def test_moments_without_a_zone_are_refused(shop_id: UUID, customer_id: UUID) -> None:
    naive = datetime(2026, 4, 1)  # noqa: DTZ001 (that is what is tested)
    with pytest.raises(ValueError, match="time zone"):
        record(shop_id, make_touchpoint(customer_id, occurred_at=naive))


def test_threads_that_record_the_same_touchpoints_record_them_once(shop_id: UUID, customer_id: UUID) -> None:
    batch = [make_touchpoint(customer_id, external_id=str(number)) for number in range(50)]

    counts = run_at_once([partial(record, shop_id, *(batch[::-1] if turn % 2 else batch)) for turn in range(4)])

    assert sum(count.new for count in counts) == 50
    assert sum(count.same for count in counts) == 150
    assert sum_now(shop_id) == 150_000


HISTORIES = st.lists(
    st.fixed_dictionaries(
        {
            "external_id": st.sampled_from("12"),
            "amount": st.sampled_from([100, 200]),
            "cancelled": st.booleans(),
            "days": st.integers(0, 3),
        }
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_counts_add_up_and_a_repeated_last_state_is_the_same(database: str, history: Sequence[dict[str, Any]]) -> None:
    shop_id = make_shop()
    customer_id = make_customer(shop_id)
    batch = [
        make_touchpoint(customer_id, **{k: v for k, v in entry.items() if k != "days"}, known_at=_day(entry["days"]))
        for entry in history
    ]
    counts = record(shop_id, *batch)
    last = list({touchpoint.external_id: touchpoint for touchpoint in batch}.values())

    assert counts.new + counts.changed + counts.same == len(batch)
    assert counts.new == len(last)
    assert record(shop_id, *last) == TouchpointCounts(same=len(last))
    with session_scope([shop_id]) as session:
        current = session.execute(
            select(func.count()).where(Touchpoint.shop_id == shop_id, Touchpoint.state != TouchpointState.SUPERSEDED)
        ).scalar_one()
    assert current == len(last)


def _day(number: int) -> datetime:
    return datetime(2026, 5, 1 + number, tzinfo=UTC)
