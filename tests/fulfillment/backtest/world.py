"""A shop that has shipped for some days under its rules, for backtests."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from core.db import session_scope
from fulfillment.backtest.queries import BacktestView, ChangeView, get_backtest, list_changes
from fulfillment.backtest.service import Period, start_backtest
from fulfillment.models import Shipment
from orders.normalised import Contact
from orders.service import record_order
from personalization.inserts import count_stock, save_inserts
from tests.conftest import FixedClock
from tests.factories.fulfillment import LEAFLET, ShippingShop, make_shipping_shop, publish
from tests.factories.orders import HANAKO, make_order

RunJobs = Callable[..., int]
SAMPLE: dict[str, Any] = {**LEAFLET, "key": "sample", "kind": "sample", "gtin": "4900000000023", "unit_cost": 40}


def enclose(key: str, insert: str, when: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": {"ja": key, "en": key},
        "when": when or {"always": True},
        "then": [{"do": "enclose", "insert": insert}],
        **options,
    }


def document(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "rules": list(rules)}


@dataclass
class PastShop:
    shop: ShippingShop
    since: datetime
    until: datetime
    shipments: list[UUID]
    run_jobs: RunJobs

    @property
    def shop_id(self) -> UUID:
        return self.shop.shop_id

    def run(self, draft: dict[str, Any], sample: float | None = None) -> BacktestView:
        """Run a backtest to its end."""
        with session_scope([self.shop_id]) as session:
            period = Period(self.since, self.until, sample)
            backtest_id = start_backtest(session, self.shop_id, draft, period, author="架空 花子")
        self.run_jobs()
        return self.get(backtest_id)

    def get(self, backtest_id: UUID) -> BacktestView:
        with session_scope([self.shop_id]) as session:
            return get_backtest(session, self.shop_id, backtest_id)

    def changes(self, backtest_id: UUID) -> list[ChangeView]:
        with session_scope([self.shop_id]) as session:
            return list_changes(session, self.shop_id, backtest_id)

    def count_written(self) -> list[tuple[str, int]]:
        """Return how much stands in every table that a backtest must leave alone."""
        found = []
        with session_scope([self.shop_id]) as session:
            for table in (
                "decisions",
                "allotments",
                "insert_stock",
                "shipments",
                "touchpoints",
                "coupons",
                "assignments",
            ):
                content = session.execute(
                    text(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM \"{table}\" t")
                )
                found.append((table, content.scalar_one()))
        return found


def make_past_shop(
    clock: FixedClock, run_jobs: RunJobs, *rules: dict[str, Any], orders: int = 6, buyers: int = 3
) -> PastShop:
    """Publish rules, then take one order a day; each is decided when it is accepted."""
    shop = make_shipping_shop(rules=None)
    with session_scope([shop.shop_id]) as session:
        save_inserts(session, shop.shop_id, [LEAFLET, SAMPLE])
        count_stock(session, shop.shop_id, shop.warehouse_id, {"sample": 2})
    publish(shop.shop_id, document(*rules))
    since = clock.now
    for number in range(orders):
        clock.advance(days=1)
        with session_scope([shop.shop_id]) as session:
            person = make_buyer(number % buyers)
            order = make_order(
                number=f"#{number}",
                placed_at=clock.now,
                source_updated_at=clock.now,
                buyer=person,
                recipient=person,
            )
            record_order(session, shop.shop_id, order)
        run_jobs()
    clock.advance(days=1)
    with session_scope([shop.shop_id]) as session:
        shipments = list(session.scalars(select(Shipment.id).order_by(Shipment.accepted_at)))
    return PastShop(shop, since + timedelta(hours=1), clock.now, shipments, run_jobs)


def make_buyer(number: int) -> Contact:
    return replace(HANAKO, external_id=f"c-{number}", email=f"buyer{number}@example.jp", phone=None)
