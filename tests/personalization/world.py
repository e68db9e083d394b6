"""A shop with stock, rules and customers in the database, for tests that decide for real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import session_scope
from personalization.inserts import count_stock, list_stock, save_inserts
from personalization.models import DecisionMode
from personalization.plan import DecisionOutcome
from personalization.publishing import publish_ruleset
from personalization.requests import DecisionRequest
from personalization.service import decide
from tests.factories.core import make_shop, make_warehouse
from tests.factories.crm_link import make_customer
from tests.factories.personalization import CATALOGUE, NOON, make_uuid, ruleset

INSERTS: list[dict[str, Any]] = [
    {"key": "leaflet", "name": {"ja": "案内", "en": "Leaflet"}, "kind": "leaflet", "stocked": False},
    {"key": "sample", "name": {"ja": "見本", "en": "Sample"}, "kind": "sample", "gtin": "4900000000016"},
    {"key": "later", "name": {"ja": "後日", "en": "Later"}, "kind": "gift", "when_out": "back_order"},
]


@dataclass
class World:
    shop_id: UUID
    warehouse_id: UUID
    customers: dict[str, UUID]
    # Insert → pieces that had been packed when it was last counted: the counter begins anew then.
    packed_before: dict[str, int] = field(default_factory=dict)

    def customer(self, name: str) -> UUID:
        if name not in self.customers:
            self.customers[name] = make_customer(self.shop_id)
        return self.customers[name]

    def request(self, name: str, *, minutes: int = 0, buyer: str | None = "alice", **changes: Any) -> DecisionRequest:
        """Return a request of `buyer` to themselves; the shipment's id comes from its name."""
        person = None if buyer is None else self.customer(buyer)
        accepted_at = NOON + timedelta(minutes=minutes)
        values: dict[str, Any] = {
            "shipment_id": make_uuid(f"{self.shop_id} {name}"),
            "order_ids": (),
            "customer_id": person,
            "recipient_customer_id": person,
            "is_gift": False,
            "moment": accepted_at,
            "accepted_at": accepted_at,
            "warehouse_id": self.warehouse_id,
            "delivery_service": "parcel",
        }
        return DecisionRequest(**{**values, **changes})

    def publish(self, *rules: Mapping[str, Any]) -> None:
        with session_scope([self.shop_id]) as session:
            publish_ruleset(session, self.shop_id, ruleset(*rules), CATALOGUE, author="test", note="")

    def count(self, **counted: int) -> None:
        with session_scope([self.shop_id]) as session:
            self.packed_before |= {key: _read_allotted(session).get(key, (0, 0))[1] for key in counted}
            count_stock(session, self.shop_id, self.warehouse_id, counted)

    def decide(self, *requests: DecisionRequest, mode: DecisionMode = DecisionMode.LIVE) -> list[DecisionOutcome]:
        with session_scope([self.shop_id]) as session:
            return decide(session, self.shop_id, requests, mode=mode)

    def available(self, key: str) -> int:
        with session_scope([self.shop_id]) as session:
            return next(level.available for level in list_stock(session, self.shop_id) if level.insert_key == key)

    def promised(self) -> dict[tuple[UUID, str], list[tuple[str, int]]]:
        """Return (shipment, rule) → (state, quantity) of all allotments that stand."""
        found: dict[tuple[UUID, str], list[tuple[str, int]]] = {}
        with session_scope([self.shop_id]) as session:
            rows = session.execute(
                text("SELECT shipment_id, rule_key, state, quantity FROM allotments WHERE state <> 'returned'")
            )
            for row in rows:
                found.setdefault((row.shipment_id, row.rule_key), []).append((row.state, row.quantity))
        return found

    def check_counters(self) -> None:
        """The counters of stock are the sums of the allotments; of what was packed, since the last count."""
        with session_scope([self.shop_id]) as session:
            levels = list_stock(session, self.shop_id)
            allotted = _read_allotted(session)
        for level in levels:
            reserved, packed = allotted.get(level.insert_key, (0, 0))
            packed -= self.packed_before.get(level.insert_key, 0)
            assert (level.reserved, level.packed) == (reserved, packed), level.insert_key


def _read_allotted(session: Session) -> dict[str, tuple[int, int]]:
    """Return insert → pieces reserved and packed."""
    rows = session.execute(
        text(
            """
            SELECT i.key, coalesce(sum(a.quantity) FILTER (WHERE a.state = 'reserved'), 0) AS reserved,
                   coalesce(sum(a.packed_quantity) FILTER (WHERE a.state = 'packed'), 0) AS packed
              FROM allotments a JOIN inserts i ON i.id = a.insert_id GROUP BY i.key
            """
        )
    )
    return {row.key: (row.reserved, row.packed) for row in rows}


def make_world(inserts: Sequence[Mapping[str, Any]] = INSERTS) -> World:
    warehouse_id = make_warehouse()
    shop_id = make_shop(warehouse_id=warehouse_id)
    with session_scope([shop_id]) as session:
        save_inserts(session, shop_id, inserts)
    return World(shop_id, warehouse_id, {})


def enclosed(outcome: DecisionOutcome) -> list[str]:
    return [allotted.insert_key for allotted in outcome.allotted]
