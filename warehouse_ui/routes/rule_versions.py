"""Rules after the draft: publishing it, now or later, alone or by two; the history, and back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, PrincipalKind, Role
from core.errors import AppError
from core.tenancy import get_shop
from core.web import SessionDep, require
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.advice.service import advise
from personalization.errors import RulesetError
from personalization.publishing import check_ruleset, discard_draft, find_live_version, get_version, save_draft
from personalization.rulesets.catalogue import Catalogue
from personalization.versions import service
from personalization.versions.moments import read_moment
from personalization.versions.queries import get_approval, list_history, list_open_releases
from personalization.versions.service import Person
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.paging import make_links
from warehouse_ui.rules.changes import MOST, tell_advice, tell_changes, tell_problems
from warehouse_ui.rules.draft import load_draft
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
Reader = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]
Administrator = Annotated[Access, require(Role.ADMINISTRATOR)]
PAGE = 30


def get_person(access: Access) -> Person:
    principal = access.principal
    return Person(principal.id, principal.name, principal.kind is PrincipalKind.USER)


@router.get("/publish")
def show_publish(request: Request, access: Operator, session: SessionDep) -> Response:
    """Show what would change, what stands against it, and what a colleague would say."""
    return _show_publish(request, access, session)


def _show_publish(
    request: Request, access: Access, session: Session, entered: Mapping[str, str] | None = None, error: str = ""
) -> Response:
    shop_id = access.shop_id
    draft, catalogue = load_draft(session, shop_id), load_rule_catalogue(session, shop_id)
    live = find_live_version(session, shop_id)
    problems = check_ruleset(session, shop_id, draft.document, catalogue)
    advice = advise(session, shop_id, draft.document, catalogue)
    values: dict[str, Any] = {
        "draft": draft,
        "changes": tell_changes(session, shop_id, catalogue, live.document if live else {}, draft.document),
        "most": MOST,
        "problems": tell_problems(draft.document, problems),
        "advice": tell_advice(draft.document, advice),
        "by_two": get_approval(session, shop_id),
        "scheduled": [each for each in list_open_releases(session, shop_id) if each.state == "scheduled"],
        "zone": get_shop(session, shop_id).time_zone,
        "entered": {"note": "", "at": "", "when": "now", **(entered or {})},
        "error": error,
    }
    return render(request, "pages/rule_publish.html", access, session, **values, status=422 if error else 200)


@router.post("/publish")
def publish(
    request: Request,
    access: Operator,
    session: SessionDep,
    seen: Annotated[int, Form()],
    note: Annotated[str, Form(max_length=500)] = "",
    when: Annotated[str, Form()] = "now",
    at: Annotated[str, Form()] = "",
) -> Response:
    """Publish, schedule or submit the draft that was seen; what stands against it is said on the page."""
    try:
        return _publish(session, access, seen, note.strip(), at if when == "later" else None)
    except AppError as error:
        if error.status_code not in (409, 422):
            raise
        session.rollback()
        entered = {"note": note, "at": at, "when": when}
        told = "" if isinstance(error, RulesetError) else describe_error(error)
        return _show_publish(request, access, session, entered, told or describe_error(error))


def _publish(session: Session, access: Access, seen: int, note: str, at: str | None) -> Response:
    shop_id, person = access.shop_id, get_person(access)
    catalogue = load_rule_catalogue(session, shop_id)
    moment = None if at is None else read_moment(at, get_shop(session, shop_id).zone)
    by_two = get_approval(session, shop_id)
    if moment is None and not by_two:
        service.publish_draft(session, shop_id, catalogue, person=person, note=note, seen_draft=seen)
        return go_to("/rules", "published")
    release = service.submit_draft(
        session, shop_id, catalogue, person=person, note=note, seen_draft=seen, publish_at=moment
    )
    return go_to(f"/rules/releases/{release.id}", "submitted" if by_two else "scheduled")


@router.post("/discard")
def discard(access: Operator, session: SessionDep, seen: Annotated[int, Form()]) -> Response:
    """Go back to the live version."""
    discard_draft(session, access.shop_id, seen_version=seen, author=access.principal.name)
    return go_to("/rules", "draft_discarded")


@router.get("/versions")
def show_versions(request: Request, access: Reader, session: SessionDep, before: int | None = None) -> Response:
    shop_id = access.shop_id
    versions = list_history(session, shop_id, before=before, limit=PAGE + 1)
    following = versions[PAGE - 1].number if len(versions) > PAGE else None
    values = {
        "versions": versions[:PAGE],
        "links": make_links("/rules/versions", {}, current=before, following=following),
        "draft": load_draft(session, shop_id),
        "releases": list_open_releases(session, shop_id),
        "by_two": get_approval(session, shop_id),
        "may_switch": access.principal.has_role(shop_id, Role.ADMINISTRATOR),
    }
    return render(request, "pages/rule_versions.html", access, session, **values)


@router.get("/versions/{number}")
def show_version(request: Request, number: int, access: Reader, session: SessionDep) -> Response:
    """Show what this version changed, and what going back to it would change now."""
    return _show_version(request, access, session, number)


def _show_version(request: Request, access: Access, session: Session, number: int, error: str = "") -> Response:
    shop_id = access.shop_id
    version, live = get_version(session, shop_id, number), find_live_version(session, shop_id)
    catalogue = load_rule_catalogue(session, shop_id)
    before = get_version(session, shop_id, number - 1).document if number > 1 else {}
    is_live = live is not None and live.number == number
    back = None if live is None or is_live else live.document
    values: dict[str, Any] = {
        "version": version,
        "live": live.number if live else None,
        "changes": tell_changes(session, shop_id, catalogue, before, version.document),
        "back": None if back is None else tell_changes(session, shop_id, catalogue, back, version.document),
        "problems": _find_problems(session, access, version.document, catalogue) if back is not None else [],
        "most": MOST,
        "draft": load_draft(session, shop_id),
        "error": error,
    }
    return render(request, "pages/rule_version.html", access, session, **values, status=409 if error else 200)


def _find_problems(session: Session, access: Access, document: dict[str, Any], catalogue: Catalogue) -> list[Any]:
    return tell_problems(document, check_ruleset(session, access.shop_id, document, catalogue))


@router.post("/versions/{number}/roll-back")
def roll_back(
    request: Request, number: int, access: Operator, session: SessionDep, seen_live: Annotated[int, Form()]
) -> Response:
    """Make an earlier version's rules live again, under a new number, at once."""
    catalogue = load_rule_catalogue(session, access.shop_id)
    try:
        service.roll_back(session, access.shop_id, number, catalogue, person=get_person(access), seen_live=seen_live)
    except AppError as error:
        if error.status_code not in (409, 422):
            raise
        session.rollback()
        return _show_version(request, access, session, number, describe_error(error))
    return go_to("/rules/versions", "rolled_back")


@router.post("/versions/{number}/restore")
def restore(number: int, access: Operator, session: SessionDep, seen: Annotated[int, Form()]) -> Response:
    """Take an earlier version as the draft, to change it further."""
    version = get_version(session, access.shop_id, number)
    save_draft(session, access.shop_id, version.document, seen_version=seen, author=access.principal.name)
    return go_to("/rules", "rule_saved")


@router.post("/approval")
def switch_approval(access: Administrator, session: SessionDep, required: Annotated[bool, Form()]) -> Response:
    """Say whether a second person must approve; only who does not write rules by this role may say so."""
    service.set_approval(session, access.shop_id, required)
    return go_to("/rules/versions", "approval_on" if required else "approval_off")
