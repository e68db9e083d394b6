"""How fast order webhooks are taken in: verified, stored, answered; beside the same SQL sent bare.

`python -m bench.intake --json`: the last line is one JSON object. It starts its own program in a folder of its own.
"""

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from bench.harness import Goal, make_parser, measure, measure_bare, running_web
from bench.loading import format_request, send_requests
from core import clock
from core.db import session_scope, system_scope
from core.ids import new_id
from core.tenancy import Shop
from orders.channels.registry import CHANNELS
from orders.intake.channels import NewChannel, create_channel
from orders.intake.models import RawEvent
from orders.intake.storing import STORE

GOALS = (
    Goal("webhooks_per_s", "order webhooks accepted a second", least=1500),
    Goal("p99_ms", "p99 of a webhook, 200 a second (ms)", most=10),
    Goal("ratio_to_bare_sql", "webhooks, of the same SQL sent bare"),
)
KINDS = ("shopify", "standard")
TOPICS = {"shopify": "orders/create", "standard": "order.created"}


@dataclass(frozen=True)
class Shopfront:
    shop_id: UUID
    channels: dict[str, NewChannel]


def open_shop() -> Shopfront:
    with system_scope() as session:
        shop = Shop(id=new_id(), slug="bench", name="計測", name_en="Bench")
        session.add(shop)
    with session_scope([shop.id]) as session:
        channels = {
            kind: create_channel(session, shop.id, kind, secret="bench-secret" if kind == "shopify" else None)
            for kind in KINDS
        }
    return Shopfront(shop.id, channels)


def make_body(kind: str, number: int, lines: int) -> bytes:
    """An order of some lines, about as large as real ones."""
    address = {
        "name": "架空 花子",
        "zip": "150-0001",
        "province": "東京都",
        "city": "渋谷区",
        "address1": "架空町1-2-3",
    }
    items = [
        {"id": number * 100 + i, "sku": f"SKU-{i}", "title": "静岡深蒸し煎茶 100g", "quantity": 1, "price": "1296"}
        for i in range(lines)
    ]
    order: dict[str, Any] = {
        "id": number,
        "name": f"#{number}",
        "created_at": "2026-11-18T10:00:00+09:00",
        "currency": "JPY",
        "total_price": str(1296 * lines),
        "financial_status": "paid",
        "email": f"customer{number}@example.jp",
        "shipping_address": address,
        "billing_address": address,
        "line_items": items,
    }
    return json.dumps({"type": TOPICS[kind], "data": order} if kind == "standard" else order).encode()


def sign_requests(front: Shopfront, count: int, lines: int) -> list[bytes]:
    """Prepare deliveries for both doors in turn, each with an id of its own."""
    requests = []
    for number in range(count):
        kind = KINDS[number % 2]
        body = make_body(kind, number, lines)
        channel = front.channels[kind]
        headers = CHANNELS[kind].sign(body, channel.secret.encode(), str(new_id()), TOPICS[kind], clock.now())
        requests.append(format_request(channel.path, headers, body))
    return requests


def count_events(front: Shopfront) -> int:
    with session_scope([front.shop_id]) as session:
        return session.scalar(select(func.count()).select_from(RawEvent)) or 0


def measure_door(front: Shopfront, client: Path, port: int, options: argparse.Namespace) -> dict[str, Any]:
    """Full speed and a steady 200 a second, each several times; every accepted delivery must be found again."""
    send_requests(client, port, sign_requests(front, 2000, options.lines))
    before = count_events(front)
    full, steady, sent = [], [], 0
    for _ in range(options.runs):
        requests = sign_requests(front, options.requests, options.lines)
        full.append(send_requests(client, port, requests, connections=options.connections))
        requests = sign_requests(front, options.rate * options.seconds, options.lines)
        steady.append(send_requests(client, port, requests, connections=32, rate=options.rate))
        sent += options.requests + options.rate * options.seconds
    wrong = [run["statuses"] for run in (*full, *steady) if set(run["statuses"]) != {"200"}]
    return {
        "webhooks_per_s": round(median(run["per_second"] for run in full), 1),
        "p99_ms": round(median(run["p99_ms"] for run in steady), 2),
        "p50_ms": round(median(run["p50_ms"] for run in steady), 2),
        "runs_per_s": [run["per_second"] for run in full],
        "runs_p99_ms": [run["p99_ms"] for run in steady],
        "lost": sent - (count_events(front) - before),
        "wrong_answers": wrong,
    }


def write_bare_script(front: Shopfront, folder: Path, body_size: int) -> Path:
    """The same statement for one delivery, in a transaction that names its shop, as pgbench sends it."""
    with session_scope([front.shop_id]) as session:
        row = session.execute(text("SELECT id, key_id FROM channels LIMIT 1")).one()
    values = {
        "ids": "ARRAY[gen_random_uuid()]",
        "shops": f"ARRAY['{front.shop_id}'::uuid]",
        "channels": f"ARRAY['{row.id}'::uuid]",
        "deliveries": "ARRAY[gen_random_uuid()::text]",
        "topics": "ARRAY['orders/create']",
        "received": "ARRAY[now()]",
        "triggered": "ARRAY[now()]",
        "bodies": f"ARRAY[decode(repeat('5a', {body_size}), 'hex')]",
        "keys": f"ARRAY['{row.key_id}'::uuid]",
        "sizes": f"ARRAY[{body_size}]",
        "headers": """ARRAY['{"x-shopify-api-version": "2026-04"}']""",
        "jobs": "ARRAY[gen_random_uuid()]",
        "entries": "ARRAY[gen_random_uuid()]",
    }
    statement = re.sub(r"%\((\w+)\)[sb]", lambda found: values[found.group(1)], STORE)
    # pgbench would take :event for a variable.
    statement = statement.replace("'orders:event:accepted'", "replace('orders.event.accepted', '.', chr(58))")
    script = folder / "bare.sql"
    name_shop = f"SELECT set_config('app.shop_ids', '{{{front.shop_id}}}', true);"
    script.write_text(f"BEGIN;\n{name_shop}\n{' '.join(statement.split())};\nCOMMIT;\n", encoding="utf-8")
    return script


def work(folder: Path, client: Path, options: argparse.Namespace) -> dict[str, Any]:
    front = open_shop()
    body_size = len(make_body("shopify", 1, options.lines)) + 28
    bare = measure_bare([write_bare_script(front, folder, body_size)], options)
    with running_web(folder) as web:
        result = measure_door(front, client, web.port, options)
    ratio = round(result["webhooks_per_s"] / bare, 3)
    return result | {"bare_sql_per_s": round(bare, 1), "ratio_to_bare_sql": ratio}


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="deliveries of one run at full speed")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--lines", type=int, default=3, help="lines of an order")
    measure(parser.parse_args(), work)


if __name__ == "__main__":
    main()
