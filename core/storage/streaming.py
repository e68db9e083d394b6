"""Files written and read piece by piece: the memory it takes does not grow with the file. One appears whole or not at
all.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from core.ids import new_id
from core.sealing import get_cipher
from core.storage.models import StoredFile
from core.storage.pieces import PIECE_SIZE, open_pieces, seal_piece
from core.storage.service import get_file, open_store, read_file

_DRAFTS: Final = "drafts"
# A draft that nobody finished in so long belongs to a process that was killed.
_FORSAKEN_SECONDS: Final = 24 * 3600.0


class _DroppedError(Exception):
    """Nobody wants the file after all."""


class FileSink:
    """What a file is written into. `file` is the record, complete once the block that opened it has ended."""

    def __init__(self, stream: Any, cipher: AESGCM, file: StoredFile) -> None:
        self._stream, self._cipher, self.file = stream, cipher, file
        self._digest, self._buffer, self._place = hashlib.sha256(), bytearray(), 0
        self.is_wanted = True
        file.size = 0

    def drop(self) -> None:
        """Leave no file behind after all."""
        self.is_wanted = False

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.file.size += len(data)
        self._buffer += data
        # The last piece is marked as such: one is kept back until more follows.
        while len(self._buffer) > PIECE_SIZE:
            self._put(bytes(self._buffer[:PIECE_SIZE]), is_last=False)
            del self._buffer[:PIECE_SIZE]
        return len(data)

    def finish(self) -> None:
        self._put(bytes(self._buffer), is_last=True)
        self.file.sha256 = self._digest.digest()

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        self._stream.write(seal_piece(self._cipher, piece, self._place, is_last=is_last))
        self._place += 1


@contextmanager
def writing_file(session: Session, shop_id: UUID, name: str, *, media_type: str, key_id: UUID) -> Iterator[FileSink]:
    """Give a sink, and record the file when the block ends well; otherwise nothing of it is left.

    A process that is killed leaves a draft that nobody can name; `sweep_drafts` takes it away.
    """
    cipher = get_cipher(session, key_id)
    file_id = new_id()
    path = f"{shop_id}/{file_id.hex[:3]}/{file_id}"
    file = StoredFile(
        id=file_id, shop_id=shop_id, path=path, name=name, media_type=media_type, key_id=key_id, piece_size=PIECE_SIZE
    )
    with suppress(_DroppedError):
        with _drafting(path) as stream:
            sink = FileSink(stream, cipher, file)
            yield sink
            sink.finish()
            if not sink.is_wanted:
                raise _DroppedError
        session.add(file)


@contextmanager
def _drafting(path: str) -> Iterator[Any]:
    """Give a stream whose bytes are found under the path only when the block has ended well."""
    filesystem, root = open_store()
    final = f"{root}/{path}"
    filesystem.makedirs(final.rsplit("/", 1)[0], exist_ok=True)
    if "file" not in filesystem.protocol:
        # An object store shows nothing of an upload before it is completed.
        stream = filesystem.open(final, "wb", autocommit=False)
        try:
            yield stream
            stream.close()
            stream.commit()
        except BaseException:
            stream.discard()
            raise
        return
    filesystem.makedirs(f"{root}/{_DRAFTS}", exist_ok=True)
    draft = f"{root}/{_DRAFTS}/{path.rsplit('/', 1)[1]}"
    try:
        with filesystem.open(draft, "wb") as stream:
            yield stream
        filesystem.mv(draft, final)
    except BaseException:
        filesystem.rm_file(draft)
        raise


def read_pieces(session: Session, file_id: UUID) -> Iterator[bytes]:
    """Give the plain bytes piece by piece. Raises ErasedError like `read_file`, InvalidTag for a file tampered with."""
    file = get_file(session, file_id)
    if file.piece_size is None or file.deleted_at is not None or file.key_id is None:
        yield read_file(session, file_id)
        return
    cipher = get_cipher(session, file.key_id)
    filesystem, root = open_store()
    with filesystem.open(f"{root}/{file.path}", "rb") as stream:
        yield from open_pieces(stream, cipher, file.piece_size)


def sweep_drafts() -> int:
    """Delete drafts of processes that were killed; returns how many."""
    filesystem, root = open_store()
    folder = f"{root}/{_DRAFTS}"
    if "file" not in filesystem.protocol or not filesystem.exists(folder):
        return 0
    oldest = time.time() - _FORSAKEN_SECONDS
    forsaken = [each["name"] for each in filesystem.ls(folder, detail=True) if each["mtime"] < oldest]
    for draft in forsaken:
        filesystem.rm_file(draft)
    return len(forsaken)
