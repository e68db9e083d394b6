"""The guardian process: parent of the embedded services for as long as any `soegaki` process uses them.

Users hold a shared lock on one file, which the kernel drops when they die, however they die. The guardian restarts what
dies, and stops everything and itself when nobody holds the lock. Started by `core.embedded.lease`; it imports little.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from core.embedded import postgres, valkey
from core.embedded.places import Places, find_places, make_private
from core.embedded.programs import ServiceError, read_tail

TICK: Final = 0.1
LONGEST_PAUSE: Final = 5.0
# A service that never came up in so many tries is broken, not unlucky.
FIRST_TRIES: Final = 4


@dataclass(frozen=True)
class Program:
    prepare: Callable[[Places], None]
    start: Callable[[Places], "subprocess.Popen[bytes]"]
    is_ready: Callable[[Places, "subprocess.Popen[bytes]"], bool]
    stop: Callable[["subprocess.Popen[bytes]"], None]


PROGRAMS: Final = {
    "postgres": Program(postgres.prepare, postgres.start, postgres.is_ready, postgres.stop),
    "valkey": Program(valkey.prepare, valkey.start, valkey.is_ready, valkey.stop),
}


@dataclass
class Ward:
    """One service under guard."""

    name: str
    program: Program
    child: "subprocess.Popen[bytes] | None" = None
    was_ready: bool = False
    tries: int = 0
    next_try: float = 0.0

    def tend(self, places: Places) -> bool:
        """Start it when it is down and its time has come; returns whether it is ready."""
        if self.child is not None and self.child.poll() is not None:
            say(f"{self.name} ended with {self.child.returncode}")
            self.child = None
            self._postpone(places)
        if self.child is None:
            if time.monotonic() >= self.next_try:
                self.child = self.program.start(places)
                self.tries += 1
            return False
        ready = self.program.is_ready(places, self.child)
        if ready:
            self.was_ready, self.tries = True, 0
        return ready

    def _postpone(self, places: Places) -> None:
        if not self.was_ready and self.tries >= FIRST_TRIES:
            log = places.logs / f"{self.name}.log"
            raise ServiceError(f"The embedded {self.name} does not start. The end of {log}:\n{read_tail(log)}")
        pause = min(0.1 * 2**self.tries, LONGEST_PAUSE) if self.tries else 0.0
        self.next_try = time.monotonic() + pause


@dataclass
class Guardian:
    places: Places
    names: Sequence[str]
    wards: list[Ward] = field(default_factory=list)
    stopping: bool = False
    written: str = ""

    def run(self) -> None:
        self.write_state("starting")
        try:
            for name in self.names:
                PROGRAMS[name].prepare(self.places)
                self.wards.append(Ward(name, PROGRAMS[name]))
            self._watch()
            self.write_state("stopping")
        except (ServiceError, OSError) as error:
            say(str(error))
            self.write_state("failed", error=str(error))
        for ward in reversed(self.wards):
            if ward.child is not None:
                ward.program.stop(ward.child)

    def _watch(self) -> None:
        with self.places.users_lock.open("w") as users:
            while not self.stopping and not _is_free(users.fileno()):
                ready = [ward.tend(self.places) for ward in self.wards]
                self.write_state("ready" if all(ready) else "starting")
                time.sleep(TICK)

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def write_state(self, state: str, **more: str) -> None:
        # A process that meant to start a guardian of its own may have removed the file.
        if state == self.written and self.places.state.exists():
            return
        draft = self.places.state.with_suffix(".new")
        draft.write_text(json.dumps({"state": state, "services": list(self.names), **more}), encoding="utf-8")
        draft.replace(self.places.state)
        self.written = state


def _is_free(descriptor: int) -> bool:
    """Say whether nobody holds this lock; from then on (until we end) nobody else can."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def say(message: str) -> None:
    sys.stdout.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {message}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> None:
    """Guard in a child that belongs to nobody; return to our starter once that child has (or has not) got the lock."""
    settled, settle = os.pipe()
    if os.fork() != 0:
        os.close(settle)
        os.read(settled, 1)
        os._exit(0)
    os.close(settled)
    os.setsid()
    _guard(find_places(Path(arguments[0])), arguments[1:], settle)


def _guard(places: Places, names: Sequence[str], settle: int) -> NoReturn:
    """Guard until nobody is left. The lock is held to the very end: who sees it free sees nothing running."""
    lock = os.open(places.guardian_lock, os.O_RDWR | os.O_CREAT, 0o600)
    if _is_free(lock):
        os.close(settle)
        os.umask(0o077)
        make_private(places.sockets)
        places.logs.mkdir(mode=0o700, exist_ok=True)
        guardian = Guardian(places, names)
        signal.signal(signal.SIGTERM, guardian.stop)
        signal.signal(signal.SIGINT, guardian.stop)
        guardian.run()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
