"""The program itself as a child process: `soegaki serve`, waited for and ended in order."""

import http
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import httpx

from core.embedded.privileges import prepare_child

START_PATIENCE: Final = 120.0
STOP_PATIENCE: Final = 40.0


class ServeFailedError(RuntimeError):
    """The server did not come up; the message holds the end of its log."""


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start `soegaki serve` with this process's environment; its log goes to a file. Ends it and all its children."""
    with log.open("ab") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Should the demo be killed, the kernel tells the server, and it ends its children.
            preexec_fn=prepare_child(signal.SIGTERM, drop_root=False),  # noqa: PLW1509 (it only calls prctl)
        )
        try:
            yield server
        finally:
            _end(server)


def _end(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
    try:
        server.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def await_ready(server: "subprocess.Popen[bytes]", base_url: str, log: Path) -> None:
    """Return once the web application answers; raises ServeFailedError with its last words."""
    deadline = monotonic() + START_PATIENCE
    while monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{base_url}/healthz", timeout=1.0).status_code == http.HTTPStatus.OK:
                return
        except httpx.TransportError:
            sleep(0.05)
    raise ServeFailedError("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]))
