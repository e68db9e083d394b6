"""Kills what it is told to, in a shuffled order, at random moments."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Sequence
from random import Random

from tests.flows.killing.program import PARTS, Program


class Killer(threading.Thread):
    """Every part has its turn before one has its next; `killed` counts them.

    Mostly the program has come back before the next blow, sometimes not: then two are down at once.
    """

    def __init__(self, program: Program, seed: int, *, parts: Sequence[str] = PARTS, rounds: int = 3) -> None:
        super().__init__(name="killer", daemon=True)
        self.killed: Counter[str] = Counter()
        self._program, self._parts, self._rounds = program, parts, rounds
        self._random = Random(seed)
        self._enough = threading.Event()

    def run(self) -> None:
        for _ in range(self._rounds):
            for part in self._random.sample(self._parts, len(self._parts)):
                if self._enough.wait(self._random.uniform(0.05, 1.5)):
                    return
                self._kill(part)
                if self._random.random() < 0.75:
                    self._await_answer()

    def _await_answer(self) -> None:
        while not self._program.is_answering() and not self._enough.wait(0.1):
            pass

    def _kill(self, part: str) -> None:
        pids = self._program.find(part)
        if not pids:
            return
        try:
            os.kill(self._random.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed[part] += 1

    def stop(self) -> None:
        self._enough.set()
        self.join()
