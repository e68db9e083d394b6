"""What runs in a process beside this one: its items, its failures, its end."""

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.aside import AsideError, aside

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is copied: can_be_aside()")


def count_up(most: int) -> Iterator[tuple[int, bytes]]:
    for number in range(most):
        yield number, bytes(100_000)


def test_items_come_in_their_order_from_another_process() -> None:
    with aside(lambda: [os.getpid()]) as found:
        assert list(found) != [os.getpid()]
    with aside(lambda: count_up(50)) as found:
        assert [number for number, _ in found] == list(range(50))


def test_only_the_copy_goes_without_a_look_for_garbage() -> None:
    with aside(lambda: [gc.isenabled()]) as found:
        assert list(found) == [False]
    assert gc.isenabled()


def test_a_failure_is_told_where_the_items_are_read() -> None:
    def fail() -> Iterator[int]:
        yield 1
        raise ValueError("no more tea")

    with aside(fail) as found:
        assert next(found) == 1
        with pytest.raises(AsideError, match="no more tea"):
            next(found)


def test_a_process_that_dies_is_a_failure() -> None:
    def die() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    with aside(die) as found:
        assert next(found) == 1
        with pytest.raises(AsideError, match="ended before"):
            next(found)


def test_whoever_leaves_early_leaves_nothing_running() -> None:
    with aside(lambda: ((os.getpid(), n) for n in range(10**9))) as found:
        process, _ = next(found)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


PARENT = """
import os, time
from core.aside import aside
with aside(lambda: (time.sleep(60) or n if n else os.getpid() for n in range(9))) as found:
    print(next(found), flush=True)
    next(found)
"""


def test_it_dies_with_the_process_that_it_is_a_copy_of() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=root, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        copy = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{copy}/stat").exists() and Path(f"/proc/{copy}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)
