"""The supervisor's loop."""

import http.client
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import structlog

from app.supervisor.children import Child
from core.errors import AppError
from core.settings import Settings

log = structlog.get_logger(__name__)
TICK: Final = 0.1
STOP_PATIENCE: Final = 20.0
# Dying so often before the first answer is no accident.
FIRST_TRIES: Final = 3
HEAD_START: Final = 5.0
BACKLOG: Final = 2048


class PortTakenError(AppError):
    code = "port_taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}:{port} ({reason}): stop what does, or set SOEGAKI_WEB_PORT.")


class StartFailedError(AppError):
    code = "start_failed"

    def __init__(self, child: str) -> None:
        super().__init__(
            f"The {child} process dies at its start; its last lines above say why. `soegaki doctor` may help."
        )


def listen(host: str, port: int) -> socket.socket:
    """Open the socket. The supervisor keeps it: while a web process restarts, callers wait and are not refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTakenError(host, port, error.strerror or str(error)) from None
    listener.listen(BACKLOG)
    return listener


def plan_children(settings: Settings, listener: socket.socket) -> list[Child]:
    """Return what has to run, in the order of starting."""
    descriptor = listener.fileno()
    web = [
        Child(f"web-{number}", ["web", "--fd", str(descriptor)], kept=[descriptor])
        for number in range(1, settings.web_processes + 1)
    ]
    workers = [Child(f"worker-{number}", ["worker"]) for number in range(1, settings.worker_processes + 1)]
    return [*web, Child("keeper", ["keeper"]), *workers]


@dataclass
class Supervisor:
    children: Sequence[Child]
    is_answering: Callable[[], bool]
    on_ready: Callable[[], None]
    stopping: int = 0
    ready: bool = False
    started_at: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Keep the children alive until SIGTERM, SIGINT or SIGHUP; raises StartFailedError when one cannot live."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            while not self.stopping:
                self._tend()
                time.sleep(TICK)
        finally:
            self._end()

    def _tend(self) -> None:
        for child in self._list_due():
            child.tend()
            if not self.ready and child.deaths >= FIRST_TRIES:
                raise StartFailedError(child.name)
        if not self.ready and self.is_answering():
            self.ready = True
            self.on_ready()

    def _list_due(self) -> Sequence[Child]:
        """Return who may run by now: the first one (web) has the cores to itself until it answers or is late."""
        if self.ready or time.monotonic() - self.started_at > HEAD_START:
            return self.children
        return self.children[:1]

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping += 1

    def _end(self) -> None:
        """Ask all at once, wait, and kill what does not go. A second Ctrl-C ends the waiting."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_PATIENCE
        while self.stopping < 2 and time.monotonic() < deadline:
            if all(child.process is None or child.process.poll() is not None for child in self.children):
                break
            time.sleep(0.02)
        for child in self.children:
            child.await_end(time.monotonic() + 0.1)


def make_probe(host: str, port: int) -> Callable[[], bool]:
    """Return a question: does the web application answer?"""
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (asked, not listened on)

    def is_answering() -> bool:
        connection = http.client.HTTPConnection(address, port, timeout=0.5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return is_answering
