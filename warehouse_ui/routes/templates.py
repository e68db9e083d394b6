"""Templates: what a shop prints on, and new ones from the gallery."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_token
from core.web import SessionDep, require
from documents.catalogue import load_gallery
from documents.checking import CompiledTemplate, compile_template
from documents.drafting import load_draft, start_draft
from documents.errors import TemplateInvalidError
from documents.library import furnish, load_file_ids
from documents.translating import translate
from documents.versions import list_templates
from warehouse_ui.answers import go_to
from warehouse_ui.designer.previewing import SMALL, answer_picture, draw_small
from warehouse_ui.i18n import gettext
from warehouse_ui.templating import render

router = APIRouter(prefix="/templates", include_in_schema=False)

Editor = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]
LONGEST_NAME: Final = 80


@router.get("")
def show_list(request: Request, access: Editor, session: SessionDep) -> Response:
    values = {"templates": list_templates(session, access.shop_id)}
    return render(request, "pages/templates.html", access, session, **values)


@router.get("/gallery")
def show_gallery(request: Request, access: Editor, session: SessionDep) -> Response:
    shipped = [compile_template(document).template for document in load_gallery().values()]
    ordered = sorted(shipped, key=lambda each: (each.kind, each.key, each.language != "ja"))
    return render(request, "pages/template_gallery.html", access, session, templates=ordered)


@router.get("/gallery/{key}/{language}/small.png")
def show_gallery_picture(key: str, language: str, _access: Editor) -> Response:
    return answer_picture(draw_small(compile_template(_find_shipped(key, language)), SMALL))


@router.post("/gallery/{key}/{language}/copy")
def copy(
    key: str,
    language: str,
    access: Editor,
    session: SessionDep,
    name_ja: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    name_en: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
) -> Response:
    """Begin a template of one's own from a shipped one; it is printed only when a rule names it."""
    return _copy(session, access, _find_shipped(key, language), name_ja, name_en)


@router.post("/{key}/{language}/copy")
def copy_own(
    key: str,
    language: str,
    access: Editor,
    session: SessionDep,
    name_ja: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    name_en: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
) -> Response:
    """Begin another template from one of the shop's own, as its draft stands."""
    draft = load_draft(session, access.shop_id, key, language)
    return _copy(session, access, draft.document, name_ja, name_en)


@router.post("/{key}/{language}/translate")
def make_twin(
    key: str, language: str, access: Editor, session: SessionDep, seen: Annotated[int | None, Form()] = None
) -> Response:
    """Begin the same template in the other language; where there is one, its draft becomes this one. Texts stay, and
    the designer points at those that are still in the first language.
    """
    draft = translate(session, access.shop_id, key, language, author=access.principal.name, seen=seen)
    return go_to(f"/templates/{draft.key}/{draft.language}/edit")


def _copy(session: Session, access: Access, document: dict[str, object], name_ja: str, name_en: str) -> Response:
    name = {"ja": name_ja.strip(), "en": name_en.strip()}
    if not (name["ja"] and name["en"]):
        raise InvalidInputError(gettext("日本語と英語の名前を入れてください。"), field="name")
    # Rules and records name a template by its key: it says what it is, and never that of another.
    key = f"{str(document['key'])[:40]}_{new_token()[:6].lower()}"
    key = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in key)
    draft = start_draft(session, access.shop_id, {**document, "key": key, "name": name}, author=access.principal.name)
    return go_to(f"/templates/{draft.key}/{draft.language}/edit")


def _find_shipped(key: str, language: str) -> dict[str, object]:
    found = load_gallery().get((key, language))
    if found is None:
        raise NotFoundError("There is no such template in the gallery.", key=key)
    return found


@router.get("/{key}/{language}/small.png")
def show_picture(key: str, language: str, access: Editor, session: SessionDep) -> Response:
    """Answer with a small picture of the draft, where it can be drawn."""
    compiled = _compile_draft(session, access, key, language)
    return answer_picture(draw_small(compiled, SMALL) if compiled else b"")


def _compile_draft(session: Session, access: Access, key: str, language: str) -> CompiledTemplate | None:
    library = load_file_ids(session, access.shop_id)
    try:
        return furnish(session, load_draft(session, access.shop_id, key, language).document, library, library)
    except TemplateInvalidError:
        return None
