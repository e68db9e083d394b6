"""The pictures of a shop: logo, signature, marks, letterheads. A file never changes; a key may come to mean another.

Templates name a picture by its key (element `picture`), or show it in the picture slot that has its name.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.ids import new_id
from core.storage.service import read_file, store_file
from documents.checking import CompiledTemplate, add_pictures, compile_template
from documents.errors import DocumentError, PictureNotFoundError, Refusal
from documents.models import DocumentPicture, PictureSource
from documents.pictures import PictureError, read_picture
from documents.templates import Picture, Template
from documents.uploads import CleanPicture, clean_picture
from documents.walking import walk_elements

_KEPT_FILES: Final = 48


def store_picture(
    session: Session, shop_id: UUID, key: str, data: bytes, more: Mapping[str, Any] | None = None
) -> DocumentPicture:
    """Store a shop's picture in the place of the one before; raises DocumentError for what is no picture."""
    try:
        picture = read_picture(data)
    except PictureError as error:
        raise DocumentError(Refusal.BROKEN_IMAGE, key, note=str(error)) from None
    file = store_file(session, shop_id, key, data, media_type=picture.media_type)
    session.flush()  # The picture's foreign key needs the file's row.
    values = {
        "file_id": file.id,
        "width_px": picture.width,
        "height_px": picture.height,
        "width_mm": None,
        "height_mm": None,
        "source": PictureSource.UPLOAD,
        "stored_at": clock.now(),
        **(more or {}),
    }
    statement = (
        insert(DocumentPicture)
        .values(id=new_id(), shop_id=shop_id, key=key, **values)
        .on_conflict_do_update(index_elements=["shop_id", "key"], set_=values)
        .returning(DocumentPicture)
    )
    return session.scalars(statement, execution_options={"populate_existing": True}).one()


def find_picture(session: Session, shop_id: UUID, key: str) -> bytes | None:
    """Return a picture's file, or None."""
    file_id = load_file_ids(session, shop_id).get(key)
    return read_file(session, file_id) if file_id else None


def add_picture(session: Session, shop_id: UUID, key: str, name: str, data: bytes, *, author: str) -> DocumentPicture:
    """Take an uploaded picture into the library, drawn anew; raises PictureRefusedError with the reason."""
    return keep_picture(session, shop_id, key, clean_picture(data), {"name": name, "stored_by": author})


def keep_picture(
    session: Session, shop_id: UUID, key: str, clean: CleanPicture, more: Mapping[str, Any]
) -> DocumentPicture:
    stored = store_picture(session, shop_id, key, clean.data, more)
    details = {"key": key, "file": str(stored.file_id), "source": stored.source.value}
    record(session, "documents:picture:store", shop_id=shop_id, subject_id=stored.id, details=details)
    return stored


def list_pictures(session: Session, shop_id: UUID) -> list[DocumentPicture]:
    statement = select(DocumentPicture).where(DocumentPicture.shop_id == shop_id).order_by(DocumentPicture.key)
    return list(session.scalars(statement))


def remove_picture(session: Session, shop_id: UUID, key: str) -> None:
    """Take a picture out of the library. Versions that were published with it keep it."""
    gone = session.execute(
        delete(DocumentPicture)
        .where(DocumentPicture.shop_id == shop_id, DocumentPicture.key == key)
        .returning(DocumentPicture.id)
    ).scalar()
    if gone is None:
        raise PictureNotFoundError(f"There is no picture “{key}”.", key=key)
    record(session, "documents:picture:remove", shop_id=shop_id, subject_id=gone, details={"key": key})


def load_file_ids(session: Session, shop_id: UUID) -> dict[str, UUID]:
    """Return key → file of every picture in the library."""
    wanted = select(DocumentPicture.key, DocumentPicture.file_id).where(DocumentPicture.shop_id == shop_id)
    return {row.key: row.file_id for row in session.execute(wanted)}


def furnish(
    session: Session, document: Mapping[str, Any], library: Mapping[str, UUID], pinned: Mapping[str, UUID]
) -> CompiledTemplate:
    """Compile a document with its pictures: `pinned` for what its elements name, the library for picture slots.

    Raises TemplateInvalidError for the document; a picture that is nowhere is left out.
    """
    return furnish_compiled(session, compile_template(document), library, pinned)


def furnish_compiled(
    session: Session, plain: CompiledTemplate, library: Mapping[str, UUID], pinned: Mapping[str, UUID]
) -> CompiledTemplate:
    """Return a compiled template with its pictures, as `furnish` does."""
    wanted = _choose(plain.named_pictures, pinned) | _choose(plain.picture_slots, library)
    return add_pictures(plain, read_pictures(session, wanted)) if wanted else plain


def _choose(keys: Iterable[str], files: Mapping[str, UUID]) -> dict[str, UUID]:
    return {key: files[key] for key in keys if key in files}


def read_pictures(session: Session, files: Mapping[str, UUID]) -> dict[str, bytes]:
    return {key: _read_once(session, file_id) for key, file_id in files.items()}


def _read_once(session: Session, file_id: UUID) -> bytes:
    """Return a file's bytes, read from the store once per process: a file never changes."""
    data = _known(file_id)
    if not data:
        data.append(read_file(session, file_id))
    return data[0]


@lru_cache(maxsize=_KEPT_FILES)
def _known(_file_id: UUID) -> list[bytes]:
    return []


def find_missing(template: Template, library: Collection[str]) -> list[tuple[str, str]]:
    """Return (place, key) of elements whose picture the library does not have."""
    return [
        (place, element.picture)
        for place, element in walk_elements(template)
        if isinstance(element, Picture) and element.picture not in library
    ]
