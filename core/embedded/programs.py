"""What both services share: finding a program in its wheel, starting and stopping it, telling whose process it is."""

import importlib.util
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from core.embedded.privileges import prepare_child

LARGEST_LOG = 10_000_000


class ServiceError(Exception):
    """An embedded service cannot be started; the message quotes its log."""


def find_wheel(package: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServiceError(f"The package {package} is not installed; run `make setup` or `pip install soegaki` again.")
    return Path(spec.origin).parent


def start_program(
    command: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals,
    drop_root: bool = False,
    variables: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own (a Ctrl-C in the terminal is not for it), its output added to `log`
    and these variables to its environment.
    """
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, **(variables or {})},
            start_new_session=True,
            preexec_fn=prepare_child(death_signal, drop_root=drop_root),  # noqa: PLW1509 (the guardian has one thread)
        )


def run_program(command: Sequence[str | Path], *, drop_root: bool = False, stdin: str = "") -> None:
    """Run a program to its end; raises ServiceError with its output when it fails."""
    done = subprocess.run(
        command,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        # Messages in one language and no setting of the caller's session.
        env={"PATH": os.defpath, "LC_ALL": "C"},
        preexec_fn=prepare_child(None, drop_root=drop_root),
    )
    if done.returncode != 0:
        raise ServiceError(f"{Path(command[0]).name} failed: {done.stdout.strip()[-2000:]}")


def owns_pid(pid: int, mark: Path) -> bool:
    """Say whether this process was started for `mark` (a path on its command line); a recycled pid was not."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and any(str(mark) in word for word in process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def stop_orphan(pid: int, mark: Path, signals: Sequence[signal.Signals], patience: float) -> None:
    """End a process that outlived its guardian, first gently; returns when it is gone."""
    for number in signals:
        if not owns_pid(pid, mark):
            return
        os.kill(pid, number)
        deadline = time.monotonic() + patience
        while owns_pid(pid, mark) and time.monotonic() < deadline:
            time.sleep(0.05)


def stop_child(child: subprocess.Popen[bytes], signals: Sequence[signal.Signals], patience: float) -> None:
    """End a child, first gently."""
    for number in signals:
        if child.poll() is not None:
            return
        child.send_signal(number)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def read_pid(path: Path) -> int | None:
    """Return the number in the first line of a pid file; None when there is none or it is cut off."""
    try:
        return int(path.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def read_tail(log: Path, lines: int = 15) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
