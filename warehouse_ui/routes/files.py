"""Product pictures, streamed from the store. Other files come through the screens that know who may have them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Response

from core.auth.roles import Access
from core.errors import NotFoundError
from core.storage.service import get_file, read_file
from core.web import SessionDep, require_anyone

router = APIRouter(prefix="/files", include_in_schema=False)

PICTURE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/avif", "image/gif"})
# A picture never changes under its id; it is nobody's personal data, but it is the shop's.
KEEP: Final = "private, max-age=31536000, immutable"


@router.get("/pictures/{file_id}")
def show_picture(file_id: UUID, session: SessionDep, _access: Annotated[Access, require_anyone()]) -> Response:
    """Answer with the bytes of a picture; anything else in the store is not found here, least of all what is sealed."""
    record = get_file(session, file_id)
    if record.media_type not in PICTURE_TYPES or record.key_id is not None:
        raise NotFoundError("There is no such picture.", file_id=str(file_id))
    return Response(read_file(session, file_id), media_type=record.media_type, headers={"Cache-Control": KEEP})
