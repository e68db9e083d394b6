"""Storing and reading files."""

import hashlib
from functools import lru_cache
from io import BytesIO
from typing import Any
from uuid import UUID

import fsspec
from sqlalchemy.orm import Session

from core import clock
from core.errors import ErasedError, NotFoundError
from core.ids import new_id
from core.sealing import get_cipher, seal, unseal
from core.settings import get_settings
from core.storage.models import StoredFile
from core.storage.pieces import open_pieces


@lru_cache(maxsize=4)
def _open_store(url: str) -> tuple[Any, str]:
    filesystem, root = fsspec.core.url_to_fs(url)
    return filesystem, root.rstrip("/")


def open_store() -> tuple[Any, str]:
    """Return the file system and the folder in it that hold all files."""
    settings = get_settings()
    return _open_store(settings.storage_url or f"file://{settings.data_dir / 'files'}")


def store_file(
    session: Session, shop_id: UUID, name: str, data: bytes, *, media_type: str, key_id: UUID | None = None
) -> StoredFile:
    """Write the bytes (sealed when a key is given) and record them. A rolled-back record leaves bytes nobody can
    name.
    """
    file_id = new_id()
    path = f"{shop_id}/{file_id.hex[:3]}/{file_id}"
    filesystem, root = open_store()
    full = f"{root}/{path}"
    filesystem.makedirs(full.rsplit("/", 1)[0], exist_ok=True)
    filesystem.pipe_file(full, seal(session, key_id, data) if key_id else data)
    record = StoredFile(
        id=file_id,
        shop_id=shop_id,
        path=path,
        name=name,
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
        key_id=key_id,
    )
    session.add(record)
    return record


def get_file(session: Session, file_id: UUID) -> StoredFile:
    record = session.get(StoredFile, file_id)
    if record is None:
        raise NotFoundError("There is no such file.", file_id=str(file_id))
    return record


def read_file(session: Session, file_id: UUID) -> bytes:
    """Return the plain bytes; raises ErasedError when they were deleted or their key destroyed."""
    record = get_file(session, file_id)
    if record.deleted_at is not None:
        raise ErasedError
    filesystem, root = open_store()
    data: bytes = filesystem.cat_file(f"{root}/{record.path}")
    if record.key_id is None:
        return data
    if record.piece_size is None:
        return unseal(session, record.key_id, data)
    return b"".join(open_pieces(BytesIO(data), get_cipher(session, record.key_id), record.piece_size))


def delete_file(session: Session, file_id: UUID) -> None:
    """Delete the bytes for good and keep the record. Repeating it changes nothing."""
    record = get_file(session, file_id)
    record.deleted_at = record.deleted_at or clock.now()
    filesystem, root = open_store()
    if filesystem.exists(f"{root}/{record.path}"):
        filesystem.rm_file(f"{root}/{record.path}")
