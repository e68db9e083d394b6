"""How far a day is, in steps: the clock by which it is disturbed, so that a slow machine is not disturbed more."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

# A look at what runs in the background counts for several answers: much happens between two of them.
LOOK = 5


@dataclass
class Progress:
    """`on_step` hears of every number once, in order; `on_last_act` hears when only the last act of the day is left."""

    on_step: Callable[[int], None] = lambda _: None
    on_last_act: Callable[[], None] = lambda: None
    steps: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, steps: int = 1) -> None:
        with self._lock:
            for _ in range(steps):
                self.steps += 1
                self.on_step(self.steps)

    def begin_last_act(self) -> None:
        with self._lock:
            self.on_last_act()
