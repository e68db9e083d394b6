"""The pictures of a shop: uploading, and taking out."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response, UploadFile
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import AppError, InvalidInputError
from core.ids import new_token
from core.web import SessionDep, require
from documents.errors import PictureRefusedError
from documents.letterheads import LARGEST_PDF, add_letterhead
from documents.library import add_picture, list_pictures, remove_picture
from documents.uploads import LARGEST_UPLOAD
from warehouse_ui.answers import go_to
from warehouse_ui.designer.kit import show_picture
from warehouse_ui.error_words import describe_error
from warehouse_ui.i18n import get_language
from warehouse_ui.templating import render

router = APIRouter(prefix="/templates/pictures", include_in_schema=False)

Editor = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]
LONGEST_NAME: Final = 80
# Slots that show the picture of their own name: nobody has to place these.
OWN_SLOTS: Final = ("shop_logo", "signature_image")


@router.get("")
def show_pictures(request: Request, access: Editor, session: SessionDep) -> Response:
    return _show(request, access, session)


def _show(request: Request, access: Access, session: Session, error: str = "") -> Response:
    values = {"pictures": list_pictures(session, access.shop_id), "own_slots": OWN_SLOTS, "error": error}
    return render(request, "pages/template_pictures.html", access, session, **values, status=422 if error else 200)


@router.post("")
def upload(
    request: Request,
    access: Editor,
    session: SessionDep,
    picture: UploadFile,
    name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    use: Annotated[str, Form()] = "",
) -> Response:
    """Take a picture into the library; what is wrong with it is said on the page."""
    data = picture.file.read(LARGEST_UPLOAD + 1)
    key = use if use in OWN_SLOTS else make_key()
    try:
        shown = name.strip() or (picture.filename or key)[:LONGEST_NAME]
        add_picture(session, access.shop_id, key, shown, data, author=access.principal.name)
    except AppError as error:
        if error.status_code != 422:
            raise
        session.rollback()
        return _show(request, access, session, describe_error(error))
    return go_to("/templates/pictures", "picture_stored")


@router.post("/letterhead")
def import_letterhead(
    request: Request,
    access: Editor,
    session: SessionDep,
    letterhead: UploadFile,
    name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
) -> Response:
    """Take the page of a PDF into the library, to lie beneath a template."""
    data = letterhead.file.read(LARGEST_PDF + 1)
    shown = name.strip() or (letterhead.filename or "letterhead")[:LONGEST_NAME]
    try:
        add_letterhead(session, access.shop_id, make_key(), shown, data, author=access.principal.name)
    except AppError as error:
        if error.status_code != 422:
            raise
        session.rollback()
        return _show(request, access, session, describe_error(error))
    return go_to("/templates/pictures", "picture_stored")


@router.post("/upload")
def upload_from_designer(picture: UploadFile, access: Editor, session: SessionDep) -> dict[str, Any]:
    """Take a picture or a letterhead into the library; answer with it as the designer knows pictures."""
    data = picture.file.read(max(LARGEST_UPLOAD, LARGEST_PDF) + 1)
    add = add_letterhead if b"%PDF-" in data[:1024] else add_picture
    name = (picture.filename or "")[:LONGEST_NAME]
    try:
        stored = add(session, access.shop_id, make_key(), name, data, author=access.principal.name)
    except PictureRefusedError as error:
        # The designer shows the sentence as it comes.
        raise InvalidInputError(error.message_in(get_language()), field="picture") from None
    return show_picture(stored)


def make_key() -> str:
    token = "".join(letter for letter in new_token().lower() if letter.isalnum())
    return f"picture_{token[:10]}"


@router.post("/{key}/remove")
def remove(key: str, access: Editor, session: SessionDep) -> Response:
    """Take a picture out of the library; published versions keep it."""
    remove_picture(session, access.shop_id, key)
    return go_to("/templates/pictures", "picture_removed")
