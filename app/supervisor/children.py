"""One child process under supervision."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from core.embedded.privileges import prepare_child

log = structlog.get_logger(__name__)
ROOT: Final = Path(__file__).resolve().parents[2]
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0
# Whoever lived so long did not die of its start.
SETTLED: Final = 30.0


@dataclass
class Child:
    """`arguments` are those of the `soegaki` command; `kept` are descriptors it inherits."""

    name: str
    arguments: Sequence[str]
    kept: Sequence[int] = ()
    process: "subprocess.Popen[bytes] | None" = None
    deaths: int = 0
    started_at: float = 0.0
    next_start: float = field(default=0.0)

    def tend(self) -> None:
        """Start it when it is down and its pause is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            log.warning("supervisor.child_died", child=self.name, code=self.process.returncode)
            self._end_group()
            self.process = None
            self.deaths = 1 if now - self.started_at > SETTLED else self.deaths + 1
            self.next_start = now + min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        if self.process is None and now >= self.next_start:
            self._start()

    def _start(self) -> None:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self.started_at = time.monotonic()
        # Its own session: a Ctrl-C in the terminal reaches the supervisor alone, which ends its children in order.
        # Should the supervisor be killed, the kernel tells the child.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", *self.arguments],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            pass_fds=self.kept,
            start_new_session=True,
            preexec_fn=prepare_child(signal.SIGTERM, drop_root=False),  # noqa: PLW1509 (it only calls prctl)
        )
        log.info("supervisor.child_started", child=self.name, pid=self.process.pid)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def await_end(self, deadline: float) -> None:
        """Return when it has ended; at the deadline it and whatever it started are killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(deadline - time.monotonic(), 0.01))
        except subprocess.TimeoutExpired:
            log.warning("supervisor.child_killed", child=self.name)
        self._end_group()
        self.process.wait()

    def _end_group(self) -> None:
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
