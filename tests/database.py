"""The database of the tests: one server per run, a template made by the real migrations, a clone per worker."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from app.migrations.service import migrate
from core.embedded.lease import Addresses, Lease
from core.embedded.places import find_places

TEMPLATE = "soegaki_template"
FOLDER_PREFIX = "soegaki-test-"
# Losing the database of a test run to a power failure harms nobody.
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\nmax_connections = 200\n"

# Empties whatever has rows, foreign keys aside; looking is cheap, TRUNCATE of a hundred empty tables is not.
CLEAN = """
CREATE FUNCTION test_clean() RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; filled boolean;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
END $$
"""


@contextmanager
def run_services(run_id: str) -> Iterator[tuple[Path, Addresses]]:
    """Start the services of this run, or find those that another worker has started."""
    _remove_leftovers()
    folder = Path(tempfile.gettempdir()) / f"{FOLDER_PREFIX}{run_id}"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "postgres.conf").write_text(FAST, encoding="ascii")
    places = find_places(folder)
    lease = Lease(places, ["postgres", "valkey"])
    lease.take()
    try:
        yield folder, Addresses(places.database_url(), places.redis_url())
    finally:
        lease.release()
        _remove_unused(folder)


def _remove_unused(folder: Path) -> None:
    """Remove the folder of a run that nobody uses any more; the last worker of a run does it, or a later run."""
    lock = folder / "run" / "users.lock"
    if not lock.exists():
        return
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        if folder.stat().st_uid == os.geteuid():
            _remove_unused(folder)


def clone_database(folder: Path, addresses: Addresses, name: str) -> str:
    """Make a fresh database of this name from the template (built by whoever comes first); return its address."""
    admin = make_url(addresses.database_url).set(database="postgres")
    with (folder / "template.lock").open("w") as lock, psycopg.connect(_text(admin), autocommit=True) as connection:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            _build_template(connection, addresses)
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
    return _text(admin.set(database=name))


def _build_template(connection: "psycopg.Connection[tuple[object, ...]]", addresses: Addresses) -> None:
    draft = f"{TEMPLATE}_draft"
    connection.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
    connection.execute(f"CREATE DATABASE {draft}")
    url = make_url(addresses.database_url).set(database=draft)
    migrate(url.set(drivername="postgresql+psycopg"))
    with psycopg.connect(_text(url), autocommit=True) as inside:
        inside.execute(CLEAN)
    connection.execute(f"ALTER DATABASE {draft} RENAME TO {TEMPLATE}")


def _text(url: object) -> str:
    return url.render_as_string(hide_password=False)  # type: ignore[attr-defined,no-any-return]
