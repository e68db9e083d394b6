"""Files written in pieces: whole or not there, the same when read back, and nothing can be left out or exchanged."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from core.db import session_scope
from core.errors import ErasedError
from core.sealing import destroy_keys, new_key
from core.storage.models import StoredFile
from core.storage.pieces import PIECE_SIZE, open_pieces, seal_piece
from core.storage.service import open_store, read_file
from core.storage.streaming import read_pieces, sweep_drafts, writing_file
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database")


def write(shop_id: UUID, pieces: Iterable[bytes]) -> UUID:
    with session_scope([shop_id]) as session:
        key_id = new_key(session, shop_id)
        with writing_file(session, shop_id, "a.pdf", media_type="application/pdf", key_id=key_id) as sink:
            for piece in pieces:
                sink.write(piece)
        return sink.file.id


def list_files(folder: str = "") -> list[str]:
    filesystem, root = open_store()
    return sorted(filesystem.find(f"{root}/{folder}")) if filesystem.exists(f"{root}/{folder}") else []


@pytest.mark.parametrize("size", [0, 1, PIECE_SIZE - 1, PIECE_SIZE, PIECE_SIZE + 1, 2 * PIECE_SIZE])
def test_a_file_comes_back_as_it_was_written(size: int) -> None:
    shop_id = make_shop()
    data = os.urandom(size)
    file_id = write(shop_id, [data[: size // 3], data[size // 3 :]])
    with session_scope([shop_id]) as session:
        assert read_file(session, file_id) == data
        assert b"".join(read_pieces(session, file_id)) == data
        assert session.get_one(StoredFile, file_id).size == size


def test_what_fails_midway_leaves_nothing() -> None:
    shop_id = make_shop()
    before = list_files()
    with pytest.raises(RuntimeError):
        write(shop_id, fail_after(os.urandom(PIECE_SIZE * 2)))
    assert list_files() == before


def fail_after(piece: bytes) -> Iterator[bytes]:
    yield piece
    raise RuntimeError


def test_what_is_dropped_is_not_kept() -> None:
    shop_id = make_shop()
    before = list_files()
    with session_scope([shop_id]) as session:
        key_id = new_key(session, shop_id)
        with writing_file(session, shop_id, "a.pdf", media_type="application/pdf", key_id=key_id) as sink:
            sink.drop()
    with session_scope([shop_id]) as session:
        assert session.scalars(select(StoredFile)).all() == []
    assert list_files() == before


def test_a_file_whose_key_is_destroyed_is_erased() -> None:
    shop_id = make_shop()
    file_id = write(shop_id, [b"a person's name"])
    with session_scope([shop_id]) as session:
        destroy_keys(session, [session.get_one(StoredFile, file_id).key_id or file_id])
    with session_scope([shop_id]) as session:
        for read in (read_file, lambda *given: b"".join(read_pieces(*given))):
            with pytest.raises(ErasedError):
                read(session, file_id)


@pytest.mark.parametrize("tampering", ["cut off", "exchanged", "left out", "changed"])
def test_pieces_hold_together(tampering: str) -> None:
    cipher = AESGCM(os.urandom(32))
    sealed = [seal_piece(cipher, bytes([place]) * 64, place, is_last=place == 2) for place in range(3)]
    assert b"".join(open_pieces(BytesIO(b"".join(sealed)), cipher, 64))[:1] == b"\0"
    broken = {
        "cut off": sealed[:2],
        "exchanged": [sealed[1], sealed[0], sealed[2]],
        "left out": [sealed[0], sealed[2]],
        "changed": [sealed[0], sealed[1], sealed[2][:-1] + bytes([sealed[2][-1] ^ 1])],
    }[tampering]
    with pytest.raises(InvalidTag):
        list(open_pieces(BytesIO(b"".join(broken)), cipher, 64))


def test_drafts_of_the_dead_are_swept(tmp_path: Path) -> None:
    filesystem, root = open_store()
    filesystem.makedirs(f"{root}/drafts", exist_ok=True)
    old, new = f"{root}/drafts/old", f"{root}/drafts/new"
    for path in (old, new):
        filesystem.pipe_file(path, b"half")
    long_ago = time.time() - 3 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    assert sweep_drafts() == 1
    assert not filesystem.exists(old)
    assert filesystem.exists(new)
    filesystem.rm_file(new)


def test_writing_takes_the_same_memory_however_large_the_file(tmp_path: Path) -> None:
    """In a process of its own: 64 MiB through a sink raise the peak by a few pieces."""
    program = (
        "import resource, os\n"
        "from io import BytesIO\n"
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n"
        "from core.storage.models import StoredFile\n"
        "from core.storage.streaming import FileSink\n"
        "sink = FileSink(open(os.devnull, 'wb'), AESGCM(bytes(32)), StoredFile())\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "piece = bytes(1 << 16)\n"
        "for _ in range(64): sink.write(piece)\n"
        "before = peak()\n"
        "for _ in range(1024): sink.write(piece)\n"
        "sink.finish()\n"
        "print(peak() - before, sink.file.size)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    grown, size = map(int, done.stdout.split())
    assert size == 1088 << 16
    assert grown < 8 << 10  # KiB
