"""At every door the same order gets the same: letter, inserts, messages, flags, holds."""

from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.main import create_app
from core.db import session_scope
from fulfillment.models import Shipment, ShipmentHold
from fulfillment.resending import resend_shipment
from fulfillment.states import ShipmentState
from orders.intake.channels import create_channel
from personalization.models import Decision
from personalization.queries import open_decision
from personalization.storage import dump_plan
from tests.factories.fulfillment import make_shipping_shop, publish
from tests.factories.orders import make_products
from tests.flows.doors import EveryDoor, RunJobs, Told
from tests.orders.intake.conftest import Doors

pytestmark = pytest.mark.usefixtures("database")
_numbers = count(1001)


def rule(key: str, when: dict[str, Any], *then: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": key, "name": {"ja": key, "en": key}, "when": when, "then": list(then), **more}


def fact(key: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"fact": key, "op": op} | ({} if value is None else {"value": value})


def tag(word: str) -> dict[str, Any]:
    return {"do": "tag", "tag": word}


def letter(body: str) -> dict[str, Any]:
    return {"do": "letter", "template": "thank_you_letter", "slots": {"body": {"ja": body, "en": body}}}


RULES = [
    rule(
        "large", fact("order.total", "at_least", 5000), letter("{customer.nth_order}回目のご注文です。"), tag("large")
    ),
    rule("leaflet", fact("order.skus", "has_any", ["SKU-2"]), {"do": "enclose", "insert": "leaflet"}),
    rule("gift", fact("order.is_gift", "equals", True), {"do": "slip", "template": "gift_slip"}),
    rule("second-insert", fact("order.quantity", "at_least", 3), {"do": "enclose", "insert": "leaflet", "quantity": 2}),
    rule("coupon", fact("order.coupon_codes", "is_not_empty"), letter("クーポンのご利用ありがとうございます。")),
    rule("saved", fact("order.discount_total", "at_least", 300), tag("saved")),
    rule("free", fact("order.shipping_fee", "equals", 0), tag("free-shipping")),
    rule("goods", fact("order.goods_total", "at_most", 4000), tag("small")),
    rule("osaka", fact("order.prefecture", "equals", "大阪府"), {"do": "priority", "value": 5}),
    rule("wish", fact("order.has_desired_date", "equals", True), {"do": "flag", "flag": "first_purchase"}),
    rule("note", fact("order.has_note", "equals", True), {"do": "hold", "reason": {"ja": "備考あり", "en": "A note"}}),
    rule("cycle", fact("order.subscription_cycle", "at_least", 2), tag("subscriber")),
    rule("show", {**fact("order.attribute", "equals", "大阪 11/3"), "with": {"name": "公演"}}, tag("osaka-show")),
    rule("vip", fact("order.tags", "has_any", ["vip"]), tag("vip")),
    rule("first", fact("customer.nth_order", "equals", 1), tag("first")),
    rule("web", fact("order.channel", "equals", "web"), tag("web")),
    rule("lines", fact("order.line_count", "at_least", 2), tag("many-lines")),
]

PREFECTURES = st.sampled_from(["東京都", "大阪府", "沖縄県"])
LINES = st.lists(
    st.tuples(
        st.sampled_from(["SKU-1", "SKU-2", "SKU-3"]), st.integers(1, 4), st.integers(1, 40).map(lambda n: n * 100)
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line[0],
)


@st.composite
def orders(draw: st.DrawFn) -> Told:
    lines = tuple(draw(LINES))
    worth = sum(pieces * yen for _, pieces, yen in lines)
    coupon = draw(st.none() | st.just("AKI10"))
    gift_to = draw(st.none() | st.just("仮名 太郎"))
    return Told(
        lines=lines,
        shipping=draw(st.sampled_from([0, 550])),
        discount=draw(st.integers(1, min(worth, 1000))) if coupon else 0,
        coupon=coupon,
        prefecture=draw(PREFECTURES),
        gift_to=gift_to,
        wrapping=draw(st.none() | st.just("ラッピングA")) if gift_to else None,
        message=draw(st.none() | st.just("お誕生日おめでとう")) if gift_to else None,
        desired_on=draw(st.none() | st.just(date(2026, 11, 30))),
        cycle=draw(st.none() | st.integers(1, 5)),
        tags=draw(st.sampled_from([(), ("vip",), ("vip", "秋")])),
        note=draw(st.none() | st.just("留守の場合は宅配ボックスへ")),
        show=draw(st.sampled_from([None, "大阪 11/3", "東京 11/9"])),
    )


@pytest.fixture
def every_door(database: str, run_jobs: RunJobs) -> EveryDoor:
    shop = make_shipping_shop(rules=None)
    make_products(shop.shop_id, "SKU-3")
    publish(shop.shop_id, {"format": 1, "rules": RULES})
    with session_scope([shop.shop_id]) as session:
        standard = create_channel(session, shop.shop_id, "standard")
        shopify = create_channel(session, shop.shop_id, "shopify", secret="shpss_invented")
    return EveryDoor(create_app(), Doors(shop.shop_id, standard, shopify), run_jobs)


def read_choices(door: EveryDoor) -> list[Any]:
    """Return what was chosen for the newest shipment, whole, with its holds; nothing in it names an order."""
    with session_scope([door.shop_id]) as session:
        shipment = session.scalars(select(Shipment).order_by(Shipment.serial.desc()).limit(1)).one()
        decision = session.get_one(Decision, shipment.decision_id)
        plan = dump_plan(open_decision(session, decision).dossier.plan)
        holds = session.scalars(
            select(ShipmentHold.reason).where(
                ShipmentHold.shipment_id == shipment.id, ShipmentHold.released_at.is_(None)
            )
        ).all()
        return [plan, sorted(holds), shipment.is_gift, shipment.delivery_service, shipment.desired_on]


def check_every_door(door: EveryDoor, told: Told) -> None:
    found = {}
    for name, take in door.all().items():
        take(told, next(_numbers))
        door.run_jobs()
        found[name] = read_choices(door)
    assert found["shopify"] == found["webhook"]
    assert found["csv"] == found["webhook"]
    assert found["api"] == found["webhook"]
    assert sum(1 for chosen in found["webhook"][0]["fired"]) > 0
    check_again(door, found["webhook"])


def check_again(door: EveryDoor, first: list[Any]) -> None:
    """Sent again as a whole, it is the same once more; what carrier and date were wished for is not wished again."""
    with session_scope([door.shop_id]) as session:
        shipment = session.scalars(select(Shipment).order_by(Shipment.serial.desc()).limit(1)).one()
        # As if it had left and come back: this is about choosing, not about packing.
        shipment.state, shipment.held_from = ShipmentState.RETURNED, None
        session.flush()
        resend_shipment(session, door.shop_id, shipment.id, reason="返送されたため")
    assert read_choices(door)[:4] == first[:4]


EVERYTHING = Told(
    lines=(("SKU-1", 2, 1200), ("SKU-2", 1, 3000)), shipping=550, discount=500, coupon="AKI10", prefecture="大阪府",
    gift_to="仮名 太郎", wrapping="ラッピングA", message="おめでとう", desired_on=date(2026, 11, 30), cycle=3,
    tags=("vip", "秋"), note="留守の場合は宅配ボックスへ", show="大阪 11/3",
)  # fmt: skip


def test_an_order_with_everything_gets_the_same_at_every_door(every_door: EveryDoor) -> None:
    check_every_door(every_door, EVERYTHING)


def _check_many(every_door: EveryDoor, examples: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]

    @settings(max_examples=examples, deadline=None, suppress_health_check=checks, derandomize=True)
    @given(told=orders())
    def check(told: Told) -> None:
        check_every_door(every_door, told)

    check()


def test_any_order_gets_the_same_at_every_door(every_door: EveryDoor) -> None:
    _check_many(every_door, 4)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_many_orders_get_the_same_at_every_door(every_door: EveryDoor) -> None:
    _check_many(every_door, 150)
