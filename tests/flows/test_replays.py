"""`soegaki replay`: every stored decision of a shop repeated from its inputs, whatever happened since."""

import json
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import make_cli
from app.commands import rules as commands
from core.db import session_scope
from core.tenancy import get_shop
from crm_link.service import erase_customer
from fulfillment.models import Shipment
from fulfillment.service import cancel_shipment
from personalization.inserts import count_stock
from personalization.models import DecisionMode
from tests.factories.fulfillment import RULES, ShippingShop, make_shipping_shop, print_all, publish, take_order
from tests.factories.orders import make_order
from tests.factories.personalization import enclose, rule
from tests.personalization.world import World, make_world

RunJobs = Callable[..., int]
ONCE = {**RULES["rules"][0], "key": "once", "limits": [{"per_customer": 1}, {"overall": 2}]}


def replay(shop: ShippingShop | World, monkeypatch: pytest.MonkeyPatch, limit: int = 1000) -> dict[str, int]:
    """Call the command on the test's own database; a decision that came out otherwise ends it with 1."""
    monkeypatch.setattr(commands, "running_program", nullcontext)
    with session_scope([shop.shop_id]) as session:
        slug = get_shop(session, shop.shop_id).slug
    done = CliRunner().invoke(make_cli("replay"), ["replay", slug, "--limit", str(limit)])
    assert done.exit_code == 0, done.output
    counts: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return counts


def test_every_decision_of_a_shop_is_repeated_identically(
    database: str, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shipping_shop(stock=3)
    publish(shop.shop_id, {**RULES, "rules": [ONCE, *RULES["rules"]]})
    for number in range(5):
        take_order(shop, run_jobs, make_order(external_id=f"{number}", number=f"#{number}"))
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        first, *_, last = session.scalars(select(Shipment.id).order_by(Shipment.serial))
        cancel_shipment(session, shop.shop_id, first)
        count_stock(session, shop.shop_id, shop.warehouse_id, {"leaflet": 0})
    publish(shop.shop_id, RULES)
    found = replay(shop, monkeypatch)
    assert (found["different"], found["erased"]) == (0, 0)
    assert found["identical"] >= 10
    with session_scope([shop.shop_id]) as session:
        erase_customer(session, shop.shop_id, session.get_one(Shipment, last).customer_id or last)
    again = replay(shop, monkeypatch)
    assert (again["different"], again["erased"]) == (0, found["identical"])


@pytest.mark.parametrize("size", [200, pytest.param(10_000, marks=[pytest.mark.prove, pytest.mark.timeout(1800)])])
def test_many_decisions_with_limits_stock_and_history(
    database: str, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    world = make_world()
    world.count(sample=size // 3, later=size // 10)
    world.publish(
        rule("few", enclose("sample"), limits=[{"overall": size // 4}, {"per_customer": 2, "within_days": 30}]),
        rule("late", enclose("later"), when={"fact": "customer.order_count", "op": "at_most", "value": 2}),
        rule("rest", enclose("leaflet"), group="g"),
        rule("also", enclose("sample"), group="g"),
    )
    requests = [world.request(f"s{n}", minutes=n, buyer=f"c{n % (size // 5)}") for n in range(size)]
    for start in range(0, size, 1000):
        world.decide(*requests[start : start + 1000])
    world.decide(*requests[: size // 10], mode=DecisionMode.FREEZE)
    world.count(sample=0)
    found = replay(world, monkeypatch, limit=2 * size)
    assert found == {"identical": size + size // 10, "different": 0, "erased": 0}
