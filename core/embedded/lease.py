"""Using the embedded services: start them or find the running ones, hold them while we work, let go.

The first process starts the guardian (`core.embedded.guardian`); the last one to let go waits until everything stopped.
"""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from core.embedded.places import Places, find_places, make_private
from core.embedded.programs import ServiceError
from core.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
# Recovery after a crash reads the log of writes; with a full one that takes a while.
START_PATIENCE: Final = 180.0
STOP_PATIENCE: Final = 60.0
WATCH_EVERY: Final = 1.0


@dataclass(frozen=True)
class Addresses:
    database_url: str
    redis_url: str


class Lease:
    """Our share in the services of one data folder."""

    def __init__(self, places: Places, services: Sequence[str]) -> None:
        self.places = places
        self.services = list(services)
        self._users: IO[str] | None = None
        self._started = False
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="embedded-services", daemon=True)

    def take(self) -> None:
        """Return when the services answer; raises ServiceError with the end of their log when they do not start."""
        make_private(self.places.data_dir)
        make_private(self.places.run)
        self._users = self.places.users_lock.open("a")
        # Waits while a guardian is just stopping everything.
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            self._await_services()
        except BaseException:
            self.release()
            raise
        self._watcher.start()

    def _await_services(self) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"The embedded services did not answer in {START_PATIENCE:.0f} s; see {self.places.logs}."
                )
            time.sleep(0.02)

    def release(self) -> None:
        """Let go; when nobody else uses the services, return after they have stopped."""
        if self._users is None:
            return
        self._done.set()
        last = _try_lock(self._users, fcntl.LOCK_EX)
        self._users.close()
        self._users = None
        deadline = time.monotonic() + STOP_PATIENCE
        while (last or self._read_state().get("state") == "stopping") and time.monotonic() < deadline:
            if not self._is_guarded():
                break
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        if not self._is_guarded():
            state = self._read_state()
            if self._started and state.get("state") == "failed":
                raise ServiceError(str(state.get("error")))
            self._start_guardian()
            return False
        state = self._read_state()
        if state.get("state") != "ready":
            return False
        if missing := set(self.services) - set(state["services"]):
            raise ServiceError(
                f"Another soegaki process runs on {self.places.data_dir} without {', '.join(sorted(missing))}: "
                "stop it first, or give both the same settings."
            )
        return True

    def _is_guarded(self) -> bool:
        with self.places.guardian_lock.open("a") as lock:
            return not _try_lock(lock, fcntl.LOCK_SH)

    def _read_state(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.places.state.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def _start_guardian(self) -> None:
        """Start one; returns when it (or, of several started at once, another) has taken the guardian's lock."""
        self._started = True
        # What an earlier guardian wrote says nothing of this one.
        self.places.state.unlink(missing_ok=True)
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        with (self.places.run / "guardian.log").open("ab") as log:
            subprocess.run(
                [sys.executable, "-m", "core.embedded.guardian", str(self.places.data_dir), *self.services],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={**os.environ, "PYTHONPATH": path},
                check=False,
            )

    def _watch(self) -> None:
        """Replace a guardian that was killed."""
        while not self._done.wait(WATCH_EVERY):
            with contextlib.suppress(OSError):
                if not self._is_guarded():
                    self._start_guardian()


def _try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def using_services(settings: Settings) -> Iterator[Addresses]:
    """Give the addresses of database and broker: those of the settings, else of our own, which run meanwhile."""
    places = find_places(settings.data_dir)
    database_url = settings.database_url.get_secret_value() if settings.database_url else None
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    wanted = [name for name, url in (("postgres", database_url), ("valkey", redis_url)) if url is None]
    addresses = Addresses(database_url or places.database_url(), redis_url or places.redis_url())
    if not wanted:
        yield addresses
        return
    lease = Lease(places, wanted)
    try:
        lease.take()
        yield addresses
    finally:
        lease.release()
