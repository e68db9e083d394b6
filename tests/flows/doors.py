"""One order told in the words of every door, and the doors themselves: as outside systems use them."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from app.demo.people import DemoPerson
from app.demo.shopify_payloads import DemoLine, DemoOrder, order_body
from core.auth.roles import Role
from core.db import session_scope
from core.tabular.service import ReceivedFile, receive_upload, start_upload
from tests.browsing import call
from tests.factories.orders import PLACED
from tests.orders.intake.conftest import Doors, Knock

RunJobs = Callable[..., int]
TAX_PERCENT = 8


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a customer ordered; which customer it is, and the order's number, come with each door."""

    lines: tuple[tuple[str, int, int], ...]  # SKU, pieces, yen
    shipping: int = 0
    discount: int = 0
    coupon: str | None = None
    prefecture: str = "東京都"
    gift_to: str | None = None
    wrapping: str | None = None
    message: str | None = None
    desired_on: date | None = None
    cycle: int | None = None
    tags: tuple[str, ...] = ()
    note: str | None = None
    show: str | None = None  # an attribute of the order: whose rules ask for it, such as the show that was attended

    @property
    def total(self) -> int:
        return sum(pieces * yen for _, pieces, yen in self.lines) + self.shipping - self.discount


def make_person(number: int, prefecture: str) -> DemoPerson:
    """An invented person whom no other door knows."""
    return DemoPerson(
        number=number, last_name="架空", first_name=f"花子{number}", last_kana="カクウ", first_kana="ハナコ",
        gender="female", born_on=date(1980, 5, 1), prefecture=prefecture, city="朝露市", zip_code="1500001",
        street="茶畑町1-2", building="", phone=f"090-{number // 10000 % 10000:04d}-{number % 10000:04d}",
        email=f"hanako{number}@example.jp",
    )  # fmt: skip


def _contact(person: DemoPerson, name: str | None = None) -> dict[str, str]:
    return {
        "name": name or person.full_name,
        "postal_code": "150-0001",
        "country": "JP",
        "region": person.prefecture,
        "city": person.city,
        "address1": person.street,
        "phone": person.phone if name is None else "03-9999-0000",
        **({} if name else {"email": person.email}),
    }


def write_plain(told: Told, number: int) -> dict[str, Any]:
    """Our own JSON: the API's and Standard Webhooks' body."""
    person = make_person(number, told.prefecture)
    document: dict[str, Any] = {
        "id": f"P-{number}",
        "placed_at": PLACED.isoformat(),
        "currency": "JPY",
        "total": told.total,
        "payment": {"state": "paid"},
        "buyer": _contact(person),
        "lines": [
            {"id": str(place), "sku": sku, "title": sku, "quantity": pieces, "unit_price": yen, "tax_rate": "0.08"}
            for place, (sku, pieces, yen) in enumerate(told.lines, start=1)
        ],
        "fees": [{"kind": "shipping", "amount": told.shipping}] if told.shipping else [],
        "discounts": [{"kind": "coupon", "amount": told.discount, "code": told.coupon}] if told.coupon else [],
        "coupon_codes": [told.coupon] if told.coupon else [],
        "tags": list(told.tags),
        "note": told.note,
        "attributes": {"公演": told.show} if told.show else {},
        "locale": "ja",
        "channel": "web",
    }
    if told.gift_to:
        document["recipient"] = _contact(person, told.gift_to)
    if told.wrapping or told.message:
        document["gift"] = {"wrapping": told.wrapping, "message": told.message}
    if told.desired_on:
        document["delivery"] = {"desired_on": told.desired_on.isoformat()}
    if told.cycle:
        document["subscription"] = {"id": f"sub-{number}", "cycle": told.cycle}
    return document


def write_shopify(told: Told, number: int) -> dict[str, Any]:
    """The order resource of a Shopify webhook; wishes stand in note attributes."""
    person = make_person(number, told.prefecture)
    wishes = {
        "ラッピング": told.wrapping,
        "ギフトメッセージ": told.message,
        "お届け希望日": told.desired_on and told.desired_on.isoformat(),
        "定期ID": f"sub-{number}" if told.cycle else None,
        "定期回数": told.cycle and str(told.cycle),
        "公演": told.show,
    }
    lines = tuple(
        DemoLine(place, sku, sku, pieces, yen, TAX_PERCENT, 100)
        for place, (sku, pieces, yen) in enumerate(told.lines, start=1)
    )
    order = DemoOrder(
        number=number, placed_at=PLACED, lines=lines, buyer=person, buyer_ref=str(7_000_000_000 + number),
        shipping_yen=told.shipping, discount_yen=told.discount, discount_code=told.coupon,
        attributes={name: value for name, value in wishes.items() if value}, tags=told.tags, note=told.note,
    )  # fmt: skip
    body = order_body(order)
    if told.gift_to:
        other = _contact(person, told.gift_to)
        body["shipping_address"] |= {"name": told.gift_to, "first_name": None, "last_name": told.gift_to}
        body["shipping_address"] |= {"phone": other["phone"]}
    return body


def write_csv(told: Told, number: int) -> bytes:
    """Our plain layout: one row for each line, what belongs to the order on every row."""
    person = make_person(number, told.prefecture)
    row: dict[str, Any] = {
        "注文ID": f"C-{number}",
        "注文日時": PLACED.isoformat(),
        "入金日": PLACED.isoformat(),
        "合計金額": told.total,
        "送料": told.shipping,
        "クーポン利用額": told.discount if told.coupon else "",
        "クーポンコード": told.coupon,
        "タグ": ",".join(told.tags),
        "備考": told.note,
        "チャネル": "web",
        "ラッピング": told.wrapping,
        "ギフトメッセージ": told.message,
        "お届け希望日": told.desired_on,
        "定期ID": f"sub-{number}" if told.cycle else "",
        "定期回数": told.cycle,
        "属性": f"公演={told.show}" if told.show else "",
    }
    labels = {
        "name": "名前", "postal_code": "郵便番号", "country": "国", "region": "都道府県", "city": "市区町村",
        "address1": "住所1", "phone": "電話番号", "email": "メールアドレス",
    }  # fmt: skip
    row |= {f"注文者{labels[key]}": value for key, value in _contact(person).items()}
    if told.gift_to:
        row |= {f"お届け先{labels[key]}": value for key, value in _contact(person, told.gift_to).items()}
    rows = [
        {**row, "明細ID": place, "商品コード": sku, "商品名": sku, "単価": yen, "数量": pieces, "税率": TAX_PERCENT}
        for place, (sku, pieces, yen) in enumerate(told.lines, start=1)
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@dataclass(frozen=True)
class EveryDoor:
    """The doors of one shop; each takes the order in as its sender would."""

    app: FastAPI
    doors: Doors
    run_jobs: RunJobs

    @property
    def shop_id(self) -> UUID:
        return self.doors.shop_id

    def all(self) -> Mapping[str, Callable[[Told, int], None]]:
        return {"webhook": self.webhook, "shopify": self.shopify, "api": self.api, "csv": self.csv}

    def webhook(self, told: Told, number: int) -> None:
        message = {"type": "order.created", "timestamp": PLACED.isoformat(), "data": write_plain(told, number)}
        [answer] = self.doors.knock("standard", Knock(json.dumps(message).encode(), f"msg_{number}"))
        assert answer.status_code == 200, answer.text

    def shopify(self, told: Told, number: int) -> None:
        body = json.dumps(write_shopify(told, number)).encode()
        [answer] = self.doors.knock("shopify", Knock(body, f"hook-{number}"))
        assert answer.status_code == 200, answer.text

    def api(self, told: Told, number: int) -> None:
        program = call(self.app, Role.OPERATOR, shop_ids=[self.shop_id])
        headers = {"idempotency-key": f"key-{number}"}
        answer = program.post("/api/orders", json=write_plain(told, number), headers=headers)
        assert answer.status_code == 201, answer.text

    def csv(self, told: Told, number: int) -> None:
        with session_scope([self.shop_id]) as session:
            file = ReceivedFile("orders", f"orders-{number}.csv", write_csv(told, number))
            upload, proposal = receive_upload(session, self.shop_id, file)
            assert not proposal.missing
            start_upload(session, self.shop_id, upload.id)
