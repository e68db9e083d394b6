"""Pictures of products for paper: as small as print needs them, read once per run, left out where there is none."""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from sqlalchemy.orm import Session

from core.errors import ErasedError, NotFoundError
from core.storage.service import read_file
from documents.pictures import PictureError, shrink_picture
from documents.specs import StoredPicture
from fulfillment.printing.specs import ReadPicture

# At 300 dpi some 40 mm wide: no card is larger.
LARGEST_SIDE = 480


def load_pictures(session: Session, file_ids: Collection[UUID]) -> dict[UUID, StoredPicture]:
    """Return the pictures that can be printed; files that are gone, or no pictures, are left out."""
    read = make_reader(session)
    found = {file_id: read(file_id) for file_id in file_ids}
    return {file_id: picture for file_id, picture in found.items() if picture is not None}


def make_reader(session: Session) -> ReadPicture:
    """Return what reads a picture by its file's id; the same file is read once."""

    @lru_cache(maxsize=512)
    def read(file_id: UUID) -> StoredPicture | None:
        try:
            return StoredPicture(shrink_picture(read_file(session, file_id), LARGEST_SIDE), file_id)
        except (ErasedError, NotFoundError, PictureError, FileNotFoundError):
            return None

    return read
