"""Fixtures for every test: services, a clean database, a fixed clock, jobs on command, no network but loopback."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import select

from app.wiring import wire
from core import clock as core_clock
from core import db
from core.auth import passwords
from core.embedded.lease import Addresses
from core.jobs.models import Job, JobState
from core.jobs.relay import relay_jobs
from core.jobs.runner import run_jobs as perform_jobs
from core.logs import configure_logging
from core.settings import get_settings
from tests.database import clone_database, run_services

# How long an example takes says more of the machine than of the program.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# A Thursday morning in Tokyo.
MORNING = datetime(2026, 11, 19, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.fixture(scope="session")
def run_id() -> str:
    """Name this run; the same in all its workers."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone{os.getpid()}"


@pytest.fixture(scope="session")
def worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes what belongs to the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SOEGAKI_")]:
            patch.delenv(name)
        patch.setenv("SOEGAKI_ENVIRONMENT", "test")
        patch.setenv("SOEGAKI_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("SOEGAKI_SECRET_KEY", "the secret of the tests, which is long enough")
        get_settings.cache_clear()
        configure_logging()
        # The real settings cost 50 ms a password, which tests of everything else need not pay.
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield
        get_settings.cache_clear()


@pytest.fixture(scope="session")
def services(run_id: str) -> Iterator[tuple[Path, Addresses]]:
    """The embedded PostgreSQL and Valkey of this run: their data folder and their addresses."""
    with run_services(run_id) as found:
        yield found


@pytest.fixture(scope="session")
def database_url(services: tuple[Path, Addresses], worker_name: str) -> Iterator[str]:
    """This worker's own database, migrated and empty; the program's sessions go there."""
    url = clone_database(*services, f"test_{worker_name}")
    db.configure(url)
    yield url
    db.configure(None)


@pytest.fixture(scope="session")
def _cleaner(database_url: str) -> Iterator[Callable[[], None]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        # A test that left a transaction open is named by this, instead of hanging the next one.
        connection.execute("SET lock_timeout = '10s'")
        yield lambda: (connection.execute("SELECT test_clean()"), None)[1]


@pytest.fixture
def database(database_url: str, _cleaner: Callable[[], None]) -> str:
    """An empty database for this test; sessions come from `core.db` as in the program. Returns its address."""
    wire()
    _cleaner()
    return database_url


@pytest.fixture
def redis_url(services: tuple[Path, Addresses], worker_name: str) -> str:
    """A Valkey database of this worker's own."""
    number = int(worker_name.removeprefix("gw")) % 16
    return services[1].redis_url.replace("db=0", f"db={number}")


class FixedClock:
    """A time that stands still until told to move."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    @property
    def now(self) -> datetime:
        return core_clock.now()

    def move_to(self, moment: datetime) -> None:
        self._stack.close()
        self._stack.enter_context(core_clock.freeze(moment))

    def advance(self, **amount: float) -> None:
        """Move on by `hours=…`, `days=…` and the like."""
        self.move_to(self.now + timedelta(**amount))

    def release(self) -> None:
        self._stack.close()


@pytest.fixture(autouse=True)
def moving_time() -> Iterator[None]:
    """Fail the test that leaves the time standing, not one that comes after it."""
    yield
    left, core_clock._frozen = core_clock._frozen, None
    assert left is None, "this test left the clock standing"


@pytest.fixture
def clock() -> Iterator[FixedClock]:
    """Thursday 2026-11-19, ten in the morning in Tokyo."""
    fixed = FixedClock()
    fixed.move_to(MORNING)
    yield fixed
    fixed.release()


@pytest.fixture
def run_jobs(database: str) -> Callable[..., int]:
    """Run what is queued until nothing is due; a job that fails fails the test unless `failures=True`."""

    def run(*, failures: bool = False) -> int:
        count = 0
        while sent := relay_jobs(perform_jobs):
            count += sent
        with db.system_scope() as session:
            wrong = session.execute(select(Job.name, Job.error_code, Job.error).where(Job.error.is_not(None))).all()
            waiting = session.execute(select(Job.name).where(Job.state == JobState.SENT)).all()
        assert failures or not wrong, f"Jobs failed: {[tuple(row) for row in wrong]}"
        assert not waiting, f"Jobs were sent and not finished: {[row.name for row in waiting]}"
        return count

    return run


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            assert address[0] in ("127.0.0.1", "::1", "localhost"), f"A test tried to reach {address[0]}."
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
