"""How fast a real wave is printed: frozen, decided, drawn, codes registered, copies and units recorded, files stored.

`python -m bench.wave --json`: the last line is one JSON object. Two workers take the parts as they do in life. Beside
the clock it tells processor time, which says more on a machine that does other things. `--data DIR` prints what is
planned in the largest shop of a program's own data folder, and changes it: give a copy.
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psutil
import psycopg
from sqlalchemy import func, select

from app.program import running_program
from bench.decide import publish
from bench.harness import Goal, data_folder, running_process
from bench.past_rules import make_rules
from bench.past_shop import NUMBERED, make_past_shop
from core import clock
from core.db import get_url, session_scope, system_scope
from core.jobs.celery import Sender, make_celery, run_worker
from core.jobs.models import Job
from core.jobs.relay import relay_jobs
from core.jobs.runner import run_jobs
from core.jobs.service import count_unfinished
from core.settings import get_settings
from fulfillment.deciding import enqueue_decisions
from fulfillment.models import Shipment
from fulfillment.packing.models import Copy, PrintJob
from fulfillment.printing.waves import WaveChoice, create_wave, print_wave, set_part_size
from fulfillment.states import ShipmentState

GOALS = (
    Goal("wave_pages_per_s", "pages of a real wave, two workers", least=2000),
    Goal("wave_pages_per_cpu_s", "… for each second of processor time, database included"),
)
WORKERS: Final = 2
WARM_UP: Final = 100
_LOOKS: Final = 5
LINES: Final = 6
MESSAGE: Final = (
    "いつもお引き立ていただき、ありがとうございます。{customer.nth_order}回目のご注文、心よりお礼申し上げます。"
    "今年の新茶は雨に恵まれ、香り高く仕上がりました。まずは湯冷ましで、二煎目からは少し熱めのお湯でお楽しみください。"
    "同封の試供品は、朝のお手入れのあとに手のひらで温めてからお使いいただくと、なじみがよくなります。"
    "お気づきのことがございましたら、どうぞいつでもお知らせください。季節の変わり目ですので、くれぐれもご自愛ください。"
)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="a program's data folder with planned shipments; it is changed")
    parser.add_argument("--shipments", type=int, default=2000, help="of each wave")
    parser.add_argument("--runs", type=int, default=2, help="waves; the fastest counts, all are told")
    parser.add_argument("--seconds", type=int, default=0, help="not used: a run is a wave")
    parser.add_argument("--touchpoints", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=50)
    parser.add_argument("--part", type=int, default=None, help="shipments per file")
    parser.add_argument("--alone", action="store_true", help="no worker: print in this process, to profile it")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser


# Six lines, people with names and addresses, planned as the order plan leaves them.
PLANNED: Final = """
INSERT INTO order_lines (id, shop_id, order_id, external_id, position, sku, product_id, title, quantity,
                         unit_price, amount, discount_amount, points_amount, tax_rate, tax_included,
                         requires_shipping, cancelled_quantity, refunded_quantity)
SELECT pg_temp.numbered('41', row_number() OVER (ORDER BY o.id, m)), o.shop_id, o.id, 'x' || m, m, p.sku, p.id, p.name,
       1, 300, 300, 0, 0, 0.10, true, true, 0, 0
  FROM orders o CROSS JOIN generate_series(2, %(lines)s - 1) m
  JOIN products p ON p.id = pg_temp.numbered('10', 1 + ((hashtext(o.number) & 65535) + m * 7) %% 240)
 WHERE o.shop_id = %(shop)s AND p.shop_id = o.shop_id;
INSERT INTO shipment_lines (id, shop_id, shipment_id, order_id, order_line_id, product_id, position, quantity)
SELECT pg_temp.numbered('42', row_number() OVER (ORDER BY l.id)), l.shop_id, s.id, l.order_id, l.id, l.product_id,
       l.position, 1
  FROM order_lines l
  JOIN shipment_lines f ON f.shop_id = l.shop_id AND f.order_id = l.order_id AND f.position = 0
  JOIN shipments s ON s.id = f.shipment_id
 WHERE l.shop_id = %(shop)s AND l.position >= 2;
UPDATE products SET name = '宇治の煎茶と季節の花の手当て ' || right(sku, 3), name_en = 'Tea and care ' || right(sku, 3)
 WHERE shop_id = %(shop)s;
UPDATE order_lines l SET title = p.name FROM products p WHERE p.id = l.product_id AND l.shop_id = %(shop)s;
UPDATE orders o SET goods_total = s.goods, total = s.goods + o.fees_total - o.discount_total
  FROM (SELECT order_id, sum(amount) AS goods FROM order_lines WHERE shop_id = %(shop)s GROUP BY order_id) s
 WHERE s.order_id = o.id;
UPDATE shipments SET state = 'planned', handed_over_at = NULL, printed_revision = NULL,
       recipient = recipient || jsonb_build_object('name', '架空 花子' || right(id::text, 4), 'postal_code', '150-0001',
           'city', '架空区', 'address1', '神宮前' || ascii(right(id::text, 1)) || '-2-3', 'phone', '03-0000-0000')
 WHERE shop_id = %(shop)s;
"""


def make_shop(options: argparse.Namespace) -> UUID:
    """Make a shop whose shipments are planned and decided."""
    count = options.shipments * options.runs + 2 * WARM_UP
    sizes = {"touchpoints": options.touchpoints, "shipments": count, "customers": max(count // 2, 100)}
    shop_id = make_past_shop(seed=options.seed, **sizes).shop_id
    url = get_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(NUMBERED)
        for part in PLANNED.split(";"):
            if part.strip():
                connection.execute(part, {"shop": shop_id, "lines": LINES})
        connection.execute("VACUUM ANALYZE")
    letter = {"do": "message", "slot": "message", "text": {"ja": MESSAGE, "en": "Thank you."}}
    when = {"fact": "order.quantity", "op": "at_least", "value": 1}
    everyone = {"key": "greeting", "name": {"ja": "挨拶", "en": "Greeting"}, "when": when, "then": [letter]}
    publish(shop_id, [everyone, *make_rules(options.seed, options.rules)])
    with session_scope([shop_id]) as session:
        enqueue_decisions(session, shop_id, session.scalars(select(Shipment.id)).all())
    return shop_id


def find_shop() -> UUID:
    with system_scope() as session:
        planned = select(Shipment.shop_id).where(Shipment.state == ShipmentState.PLANNED).group_by(Shipment.shop_id)
        return session.execute(planned.order_by(func.count().desc()).limit(1)).scalar_one()


class Machine:
    """Who does the work, and how much processor time it takes of all of them."""

    def __init__(self, shop_id: UUID, send: Sender | None, workers: list[psutil.Process]) -> None:
        self.shop_id, self._send, self._workers = shop_id, send, workers
        self._postmaster = find_postmaster(shop_id)

    def finish_jobs(self) -> None:
        """Relay what is queued until nothing is left to do."""
        send = self._send
        if send is None:
            while relay_jobs(run_jobs):
                pass
            return
        # The keeper relays as often as it does in life; whether all is done is looked at less often: that is our own.
        for turn in itertools.count(1):
            sent = relay_jobs(send, send.count_waiting)
            if not sent and turn % _LOOKS == 0 and not self._count_left():
                break
            time.sleep(get_settings().job_poll_seconds)

    def read_cpu_seconds(self) -> dict[str, float]:
        python = [psutil.Process(), *self._workers]
        # Connections that were closed meanwhile count among the children that ended.
        postmaster = psutil.Process(self._postmaster)
        ended = postmaster.cpu_times()
        postgres = sum(map(_read_cpu, [postmaster, *postmaster.children()]))
        return {
            "python": sum(map(_read_cpu, python)),
            "postgres": postgres + ended.children_user + ended.children_system,
        }

    def _count_left(self) -> int:
        with session_scope([self.shop_id]) as session:
            return count_unfinished(session)


def find_postmaster(shop_id: UUID) -> int:
    """Return the process that is the parent of the database's."""
    with session_scope([shop_id]) as session:
        backend = session.scalar(select(func.pg_backend_pid()))
    return int(psutil.Process(backend).ppid())


def _read_cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def settle() -> None:
    """Count the tables' rows, as the database does by itself within a minute: plans made for empty ones are dropped."""
    url = get_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


@contextmanager
def running_workers(folder: Path, count: int) -> Iterator[list[psutil.Process]]:
    with ExitStack() as stack:
        started = [
            stack.enter_context(running_process(["-m", "bench.wave", "--worker"], folder / f"worker-{number}.log"))
            for number in range(count)
        ]
        yield [psutil.Process(each.pid) for each in started]


def print_one(machine: Machine, size: int) -> dict[str, float]:
    """Gather a wave, print it, and return what it took from asking for it until the last part is printed."""
    shop_id = machine.shop_id
    with session_scope([shop_id]) as session:
        wave_id = create_wave(session, shop_id, WaveChoice(limit=size)).id
    before, started = machine.read_cpu_seconds(), clock.now()
    with session_scope([shop_id]) as session:
        print_wave(session, shop_id, wave_id)
    machine.finish_jobs()
    after = machine.read_cpu_seconds()
    with session_scope([shop_id]) as session:
        # Not until it was noticed: the keeper looks ten times a second.
        ended = session.execute(select(func.max(Job.finished_at))).scalar_one()
        if ended is None:
            raise RuntimeError("No job has ended.")
        seconds = (ended - started).total_seconds()
        parts = session.scalars(select(PrintJob).where(PrintJob.wave_id == wave_id)).all()
        pages, copies, refused = (sum(getattr(part, name) for part in parts) for name in ("pages", "copies", "refused"))
        kept = session.scalar(select(func.count(Copy.id)).where(Copy.print_job_id.in_([part.id for part in parts])))
        unprinted = sum(part.printed_at is None for part in parts)
    if unprinted or kept != copies or not pages:
        raise RuntimeError(f"The wave was not printed: {unprinted} parts are missing, {kept} of {copies} copies kept.")
    used = {f"{name}_cpu_s": round(after[name] - before[name], 2) for name in after}
    told = {"parts": len(parts), "pages": pages, "copies": copies, "refused": refused, "seconds": round(seconds, 2)}
    return {**told, **used, "pages_per_s": pages / seconds, "pages_per_cpu_s": pages / sum(used.values())}


def work(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    shop_id = make_shop(options) if options.data is None else find_shop()
    if options.part is not None:
        with session_scope([shop_id]) as session:
            set_part_size(session, shop_id, options.part)
    with running_workers(folder, 0 if options.alone else WORKERS) as workers:
        machine = Machine(shop_id, None if options.alone else Sender(make_celery()), workers)
        machine.finish_jobs()
        print_one(machine, 2 * WARM_UP)
        settle()
        runs = [print_one(machine, options.shipments) for _ in range(options.runs)]
    best = max(runs, key=lambda run: run["pages_per_s"])
    return {
        "wave_pages_per_s": round(best["pages_per_s"], 1),
        "wave_pages_per_cpu_s": round(max(run["pages_per_cpu_s"] for run in runs), 1),
        "runs": [{name: round(value, 2) for name, value in run.items()} for run in runs],
    }


def main() -> None:
    options = make_parser().parse_args()
    if options.worker:
        with running_program():
            run_worker()
        return
    with data_folder(options.data) as folder:
        os.environ["SOEGAKI_DATA_DIR"] = str(folder)
        get_settings.cache_clear()
        with running_program(migrating=True):
            result = work(folder, options)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
