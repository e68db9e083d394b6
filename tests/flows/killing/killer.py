"""Kills one part after the other, in a shuffled order, at random steps of a day."""

import os
import queue
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from random import Random

from tests.flows.killing.program import EVERYTHING, PARTS, Program

PATIENCE = 120.0


class Killer(threading.Thread):
    """Every part has its turn before one has its next; `killed` counts them."""

    def __init__(self, program: Program, seed: int, *, steps: int, rounds: int, parts: Sequence[str] = PARTS) -> None:
        """Strike at random ones of `steps` steps."""
        super().__init__(name="killer", daemon=True)
        self.killed: Counter[str] = Counter()
        self._program, self._random = program, Random(seed)
        self._victims = list(chain.from_iterable(self._random.sample(parts, len(parts)) for _ in range(rounds)))
        early = max(len(self._victims), steps * 3 // 4)
        self._moments = set(self._random.sample(range(1, early + 1), len(self._victims)))
        self._orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def hear(self, step: int) -> None:
        """Take note of a step of the day."""
        if step in self._moments and self._victims:
            self._orders.put(self._victims.pop())

    def hear_last_act(self) -> None:
        """Strike all who are left: a disturbed day may take fewer steps, and each victim shall have its turn."""
        while self._victims:
            self._orders.put(self._victims.pop())

    def run(self) -> None:
        while (part := self._orders.get()) is not None:
            # Somewhere in the middle of what was just begun.
            threading.Event().wait(self._random.uniform(0.0, 0.05))
            self._kill(part)

    def _kill(self, part: str) -> None:
        """Kill one process of the part; one that just fell with another part is waited for until it is back."""
        if part == EVERYTHING:
            self._program.crash()
            self.killed[part] += 1
            return
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            pids = self._program.find(part)
            try:
                if pids:
                    os.kill(self._random.choice(pids), signal.SIGKILL)
                    self.killed[part] += 1
                    return
            except ProcessLookupError:
                pass
            time.sleep(0.1)

    def stop(self) -> None:
        self._orders.put(None)
        self.join()
