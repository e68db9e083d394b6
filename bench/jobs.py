"""How fast queued jobs reach workers and are done: rows, relay, broker, two workers, each job's row locked and marked.

`python -m bench.jobs --json`: the last line is one JSON object. The jobs themselves do nothing.
"""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.program import running_program
from bench.harness import Goal, make_parser, measure, running_process
from core.db import session_scope, system_scope
from core.ids import new_id
from core.jobs.celery import Sender, make_celery, run_worker
from core.jobs.models import Job
from core.jobs.relay import relay_jobs
from core.jobs.service import count_unfinished, enqueue_many, job
from core.tenancy import Shop

GOALS = (
    Goal("batched_per_s", "jobs done a second, worked in batches of 80"),
    Goal("single_per_s", "jobs done a second, worked one by one"),
)
WORKERS = 2
BATCHED, SINGLE = "bench.batched", "bench.single"


@job(BATCHED, batch_size=80)
def work_batch(_session: Session, _jobs: list[Job]) -> None:
    """Nothing: what is measured is the way there."""


@job(SINGLE)
def work_one(_session: Session, _jobs: list[Job]) -> None:
    """As above, each in a message and a transaction of its own."""


@contextlib.contextmanager
def running_workers(folder: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for number in range(WORKERS):
            stack.enter_context(running_process(["-m", "bench.jobs", "--worker"], folder / f"worker-{number}.log"))
        yield


def make_shop() -> UUID:
    with system_scope() as session:
        shop = Shop(id=new_id(), slug="bench", name="計測", name_en="Bench")
        session.add(shop)
    return shop.id


def measure_kind(shop_id: UUID, name: str, count: int, send: Sender) -> float:
    """Return how many of `count` queued jobs are relayed and done a second."""
    with session_scope([shop_id]) as session:
        enqueue_many(session, name, shop_id=shop_id, batch=[({}, None)] * count)
    started = time.perf_counter()
    while relay_jobs(send, send.count_waiting) or count_left(shop_id):
        time.sleep(0.01)
    return count / (time.perf_counter() - started)


def count_left(shop_id: UUID) -> int:
    with session_scope([shop_id]) as session:
        return count_unfinished(session)


def work(folder: Path, _client: Path, options: argparse.Namespace) -> dict[str, Any]:
    shop_id = make_shop()
    send = Sender(make_celery())
    with running_workers(folder):
        for name in (BATCHED, SINGLE):
            measure_kind(shop_id, name, 100, send)
        speeds = {
            name: [measure_kind(shop_id, name, options.jobs, send) for _ in range(options.runs)]
            for name in (BATCHED, SINGLE)
        }
    return {
        "batched_per_s": round(median(speeds[BATCHED]), 1),
        "single_per_s": round(median(speeds[SINGLE]), 1),
        "runs": {name: [round(speed, 1) for speed in found] for name, found in speeds.items()},
    }


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        with running_program():
            run_worker()
    else:
        measure(options, work)


if __name__ == "__main__":
    # Workers know this module by its own name.
    sys.modules["bench.jobs"] = sys.modules["__main__"]
    main()
