"""`soegaki serve` as a person runs it: it answers, mends what is killed, and leaves no process behind."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0


@dataclass
class Serving:
    process: "subprocess.Popen[str]"
    port: int
    data_dir: Path

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def list_processes(self) -> list[psutil.Process]:
        """Return every living process that belongs to this data folder, services included."""
        return [process for process in psutil.process_iter() if _belongs(process, self.data_dir)]

    def find_parts(self) -> dict[str, int]:
        """Return the pid of each part by the name of its sub-command; several workers count as one."""
        return {process.cmdline()[3]: process.pid for process in psutil.Process(self.process.pid).children()}


def _belongs(process: psutil.Process, data_dir: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get("SOEGAKI_DATA_DIR") == str(data_dir) or str(data_dir) in " ".join(
            process.cmdline()
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def wait_until(is_true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    port = find_port()
    environment = {
        **os.environ,
        "SOEGAKI_DATA_DIR": str(tmp_path),
        "SOEGAKI_WEB_PORT": str(port),
        "SOEGAKI_WORKER_PROCESSES": "1",
    }
    command = [sys.executable, "-m", "app.cli", "serve"]
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log, text=True)
    found = Serving(process, port, tmp_path)
    wait_until(found.answers, "the first answer")
    yield found
    for left in found.list_processes():
        left.kill()
    process.wait()


def is_replaced(serving: Serving, part: str, pid: int) -> bool:
    return serving.find_parts().get(part, pid) != pid


def test_it_mends_what_is_killed_and_leaves_nothing_after_ctrl_c(serving: Serving) -> None:
    wait_until(lambda: set(serving.find_parts()) == {"web", "worker", "keeper"}, "every part")
    parts = serving.find_parts()
    for pid in parts.values():
        os.kill(pid, signal.SIGKILL)
    # The socket is the supervisor's: a caller waits for the new web process and is not refused.
    assert serving.answers()
    for part, pid in parts.items():
        wait_until(lambda part=part, pid=pid: is_replaced(serving, part, pid), f"a new {part}")  # type: ignore[misc]
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(PATIENCE) == 0
    assert serving.list_processes() == []


def test_a_killed_supervisor_leaves_nothing_for_long(serving: Serving) -> None:
    serving.process.kill()
    serving.process.wait()
    wait_until(lambda: not serving.list_processes(), "its children and services to end")


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "serve"],
            cwd=ROOT,
            env={**os.environ, "SOEGAKI_DATA_DIR": str(tmp_path), "SOEGAKI_WEB_PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
