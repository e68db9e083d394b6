"""A small working day over HTTP: webhooks, a wave, scans, hand-over, each repeated until it is answered."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from app.demo.people import DemoPerson
from app.demo.shopify_payloads import (
    Delivery,
    DemoLine,
    DemoOrder,
    Message,
    order_body,
    refund_body,
    sign_delivery,
)
from core.auth.roles import Role
from core.db import session_scope
from fulfillment.packing.verification import ACCEPTED
from orders.intake.channels import create_channel
from personalization.inserts import count_stock, save_inserts
from tests.factories.core import make_key
from tests.factories.fulfillment import LEAFLET, RULES, make_shipping_shop, publish
from tests.flows.killing.counting import count_unfinished_jobs
from tests.flows.killing.patience import PatientClient, wait_for
from tests.flows.killing.progress import Progress

PLACED: Final = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
DOMAIN: Final = "kill.example.jp"
SECRET: Final = "a secret of the tests"
SAMPLES: Final = 9
SAMPLE: Final = {**LEAFLET, "key": "sample", "kind": "sample", "gtin": "4900000000023"}
ONCE: Final = {
    "key": "sample-once",
    "name": {"ja": "お試し", "en": "Sample"},
    "when": {"always": True},
    "then": [{"do": "enclose", "insert": "sample"}],
    "limits": [{"per_customer": 1}],
}
AT_ONCE: Final = 4


@dataclass
class Workday:
    """One shop and the day's orders, drawn from a seed: the same seed, the same day."""

    base_url: str
    seed: int
    order_count: int
    progress: Progress = field(default_factory=Progress)
    shop_id: UUID = field(init=False)
    hook_path: str = field(init=False)
    operator: dict[str, str] = field(init=False)
    packer: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        shop = make_shipping_shop(rules=None)
        self.shop_id = shop.shop_id
        with session_scope([shop.shop_id]) as session:
            save_inserts(session, shop.shop_id, [SAMPLE])
            count_stock(session, shop.shop_id, shop.warehouse_id, {"sample": SAMPLES})
            channel = create_channel(session, shop.shop_id, "shopify", secret=SECRET, settings={"shop_domain": DOMAIN})
        publish(shop.shop_id, {**RULES, "rules": [ONCE, *RULES["rules"]]})
        self.hook_path = channel.path
        self.operator = _sign_in(make_key([Role.OPERATOR], shop_ids=[shop.shop_id])[1])
        self.packer = _sign_in(make_key([Role.PACKER], warehouse_id=shop.warehouse_id)[1])

    def run(self) -> None:
        self.receive()
        self.await_quiet("orders planned and decided")
        for wave_id in self.print_waves():
            self.pack(wave_id)
        self.progress.begin_last_act()
        self.hand_over()
        self.await_quiet("what was sent is on record")

    def await_quiet(self, what: str) -> None:
        wait_for(lambda: count_unfinished_jobs(self.shop_id) == 0, what, self.progress)

    def receive(self) -> None:
        """Deliver every webhook until it is answered with success, some of them twice, in no order."""
        random = Random(self.seed)
        deliveries = [
            sign_delivery(m.topic, m.content, secret=SECRET, shop_domain=DOMAIN, sent_at=PLACED)
            for m in draw_messages(random, self.order_count)
        ]
        deliveries += random.sample(deliveries, len(deliveries) // 5)
        random.shuffle(deliveries)
        self._share(deliveries, self._deliver)

    def _deliver(self, deliveries: Sequence[Delivery]) -> None:
        client = PatientClient(self.base_url, self.progress)
        for delivery in deliveries:
            answer = client.ask("POST", self.hook_path, content=delivery.body, headers=delivery.headers)
            assert answer.status_code == 200, answer.text
        client.close()

    def _share(self, things: Sequence[Any], work: Any) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(work, [things[start::AT_ONCE] for start in range(AT_ONCE)]))

    def print_waves(self) -> list[str]:
        """Gather until nothing is left to gather, then print. An answer that was lost is found again in the list."""
        client = PatientClient(self.base_url, self.progress, self.operator)
        while client.ask("POST", "/api/waves", json={"limit": 2000}).status_code == 201:
            pass
        waves = [wave["id"] for wave in client.ask("GET", "/api/waves").json()]
        for wave_id in waves:
            assert client.ask("POST", f"/api/waves/{wave_id}/print").status_code in (202, 409)
        wait_for(
            lambda: all(w["state"] == "printed" for w in client.ask("GET", "/api/waves").json()),
            "papers",
            self.progress,
        )
        client.close()
        return waves

    def pack(self, wave_id: str) -> None:
        client = PatientClient(self.base_url, self.progress, self.packer)
        parcels = client.ask("GET", f"/api/bench/waves/{wave_id}").json()["parcels"]
        client.close()
        self._share(parcels, self._pack)

    def _pack(self, parcels: Sequence[dict[str, Any]]) -> None:
        client = PatientClient(self.base_url, self.progress, self.packer)
        random = Random(self.seed)
        for parcel in parcels:
            for text in list_scans(parcel):
                body = {"scans": [make_scan(None if text == list_scans(parcel)[0] else parcel["id"], text)]}
                # A tablet that was not sure sends its queue again.
                for _ in range(2 if random.random() < 0.1 else 1):
                    answer = client.ask("POST", "/api/bench/scans", json=body)
                    assert answer.status_code == 200, answer.text
                    result = answer.json()["results"][0]
                    assert (result["original"] or result["outcome"]) in ACCEPTED, result
        client.close()

    def hand_over(self) -> None:
        """Ask until nothing is left to go."""
        client = PatientClient(self.base_url, self.progress, self.operator)
        while True:
            answer = client.ask("POST", "/api/hand-overs", json={}).json()
            assert not answer["refused"], answer
            if not answer["handed_over"]:
                break
        client.close()


def _sign_in(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def make_scan(parcel_id: str | None, text: str) -> dict[str, Any]:
    return {"id": str(uuid4()), "at": datetime.now(UTC).isoformat(), "parcel_id": parcel_id, "text": text}


def list_scans(parcel: dict[str, Any]) -> list[str]:
    """Return what a careful packer scans: the slip, every piece of every unit, the label."""
    units = {kind: [u for u in parcel["units"] if u["kind"] == kind] for kind in ("slip", "label")}
    things = [u for u in parcel["units"] if u["kind"] not in units]
    pieces = [unit["keys"][0] for unit in things for _ in range(unit["quantity"])]
    return [units["slip"][0]["keys"][0], *pieces, units["label"][0]["keys"][0]]


def draw_messages(random: Random, count: int) -> list[Message]:
    """Return the webhooks of a day: every order, and of some a change, a cancellation or a refund."""
    messages = []
    for number in range(1, count + 1):
        order = draw_order(random, number, person=random.randrange(max(count // 2, 1)))
        later = order.placed_at + timedelta(hours=1)
        messages.append(Message("orders/create", order_body(order)))
        match random.randrange(10):
            case 0:
                cancelled = order_body(
                    order, updated_at=later, cancelled_at=later.isoformat(), cancel_reason="customer"
                )
                messages.append(Message("orders/cancelled", cancelled))
            case 1:
                messages.append(Message("orders/updated", order_body(order, updated_at=later, note="玄関先に")))
            case 2:
                messages.append(Message("refunds/create", refund_body(order, order.lines[0], 1, later)))
    return messages


def draw_order(random: Random, number: int, *, person: int) -> DemoOrder:
    lines = tuple(
        DemoLine(place, f"SKU-{place}", f"煎茶 {place}", random.randint(1, 3), 1000 * place, 8, 100) for place in (1, 2)
    )
    buyer = _draw_person(person)
    placed = PLACED + timedelta(minutes=number)
    return DemoOrder(number=number, placed_at=placed, lines=lines, buyer=buyer, buyer_ref=str(9000 + person))


def _draw_person(number: int) -> DemoPerson:
    return DemoPerson(
        number=number,
        last_name="架空",
        first_name=f"花子{number}",
        last_kana="カクウ",
        first_kana="ハナコ",
        gender="f",
        born_on=PLACED.date() - timedelta(days=10_000 + number),
        email=f"person{number}@example.jp",
        phone=f"03-1234-{number:04d}",
        zip_code="1500001",
        prefecture="東京都",
        city="渋谷区",
        street="架空町1-2-3",
        building="",
    )
