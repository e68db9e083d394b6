"""The designer: its page, and its doors in JSON — the draft, what can be chosen, the preview."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from documents.drafting import get_row, load_draft, save_draft
from documents.errors import TemplateDraftOvertakenError
from warehouse_ui.designer.kit import describe_kit
from warehouse_ui.designer.previewing import SCALES, preview_document
from warehouse_ui.designer.trying import Data, find_shown
from warehouse_ui.draft_answers import answer_draft, answer_saved
from warehouse_ui.templating import render

router = APIRouter(prefix="/templates", include_in_schema=False)

Editor = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]
LONGEST_NUMBER: Final = 40


class DraftIn(BaseModel):
    """A document as it is being written: it may be wrong in any way."""

    document: dict[str, Any]
    seen: int = Field(ge=0)


class PreviewIn(BaseModel):
    """`scale`: pixels to a point."""

    document: dict[str, Any]
    data: Data = Data.SAMPLE
    shipment: str = Field(default="", max_length=LONGEST_NUMBER)
    scale: float = Field(default=1.5, ge=SCALES[0], le=SCALES[1])


@router.get("/{key}/{language}/edit")
def show_editor(request: Request, key: str, language: str, access: Editor, session: SessionDep) -> Response:
    draft = load_draft(session, access.shop_id, key, language)
    values = {"draft": draft, "shop_id": access.shop_id}
    return render(request, "pages/template_editor.html", access, session, **values)


@router.get("/{key}/{language}/draft")
def read_draft(
    key: str, language: str, access: Editor, session: SessionDep, seen: Annotated[int | None, Query()] = None
) -> Response:
    """Answer with the draft; with nothing while it is still the one that was seen."""
    draft = load_draft(session, access.shop_id, key, language)
    return Response(status_code=204) if seen == draft.version else answer_draft(draft)


@router.post("/{key}/{language}/draft")
def write_draft(key: str, language: str, given: DraftIn, access: Editor, session: SessionDep) -> Response:
    """Keep the draft. Who was overtaken gets what the other saved, and decides part by part."""
    shop_id, author = access.shop_id, access.principal.name
    try:
        save_draft(session, shop_id, key, language, given.document, seen=given.seen, author=author)
    except TemplateDraftOvertakenError:
        return answer_draft(load_draft(session, shop_id, key, language), 409)
    return answer_saved(load_draft(session, shop_id, key, language))


@router.get("/{key}/{language}/kit")
def read_kit(key: str, language: str, access: Editor, session: SessionDep) -> dict[str, Any]:
    load_draft(session, access.shop_id, key, language)
    may_see = access.principal.has_role(access.shop_id, Role.OPERATOR)
    return describe_kit(session, access.shop_id, may_see_shipments=may_see)


@router.post("/{key}/{language}/preview")
def preview(key: str, language: str, given: PreviewIn, access: Editor, session: SessionDep) -> dict[str, Any]:
    """Draw the document as it stands with samples, the longest data of the shop, or a shipment's. Changes nothing."""
    get_row(session, access.shop_id, key, language)
    document = {**given.document, "key": key, "language": language}
    shown = find_shown(session, access, document, given.data, given.shipment)
    return preview_document(session, access.shop_id, document, shown, given.scale)
