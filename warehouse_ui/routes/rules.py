"""Rules: the page of the editor, publishing, earlier versions."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import NotFoundError
from core.web import SessionDep, require
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.publishing import get_version, list_versions, publish_ruleset, save_draft
from warehouse_ui.answers import go_to
from warehouse_ui.paging import make_links
from warehouse_ui.rules.draft import load_draft
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
PAGE = 30


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


@router.post("/publish")
def publish(access: Operator, session: SessionDep, note: Annotated[str, Form()] = "") -> Response:
    """Make the draft the live version; with a mistake nothing changes."""
    draft = load_draft(session, access.shop_id)
    catalogue = load_rule_catalogue(session, access.shop_id)
    publish_ruleset(session, access.shop_id, draft.document, catalogue, author=access.principal.name, note=note.strip())
    return go_to("/rules", "published")


@router.post("/discard")
def discard(access: Operator, session: SessionDep, seen: Annotated[int, Form()]) -> Response:
    """Go back to the live version."""
    draft = load_draft(session, access.shop_id)
    if draft.live_number is not None:
        live = get_version(session, access.shop_id, draft.live_number)
        save_draft(session, access.shop_id, live.document, seen_version=seen, author=access.principal.name)
    return go_to("/rules", "draft_discarded")


@router.get("/versions")
def show_versions(request: Request, access: Operator, session: SessionDep, before: int | None = None) -> Response:
    versions = list_versions(session, access.shop_id, before=before, limit=PAGE + 1)
    following = versions[PAGE - 1].number if len(versions) > PAGE else None
    links = make_links("/rules/versions", {}, current=before, following=following)
    live = load_draft(session, access.shop_id).live_number
    return render(
        request, "pages/rule_versions.html", access, session, versions=versions[:PAGE], live=live, links=links
    )


@router.post("/versions/{number}/restore")
def restore(number: int, access: Operator, session: SessionDep) -> Response:
    """Take an earlier version as the draft; publishing makes it live again under a new number."""
    version = get_version(session, access.shop_id, number)
    seen = load_draft(session, access.shop_id).version
    save_draft(session, access.shop_id, version.document, seen_version=seen, author=access.principal.name)
    return go_to("/rules", "rule_saved")
