"""Rules: the list in order of priority, publishing, earlier versions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.errors import RulesetError
from personalization.inserts import list_inserts
from personalization.publishing import check_ruleset, get_version, list_versions, publish_ruleset, save_draft
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import get_language
from warehouse_ui.paging import make_links
from warehouse_ui.rules.draft import Draft, load_draft, move_rule, remove_rule, toggle_rule
from warehouse_ui.rules.forms import show_rule
from warehouse_ui.rules.mistakes import find_mistakes, tell_problem
from warehouse_ui.rules.telling import name_things, tell_actions, tell_conditions
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
BOX = ("pieces", "grams", "millimetres", "cost")
PAGE = 30
# Where rules stand in a document, as its problems name places.
RULES = "$.rules"


@router.get("")
def show_list(request: Request, access: Operator, session: SessionDep) -> Response:
    return render(request, "pages/rules.html", access, session, **_values(session, access.shop_id))


def _values(session: Session, shop_id: UUID) -> dict[str, Any]:
    draft = load_draft(session, shop_id)
    catalogue = load_rule_catalogue(session, shop_id)
    problems = check_ruleset(session, shop_id, draft.document, catalogue)
    names = name_things(list_inserts(session, shop_id), catalogue.templates)
    rows = [
        {
            "rule": rule,
            "name": rule.get("name", {}).get(get_language()) or rule.get("key", ""),
            "when": tell_conditions(rule),
            "then": tell_actions(rule, names),
            "problems": find_mistakes(problems, place, show_rule(rule), catalogue.templates),
        }
        for place, rule in enumerate(draft.rules)
    ]
    others = [problem for problem in problems if not problem.place.startswith(f"{RULES}[")]
    return {"draft": draft, "rows": rows, "others": [tell_problem(problem) for problem in others], "box_fields": BOX}


def keep(session: Session, access: Access, draft: Draft, seen: int) -> None:
    save_draft(session, access.shop_id, draft.document, seen_version=seen, author=access.principal.name)


@router.post("/publish")
def publish(
    request: Request,
    access: Operator,
    session: SessionDep,
    note: Annotated[str, Form()] = "",
) -> Response:
    """Make the draft the live version; with a mistake nothing changes, and the page names each."""
    draft = load_draft(session, access.shop_id)
    catalogue = load_rule_catalogue(session, access.shop_id)
    try:
        publish_ruleset(
            session, access.shop_id, draft.document, catalogue, author=access.principal.name, note=note.strip()
        )
    except RulesetError:
        values = _values(session, access.shop_id)
        return render(request, "pages/rules.html", access, session, **values, status=422)
    return go_to("/rules", "published")


@router.post("/discard")
def discard(access: Operator, session: SessionDep, seen: Annotated[int, Form()]) -> Response:
    """Go back to the live version."""
    draft = load_draft(session, access.shop_id)
    if draft.live_number is not None:
        live = get_version(session, access.shop_id, draft.live_number)
        save_draft(session, access.shop_id, live.document, seen_version=seen, author=access.principal.name)
    return go_to("/rules", "draft_discarded")


@router.post("/box")
def set_box(access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Say how much all inserts of one parcel together may take up; empty: no limit."""
    draft = load_draft(session, access.shop_id)
    draft.set_box({name: int(text) for name in BOX if (text := read_text(form, name)).isdigit()})
    keep(session, access, draft, int(read_text(form, "seen") or 0))
    return go_to("/rules", "rule_saved")


@router.post("/{key}/move")
def move(
    key: str, access: Operator, session: SessionDep, seen: Annotated[int, Form()], steps: Annotated[int, Form()]
) -> Response:
    draft = load_draft(session, access.shop_id)
    move_rule(draft, key, steps)
    keep(session, access, draft, seen)
    return go_to("/rules")


@router.post("/{key}/toggle")
def toggle(key: str, access: Operator, session: SessionDep, seen: Annotated[int, Form()]) -> Response:
    draft = load_draft(session, access.shop_id)
    toggle_rule(draft, key)
    keep(session, access, draft, seen)
    return go_to("/rules")


@router.post("/{key}/delete")
def delete(key: str, access: Operator, session: SessionDep, seen: Annotated[int, Form()]) -> Response:
    draft = load_draft(session, access.shop_id)
    remove_rule(draft, key)
    keep(session, access, draft, seen)
    return go_to("/rules", "rule_saved")


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
