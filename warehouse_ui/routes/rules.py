"""Rules: the page of the editor."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
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
    """Answer with the editor, which opens the rule. One that is not in the draft is not found, but the editor comes
    all the same: the browser may hold it, typed a moment ago and not saved yet.
    """
    is_known = any(rule.get("key") == key for rule in load_draft(session, access.shop_id).rules)
    return _show_editor(request, access, session, status=200 if is_known else 404)


def _show_editor(request: Request, access: Access, session: Session, status: int = 200) -> Response:
    """One page for all rules and for each: the browser fetches the draft and edits it."""
    return render(request, "pages/rules.html", access, session, shop_id=access.shop_id, status=status)
