"""The keeper: repeats its duties, each in its own thread, until told to stop. Several keepers do no harm."""

import signal
import threading
from collections.abc import Sequence
from types import FrameType

import structlog

from app.duties import Duty
from core.db import is_database_away

log = structlog.get_logger(__name__)
LONGEST_PAUSE = 5.0


def repeat(duty: Duty, stop: threading.Event) -> None:
    """Run a duty until `stop`. One that fails is logged and tried again after a pause that doubles."""
    pause = duty.every_seconds
    while not stop.is_set():
        try:
            found = duty.run()
            pause = duty.every_seconds
        except Exception as error:  # Whatever it is, the other duties and the next try must go on.
            if is_database_away(error):
                log.warning("keeper.database_away", duty=duty.name)
            else:
                log.exception("keeper.duty_failed", duty=duty.name)
            found, pause = 0, min(max(pause, 0.5) * 2, LONGEST_PAUSE)
        if not found:
            stop.wait(pause)


def keep(duties: Sequence[Duty]) -> None:
    """Run every duty until SIGTERM or SIGINT."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threads = [threading.Thread(target=repeat, args=(duty, stop), name=duty.name) for duty in duties]
    for thread in threads:
        thread.start()
    log.info("keeper.started", duties=[duty.name for duty in duties])
    # A plain join would keep the signal from being handled until a thread ends.
    while not stop.wait(1.0):
        pass
    for thread in threads:
        thread.join()
    log.info("keeper.stopped")
