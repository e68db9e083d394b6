"""The embedded services: found by whoever needs them, restarted when they die, gone when nobody is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from core.embedded.lease import Lease
from core.embedded.places import Places, find_places
from core.embedded.programs import ServiceError

HOLDER = """
import sys, time
from pathlib import Path
from core.embedded.lease import Lease
from core.embedded.places import find_places
lease = Lease(find_places(Path(sys.argv[1])), ["postgres", "valkey"])
lease.take()
print("held", flush=True)
sys.stdin.readline()
lease.release()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the tests of this file, as a machine that goes through all of it would have."""
    return tmp_path_factory.mktemp("embedded")


@pytest.fixture
def places(folder: Path) -> Iterator[Places]:
    places = find_places(folder)
    yield places
    wait_until(lambda: not list_processes(places), "the services to stop")


@pytest.fixture
def lease(places: Places) -> Iterator[Lease]:
    lease = Lease(places, ["postgres", "valkey"])
    lease.take()
    yield lease
    lease.release()


def list_processes(places: Places) -> dict[str, psutil.Process]:
    """Return the guardian and the services of a data folder by name."""
    found = {}
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(places.data_dir) in word for word in words) and "-c" not in words[1:2]:
            found["guardian" if "core.embedded.guardian" in words else Path(words[0]).name] = process
    return found


def wait_until(is_true: Callable[[], bool], what: str, patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while not is_true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def answers(places: Places) -> bool:
    try:
        with psycopg.connect(places.database_url(), connect_timeout=2) as connection:
            connection.execute("SELECT 1")
        with redis.from_url(places.redis_url()) as client:
            return bool(client.ping())
    except (psycopg.OperationalError, redis.ConnectionError):
        return False


def start_holder(places: Places) -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(places.data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_they_answer_while_held_and_are_gone_afterwards(places: Places) -> None:
    lease = Lease(places, ["postgres", "valkey"])
    lease.take()
    assert answers(places)
    assert set(list_processes(places)) == {"guardian", "postgres", "valkey-server"}
    lease.release()
    assert list_processes(places) == {}


def test_a_second_process_finds_the_running_ones_and_may_outlive_the_first(places: Places) -> None:
    first = Lease(places, ["postgres", "valkey"])
    first.take()
    running = {name: process.pid for name, process in list_processes(places).items()}
    with start_holder(places) as second:
        first.release()
        assert {name: process.pid for name, process in list_processes(places).items()} == running
        assert answers(places)
        second.communicate("done\n")
    assert list_processes(places) == {}


def test_when_the_last_user_is_killed_everything_stops(places: Places) -> None:
    with start_holder(places) as holder:
        holder.kill()
        holder.communicate()
    wait_until(lambda: not list_processes(places), "the services to stop")


@pytest.mark.parametrize("name", ["postgres", "valkey-server", "guardian"])
def test_what_is_killed_comes_back_with_all_that_was_acknowledged(places: Places, lease: Lease, name: str) -> None:
    with (
        psycopg.connect(places.database_url(), autocommit=True) as connection,
        redis.from_url(places.redis_url()) as client,
    ):
        connection.execute("CREATE TABLE IF NOT EXISTS kept (name text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [name])
        client.rpush("kept", name)
        victim = list_processes(places)[name]
        victim.send_signal(signal.SIGKILL)
    wait_until(lambda: name in (found := list_processes(places)) and found[name] != victim, f"a new {name}")
    wait_until(lambda: answers(places), "answers")
    with psycopg.connect(places.database_url()) as connection, redis.from_url(places.redis_url()) as client:
        assert (name,) in connection.execute("SELECT name FROM kept").fetchall()
        assert name.encode() in client.lrange("kept", 0, -1)


def test_after_everything_was_killed_and_its_pids_were_reused_they_start_again(places: Places) -> None:
    with start_holder(places) as holder, subprocess.Popen(["sleep", "60"]) as stranger:
        processes = list_processes(places)
        holder.kill()
        holder.communicate()
        for name in ("guardian", "postgres", "valkey-server"):
            processes[name].kill()
        wait_until(lambda: not list_processes(places), "the dead to be gone")
        pid_file = places.cluster / "postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(str(processes["postgres"].pid), str(stranger.pid), 1))
        (places.valkey / "valkey.pid").write_text(f"{stranger.pid}\n")
        assert (places.postgres_sockets / ".s.PGSQL.5432").exists()
        assert places.valkey_socket.exists()
        lease = Lease(places, ["postgres", "valkey"])
        lease.take()
        assert answers(places)
        lease.release()
        assert stranger.poll() is None
        stranger.kill()


def test_what_an_interrupted_first_start_left_behind_is_made_anew(tmp_path: Path) -> None:
    places = find_places(tmp_path)
    draft = places.cluster.with_name(f"{places.cluster.name}.new")
    (draft / "base").mkdir(parents=True)
    lease = Lease(places, ["postgres"])
    lease.take()
    assert not draft.exists()
    lease.release()


def test_a_data_folder_with_a_long_name_works(tmp_path: Path) -> None:
    places = find_places(tmp_path / ("長い名前の" * 8) / 'it\'s "here"')
    assert len(os.fsencode(places.data_dir)) > 120
    lease = Lease(places, ["postgres", "valkey"])
    lease.take()
    assert answers(places)
    lease.release()


def test_a_service_that_cannot_start_says_why(places: Places) -> None:
    wish = places.data_dir / "postgres.conf"
    wish.write_text("shared_buffers = 'many'\n")
    try:
        with pytest.raises(ServiceError, match="shared_buffers"):
            Lease(places, ["postgres"]).take()
    finally:
        wish.unlink()


def test_processes_with_other_settings_are_told_apart(places: Places) -> None:
    lease = Lease(places, ["valkey"])
    lease.take()
    with pytest.raises(ServiceError, match="without postgres"):
        Lease(places, ["postgres", "valkey"]).take()
    lease.release()
