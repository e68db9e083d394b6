"""Celery carries job ids from the relay to the workers; what a job is and whether it is done stands in its row."""

from uuid import UUID

from celery import Celery

from core.jobs.runner import run_jobs
from core.settings import get_settings

TASK = "soegaki.run_jobs"


def make_celery(broker_url: str | None = None) -> Celery:
    """Return the Celery application on this broker (None: what the settings say)."""
    setting = get_settings().redis_url
    broker = broker_url or (setting.get_secret_value() if setting else None)
    app = Celery("soegaki", broker=broker)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        task_default_queue="soegaki",
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        worker_hijack_root_logger=False,
    )
    app.task(_run, name=TASK)
    return app


def _run(name: str, shop_id: str, job_ids: list[str]) -> None:
    run_jobs(name, UUID(shop_id), [UUID(job_id) for job_id in job_ids])


class Sender:
    """Hands chunks of jobs to Celery; what `core.jobs.relay.relay_jobs` calls."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def __call__(self, name: str, shop_id: UUID, job_ids: list[UUID]) -> None:
        self._app.send_task(TASK, args=[name, str(shop_id), [str(job_id) for job_id in job_ids]])
