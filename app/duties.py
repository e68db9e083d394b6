"""What the keeper does, and how often. Each package that needs sweeping adds its line here."""

from collections.abc import Callable
from dataclasses import dataclass

from core.audit.sealer import seal_entries
from core.auth.signing_in import sweep_sign_ins
from core.jobs.celery import Sender, make_celery
from core.jobs.relay import relay_jobs
from core.outbox.delivery import sweep_outbox
from core.settings import get_settings
from core.storage.streaming import sweep_drafts
from core.tabular.forgetting import purge_uploads
from fulfillment.printers.watching import enqueue_watching
from fulfillment.rule_releases import enqueue_due_releases
from orders.intake.retention import purge_bodies
from personalization.prediction.tasks import ask_for_daily_fits


@dataclass(frozen=True)
class Duty:
    """`run` returns how many things it found; while it finds some it is called again at once."""

    name: str
    every_seconds: float
    run: Callable[[], int]


def list_duties() -> list[Duty]:
    sender = Sender(make_celery())
    return [
        Duty("relay_jobs", get_settings().job_poll_seconds, lambda: relay_jobs(sender, sender.count_waiting)),
        Duty("sweep_outbox", 1.0, sweep_outbox),
        Duty("seal_entries", 1.0, seal_entries),
        Duty("publish_rules", 2.0, enqueue_due_releases),
        Duty("watch_printers", 3.0, enqueue_watching),
        Duty("sweep_drafts", 3600.0, sweep_drafts),
        Duty("sweep_sign_ins", 3600.0, sweep_sign_ins),
        Duty("purge_uploads", 3600.0, purge_uploads),
        Duty("purge_bodies", 3600.0, purge_bodies),
        Duty("ask_for_daily_fits", 1800.0, ask_for_daily_fits),
    ]
