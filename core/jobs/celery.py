"""Celery carries job ids from the relay to the workers; what a job is and whether it is done stands in its row."""

import gc
import os
import platform
import warnings
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from celery import Celery
from celery.platforms import SecurityWarning
from redis import Redis

from core.jobs.runner import run_jobs
from core.settings import get_settings

TASK = "soegaki.run_jobs"
QUEUE = "soegaki"
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def make_celery(broker_url: str | None = None) -> Celery:
    """Return the Celery application on this broker (None: what the settings say)."""
    broker = broker_url or _find_broker()
    app = Celery("soegaki", broker=to_broker_url(broker) if broker else None)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        # A lost connection gives its messages back; a job that runs finishes, and its repetition finds it done.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        task_default_queue=QUEUE,
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        worker_hijack_root_logger=False,
    )
    app.task(_run, name=TASK)
    return app


def _find_broker() -> str | None:
    setting = get_settings().redis_url
    return setting.get_secret_value() if setting else None


def to_broker_url(url: str) -> str:
    """Return a socket's address as Celery writes it: of `unix:///x?db=1` it makes `redis+socket:///x?virtual_host=1`."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def _run(name: str, shop_id: str, job_ids: list[str]) -> None:
    run_jobs(name, UUID(shop_id), [UUID(job_id) for job_id in job_ids])


def run_worker() -> None:
    """Run jobs until SIGTERM; the one at hand is finished first.

    One process runs one job at a time, more processes run more. What a job runs aside (`core/aside.py`) dies with it:
    nothing is left behind by a kill.
    """
    # Containers run as root; what makes that dangerous, pickled messages, is refused by `accept_content`.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    # What was loaded to begin with stays: looking through it again and again took a tenth of a wave's printing.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    worker = make_celery().Worker(
        hostname=f"worker-{os.getpid()}@{platform.node()}",
        pool_cls="solo",
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()


class Sender:
    """Hands chunks of jobs to Celery and counts what waits there; what `core.jobs.relay.relay_jobs` calls."""

    def __init__(self, app: Celery, broker_url: str | None = None) -> None:
        self._app, self._broker = app, Redis.from_url(broker_url or _find_broker() or "")

    def __call__(self, name: str, shop_id: UUID, job_ids: list[UUID]) -> None:
        self._app.send_task(TASK, args=[name, str(shop_id), [str(job_id) for job_id in job_ids]])

    def count_waiting(self) -> int:
        """Return how many messages no worker has taken yet. Raises RedisError while the broker is away."""
        return self._broker.llen(QUEUE)
