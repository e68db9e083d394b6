"""The ground under every command: logs, the services (ours or yours), a database that is up to date. No domain."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from app.console import say
from app.migrations.service import find_head, find_revision, migrate
from core import db
from core.embedded.lease import using_services
from core.errors import AppError
from core.logs import configure_logging
from core.memory import give_back_large_blocks
from core.settings import get_settings


class OutdatedDatabaseError(AppError):
    code = "database_outdated"

    def __init__(self, found: str | None) -> None:
        super().__init__(
            f"The database is at revision {found}, this program needs {find_head()}: run `soegaki migrate`."
        )


class UnreachableDatabaseError(AppError):
    code = "database_unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The database of SOEGAKI_DATABASE_URL does not answer: {reason}")


@contextmanager
def running_services() -> Iterator[None]:
    """Run (or find) the services; meanwhile the settings of this process and of its children name them."""
    configure_logging()
    give_back_large_blocks()
    settings = get_settings()
    with using_services(settings) as addresses:
        if settings.database_url is None:
            os.environ["SOEGAKI_DATABASE_URL"] = addresses.database_url
        if settings.redis_url is None:
            os.environ["SOEGAKI_REDIS_URL"] = addresses.redis_url
        get_settings.cache_clear()
        try:
            yield
        finally:
            # Connections that are still open would only be told that the server goes down.
            db.dispose()
            for name, given in (("DATABASE_URL", settings.database_url), ("REDIS_URL", settings.redis_url)):
                if given is None:
                    del os.environ[f"SOEGAKI_{name}"]
            get_settings.cache_clear()


@contextmanager
def running_database(*, migrating: bool = False, patience: float = 0.0) -> Iterator[None]:
    """Services, and a database that fits this program: brought up to date, or refused when it is not.

    `patience`: for how many seconds a database that does not answer is asked again.
    """
    with running_services():
        found = _ask_revision(time.monotonic() + patience)
        if found != find_head():
            if not migrating:
                raise OutdatedDatabaseError(found)
            say("データベースを準備しています…", "Preparing the database …")
        if migrating:
            migrate(db.get_url())
        yield


def _ask_revision(deadline: float) -> str | None:
    while True:
        try:
            return find_revision(db.get_url())
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise UnreachableDatabaseError(str(error.orig).strip()) from None
            time.sleep(0.2)
