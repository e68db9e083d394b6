"""Doing several things at the same moment, to prove that nobody is harmed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")


def run_at_once(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Start all of them together, each in a thread of its own; return what they return, or raise what one raises."""
    barrier = Barrier(len(works))

    def start(work: Callable[[], Result]) -> Result:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(start, works))
