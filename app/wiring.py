"""Who hears of what, and which modules bring jobs and senders with them. Each package adds its lines here."""

import core.outbox.delivery
import orders.erasure
import orders.tasks  # noqa: F401 (registers its jobs)
from core.events import subscribe
from crm_link.events import CustomerErased, CustomersMoved


def wire() -> None:
    """Subscribe upper packages to the events of lower ones. Repeating it changes nothing."""
    subscribe(CustomerErased, orders.erasure.forget_customer)
    subscribe(CustomersMoved, orders.erasure.follow_customer)
