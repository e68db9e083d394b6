"""Who hears of what, and which modules bring jobs and senders with them. Each package adds its lines here."""

import core.outbox.delivery  # noqa: F401 (registers its job)


def wire() -> None:
    """Subscribe upper packages to the events of lower ones. Repeating it changes nothing."""
