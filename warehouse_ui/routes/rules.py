"""Rules: the page of the editor."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import NotFoundError
from core.web import SessionDep, require
from warehouse_ui.rules.draft import load_draft
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]


@router.get("")
def show_list(request: Request, access: Operator, session: SessionDep) -> Response:
    return _show_editor(request, access, session)


@router.get("/new")
def show_new(request: Request, access: Operator, session: SessionDep) -> Response:
    return _show_editor(request, access, session)


@router.get("/{key}/edit")
def show_rule(request: Request, key: str, access: Operator, session: SessionDep) -> Response:
    """Answer with the editor, which opens the rule; one that is no longer in the draft is not found."""
    if not any(rule.get("key") == key for rule in load_draft(session, access.shop_id).rules):
        raise NotFoundError("There is no such rule in the draft.", key=key)
    return _show_editor(request, access, session)


def _show_editor(request: Request, access: Access, session: Session) -> Response:
    """One page for all rules and for each: the browser fetches the draft and edits it."""
    return render(request, "pages/rules.html", access, session, shop_id=access.shop_id)
