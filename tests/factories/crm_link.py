"""Builders of persons, touchpoints and customers; everybody here is invented."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from core.db import session_scope
from crm_link.kinds import TouchpointKind
from crm_link.records import PersonIn, TouchpointIn
from crm_link.service import resolve_customers

_serial = count(1)
SPRING = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


def make_person(**changes: Any) -> PersonIn:
    """Describe a person; without changes each has an external id and an e-mail address of its own."""
    number = next(_serial)
    values: dict[str, Any] = {
        "source": "test",
        "external_id": f"C{number}",
        "name": "架空 花子",
        "kana": "カクウ ハナコ",
        "email": f"person{number}@example.jp",
        "known_at": SPRING,
    }
    return PersonIn(**(values | changes))


def make_customer(shop_id: UUID, **changes: Any) -> UUID:
    with session_scope([shop_id]) as session:
        return resolve_customers(session, shop_id, [make_person(**changes)])[0]


def make_touchpoint(customer_id: UUID, **changes: Any) -> TouchpointIn:
    """Describe a purchase of 3,000 yen on the first of April 2026, known at once."""
    values: dict[str, Any] = {
        "customer_id": customer_id,
        "kind": TouchpointKind.PURCHASE,
        "source": "test",
        "external_id": f"T{next(_serial)}",
        "occurred_at": SPRING,
        "known_at": changes.get("occurred_at", SPRING),
        "amount": 3000,
        "currency": "JPY",
    }
    return TouchpointIn(**(values | changes))
