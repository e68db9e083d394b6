"""`soegaki serve` in a folder of its own: started, its processes found by name, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import psutil

from app.demo.server import find_free_port
from core.embedded.places import find_places
from core.embedded.programs import read_pid

ROOT: Final = Path(__file__).resolve().parents[3]
START_PATIENCE: Final = 300.0
STOP_PATIENCE: Final = 60.0
# What may be killed: our own processes, the embedded services, one of PostgreSQL's own children, who guards them.
PARTS: Final = ("web", "worker", "keeper", "postgres", "backend", "valkey", "guardian")
EVERYTHING: Final = "everything"


class Program:
    """A running `soegaki serve`. Its log is `serve.log` in the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.port, self.places = find_free_port(), find_places(data_dir)
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "SOEGAKI_DATA_DIR": str(self.places.data_dir),
            "SOEGAKI_WEB_PORT": str(self.port),
            "SOEGAKI_WORKER_PROCESSES": "2",
            "SOEGAKI_JOB_STALE_SECONDS": "2",
        }
        command = [sys.executable, "-m", "app.cli", "serve"]
        with (self.places.data_dir / "serve.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def crash(self) -> None:
        """Kill all there is at once, as when the power fails, and start anew."""
        self.process.kill()
        for left in self.list_left():
            with suppress(psutil.NoSuchProcess):
                left.kill()
        self.process.wait()
        self.process = self._start()
        self.await_answer()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def find(self, part: str) -> list[int]:
        """Return the pids of a part; none while it is down."""
        try:
            return list(self._find(part))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return []

    def _find(self, part: str) -> Iterator[int]:
        if part in ("web", "worker", "keeper"):
            children = psutil.Process(self.process.pid).children()
            yield from (child.pid for child in children if child.cmdline()[3:4] == [part])
        elif part == "guardian":
            for process in psutil.process_iter(["cmdline"]):
                words = process.info["cmdline"] or []
                if "core.embedded.guardian" in words and str(self.places.data_dir) in words:
                    yield process.pid
        else:
            yield from self._find_service(part)

    def _find_service(self, part: str) -> Iterator[int]:
        folder = self.places.valkey / "valkey.pid" if part == "valkey" else self.places.cluster / "postmaster.pid"
        pid = read_pid(folder)
        if pid is None:
            return
        if part == "backend":
            children = psutil.Process(pid).children()
            yield from (child.pid for child in children if "[local]" in " ".join(child.cmdline()))
        elif any(str(self.places.data_dir) in word for word in psutil.Process(pid).cmdline()):
            yield pid

    def await_answer(self) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while not self.is_answering():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"soegaki serve does not answer:\n{self.read_log()[-3000:]}")
            time.sleep(0.1)

    def is_answering(self) -> bool:
        """Say whether web, database and broker are there."""
        try:
            return httpx.get(f"{self.base_url}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def read_log(self) -> str:
        return (self.places.data_dir / "serve.log").read_text(encoding="utf-8", errors="replace")

    def list_left(self) -> list[psutil.Process]:
        """Return every living process that belongs to this data folder."""
        return [process for process in psutil.process_iter() if _belongs(process, str(self.places.data_dir))]


def _belongs(process: psutil.Process, folder: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get("SOEGAKI_DATA_DIR") == folder or folder in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


@contextmanager
def running(data_dir: Path) -> Iterator[Program]:
    """Serve from this folder on a free port; afterwards nothing of it is left running."""
    program = Program(data_dir)
    try:
        program.await_answer()
        yield program
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(STOP_PATIENCE) == 0
    finally:
        program.process.kill()
        program.process.wait()
        for left in program.list_left():
            left.kill()
