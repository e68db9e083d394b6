"""How fast one scan is judged and recorded by the server; beside the same SQL sent bare.

`python -m bench.scan --json`: the last line is one JSON object. It starts its own program in a folder of its own.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import event, func, select

from bench.harness import Goal, Web, make_parser, measure, measure_bare, running_web
from bench.loading import format_request, send_requests
from core import clock
from core.auth.roles import Role
from core.db import get_engine, session_scope
from core.ids import new_id
from core.jobs.relay import relay_jobs
from core.jobs.runner import run_jobs
from fulfillment.packing.models import Scan, Unit, UnitKind
from fulfillment.packing.scanning import ScanIn, judge_scans
from fulfillment.packing.snapshots import take_snapshot
from fulfillment.printing.waves import WaveChoice, create_wave, print_wave
from orders.service import record_orders
from tests.factories.core import make_key
from tests.factories.fulfillment import ShippingShop, make_shipping_shop
from tests.factories.orders import make_line, make_order

GOALS = (
    Goal("scans_per_s", "scans a second", least=2000),
    Goal("p99_ms", "p99 of a scan, 200 a second from 50 benches (ms)", most=10),
    Goal("cpu_ms", "processor time of a scan in the web process (ms)"),
    Goal("ratio_to_bare_sql", "scans, of the same SQL sent bare", least=0.25),
)
BENCHES = 50
PARCELS_OF_A_BENCH = 3
WARM_UP = 500


@dataclass(frozen=True)
class Reading:
    """One scan to come: of which parcel (none: its slip opens it), and what is read."""

    parcel_id: str | None
    text: str


@dataclass(frozen=True)
class Floor:
    """A shop whose parcels wait at the benches, and all that is going to be scanned, bench after bench."""

    shop: ShippingShop
    key: str
    readings: Sequence[Reading]


def prepare_floor(scans: int) -> Floor:
    """Print so many parcels, with so many pieces each, that about `scans` scans pack them all."""
    shop = make_shipping_shop()
    parcels = BENCHES * PARCELS_OF_A_BENCH
    pieces = max(1, scans // parcels // 2)
    orders = [make_order(lines=(make_line(1, quantity=pieces), make_line(2, quantity=pieces))) for _ in range(parcels)]
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, orders)
    run_all_jobs()
    with session_scope([shop.shop_id]) as session:
        wave_id = create_wave(session, shop.shop_id, WaveChoice()).id
        print_wave(session, shop.shop_id, wave_id)
    run_all_jobs()
    _, key = make_key([Role.PACKER], warehouse_id=shop.warehouse_id)
    return Floor(shop, key, list_readings(shop, wave_id))


def run_all_jobs() -> None:
    while relay_jobs(run_jobs):
        pass


def list_readings(shop: ShippingShop, wave_id: UUID) -> list[Reading]:
    """Return what careful packers scan, in turn: the next scan of each bench, and again."""
    with session_scope([shop.shop_id]) as session:
        parcels = take_snapshot(session, shop.shop_id, wave_id)["parcels"]
    benches = [
        chain.from_iterable(read_parcel(parcel) for parcel in parcels[place::BENCHES]) for place in range(BENCHES)
    ]
    return [reading for turn in zip_longest(*benches) for reading in turn if reading is not None]


def read_parcel(parcel: dict[str, Any]) -> Iterator[Reading]:
    units = {unit["kind"]: unit for unit in parcel["units"]}
    yield Reading(None, units["slip"]["keys"][0])
    for unit in parcel["units"]:
        if unit["kind"] not in ("slip", "label"):
            yield from (Reading(parcel["id"], unit["keys"][0]) for _ in range(unit["quantity"]))
    yield Reading(parcel["id"], units["label"]["keys"][0])


def make_request(floor: Floor, reading: Reading) -> bytes:
    scan = {"id": str(new_id()), "at": clock.now().isoformat(), "parcel_id": reading.parcel_id, "text": reading.text}
    headers = {"content-type": "application/json", "authorization": f"Bearer {floor.key}"}
    return format_request("/api/bench/scans", headers, json.dumps({"scans": [scan]}).encode())


def measure_scans(floor: Floor, client: Path, web: Web, options: argparse.Namespace) -> dict[str, Any]:
    """Full speed and a steady 200 a second, each several times; every scan must be found again, and accepted."""
    coming = iter(floor.readings)

    def send(count: int, rate: float = 0) -> dict[str, Any]:
        requests = [make_request(floor, reading) for reading in islice(coming, count)]
        return send_requests(client, web.port, requests, connections=BENCHES, rate=rate)

    runs = [send(WARM_UP)]
    before = web.read_cpu_seconds()
    full = [send(options.requests) for _ in range(options.runs)]
    taken = web.read_cpu_seconds() - before
    steady = [send(options.rate * options.seconds, options.rate) for _ in range(options.runs)]
    runs += [*full, *steady]
    outcomes = count_outcomes(floor.shop)
    return {
        "scans_per_s": round(median(run["per_second"] for run in full), 1),
        "p99_ms": round(median(run["p99_ms"] for run in steady), 2),
        "p50_ms": round(median(run["p50_ms"] for run in steady), 2),
        "cpu_ms": round(taken / (options.runs * options.requests) * 1000, 2),
        "runs_per_s": [run["per_second"] for run in full],
        "runs_p99_ms": [run["p99_ms"] for run in steady],
        "lost": sum(run["count"] for run in runs) - sum(outcomes.values()),
        "outcomes": outcomes,
        "wrong_answers": [run["statuses"] for run in runs if set(run["statuses"]) != {"200"}],
    }


def count_outcomes(shop: ShippingShop) -> dict[str, int]:
    with session_scope([shop.shop_id]) as session:
        return {row[0]: row[1] for row in session.execute(select(Scan.outcome, func.count()).group_by(Scan.outcome))}


def write_bare_scripts(floor: Floor, folder: Path) -> list[Path]:
    """Write down the statements of one scan of goods at each bench, to be sent by `pgbench` again and again."""
    with session_scope([floor.shop.shop_id]) as session:
        units = session.execute(
            select(Unit.parcel_id, Unit.barcodes).where(Unit.kind == UnitKind.GOODS).order_by(Unit.parcel_id)
        ).all()
    texts = {row.parcel_id: row.barcodes[0] for row in units}
    scripts = []
    for number, (parcel_id, text) in enumerate(islice(texts.items(), BENCHES)):
        script = folder / f"scan-{number}.sql"
        script.write_text(";\n".join(record_statements(floor.shop, parcel_id, text)) + ";\n", encoding="utf-8")
        scripts.append(script)
    return scripts


def record_statements(shop: ShippingShop, parcel_id: UUID, text: str) -> list[str]:
    """Return the SQL of one scan with its values; the scan's id is drawn anew each time."""
    scan = ScanIn(id=new_id(), at=clock.now(), text=text, parcel_id=parcel_id)
    told: list[str] = []
    engine = get_engine()

    def note(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        driver = connection.connection.driver_connection
        told.append(psycopg.ClientCursor(driver).mogrify(statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        with session_scope([shop.shop_id]) as session:
            judge_scans(session, shop.shop_id, [scan])
            session.rollback()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    # The id is drawn anew each time, and `pgbench` would take :null in JSON for a variable of its own.
    told = [" ".join(one.split()).replace(f'"{scan.id}"', "\"' || gen_random_uuid() || '\"") for one in told]
    return ["BEGIN", *(one.replace('":', '": ') for one in told), "COMMIT"]


def work(folder: Path, client: Path, options: argparse.Namespace) -> dict[str, Any]:
    floor = prepare_floor(WARM_UP + options.runs * (options.requests + options.rate * options.seconds))
    scripts = write_bare_scripts(floor, folder)
    with running_web(folder) as web:
        result = measure_scans(floor, client, web, options)
    bare = measure_bare(scripts, options)
    return result | {
        "bare_sql_per_s": round(bare, 1),
        "ratio_to_bare_sql": round(result["scans_per_s"] / bare, 3),
        "statements": scripts[0].read_text(encoding="utf-8").count(";\n"),
    }


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--requests", type=int, default=3000, help="scans of one run at full speed")
    measure(parser.parse_args(), work)


if __name__ == "__main__":
    main()
