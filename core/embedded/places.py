"""Where the embedded services keep data, sockets and logs. Pure: a data folder in, paths and addresses out."""

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import quote

# The name of a socket, with its folder, must fit into sun_path: 108 bytes on Linux, 104 on macOS.
LONGEST_SOCKET_FOLDER: Final = 80
POSTGRES_MAJOR: Final = "18"
SUPERUSER: Final = "soegaki"
DATABASE: Final = "soegaki"


@dataclass(frozen=True)
class Places:
    data_dir: Path

    @cached_property
    def run(self) -> Path:
        return self.data_dir / "run"

    @cached_property
    def cluster(self) -> Path:
        return self.data_dir / "postgres" / POSTGRES_MAJOR

    @cached_property
    def valkey(self) -> Path:
        return self.data_dir / "valkey"

    @cached_property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @cached_property
    def sockets(self) -> Path:
        """Return the folder of the sockets: in the data folder or, where its path is too long, a short one."""
        near = self.run / "sockets"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
            return near
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        # Not the TMPDIR of whoever asks: every process must come to the same folder.
        return Path("/tmp") / f"soegaki-{os.geteuid()}-{digest}"  # noqa: S108 (made private and checked before use)

    @cached_property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @cached_property
    def postgres_sockets(self) -> Path:
        return self.sockets / "pg"

    @cached_property
    def state(self) -> Path:
        return self.run / "state.json"

    @cached_property
    def guardian_lock(self) -> Path:
        return self.run / "guardian.lock"

    @cached_property
    def users_lock(self) -> Path:
        return self.run / "users.lock"

    def database_url(self, database: str = DATABASE) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.postgres_sockets), safe='')}"

    def redis_url(self) -> str:
        return f"unix://{quote(str(self.valkey_socket))}?db=0"


def find_places(data_dir: Path) -> Places:
    """Return the places of a data folder, however its path is written."""
    return Places(data_dir.expanduser().resolve())


def make_private(folder: Path) -> None:
    """Make a folder that only we can enter; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to somebody else; remove it or choose another SOEGAKI_DATA_DIR.")
    folder.chmod(0o700)
