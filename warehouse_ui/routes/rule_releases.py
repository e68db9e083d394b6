"""One release: what it would change, and what a person may do with it."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access
from core.errors import AppError
from core.tenancy import get_shop
from core.web import SessionDep
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.advice.service import advise
from personalization.problems import Problem
from personalization.publishing import check_ruleset, find_live_version
from personalization.versions import service
from personalization.versions.models import ReleaseState, RulesetRelease
from personalization.versions.moments import read_moment
from personalization.versions.queries import find_base_document, get_release
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.routes.rule_versions import Operator, get_person
from warehouse_ui.rules.changes import MOST, tell_advice, tell_changes, tell_problems
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules/releases", include_in_schema=False)
SEEN = Annotated[int | None, Form()]


@router.get("/{release_id}")
def show(request: Request, release_id: UUID, access: Operator, session: SessionDep) -> Response:
    return _show(request, release_id, access, session)


def _show(request: Request, release_id: UUID, access: Access, session: Session, error: str = "") -> Response:
    release = get_release(session, access.shop_id, release_id)
    live = find_live_version(session, access.shop_id)
    catalogue = load_rule_catalogue(session, access.shop_id)
    is_settled = release.state in (ReleaseState.PUBLISHED, ReleaseState.CANCELLED)
    # What waits will follow the live version; what is settled is shown against what it was to follow then.
    against_live = release.state in (ReleaseState.WAITING, ReleaseState.OVERTAKEN, ReleaseState.REFUSED)
    base = (live.document if live else {}) if against_live else find_base_document(session, release)
    values: dict[str, Any] = {
        "release": release,
        "live": live.number if live else None,
        "against_live": against_live,
        "changes": tell_changes(session, access.shop_id, catalogue, base, release.document),
        "most": MOST,
        "problems": [] if is_settled else tell_problems(release.document, _check(session, release, catalogue)),
        "reasons": tell_problems(release.document, [Problem(**problem) for problem in release.problems or []]),
        "advice": _advise(session, release, catalogue) if release.state is ReleaseState.WAITING else [],
        "is_own": access.principal.id == release.submitted_by_id,
        "zone": get_shop(session, access.shop_id).time_zone,
        "error": error,
    }
    return render(request, "pages/rule_release.html", access, session, **values, status=409 if error else 200)


def _check(session: Session, release: RulesetRelease, catalogue: Any) -> list[Problem]:
    return check_ruleset(session, release.shop_id, release.document, catalogue)


def _advise(session: Session, release: RulesetRelease, catalogue: Any) -> list[Any]:
    return tell_advice(release.document, advise(session, release.shop_id, release.document, catalogue))


def _act(request: Request, release_id: UUID, access: Access, session: Session, act: Callable[[], str]) -> Response:
    """Do it and say so; what stands against it is said on the page of the release."""
    try:
        done = act()
    except AppError as error:
        if error.status_code not in (403, 409, 422):
            raise
        session.rollback()
        return _show(request, release_id, access, session, describe_error(error))
    return go_to(f"/rules/releases/{release_id}", done)


@router.post("/{release_id}/approve")
def approve(
    request: Request,
    release_id: UUID,
    access: Operator,
    session: SessionDep,
    digest: Annotated[str, Form()],
    seen_live: SEEN = None,
) -> Response:
    """Approve exactly what the page showed, against the version it was compared with."""

    def act() -> str:
        catalogue = load_rule_catalogue(session, access.shop_id)
        person = get_person(access)
        release = service.approve(
            session, access.shop_id, release_id, catalogue, person=person, seen_digest=digest, seen_live=seen_live
        )
        return "published" if release.state is ReleaseState.PUBLISHED else "scheduled"

    return _act(request, release_id, access, session, act)


@router.post("/{release_id}/send-back")
def send_back(
    request: Request,
    release_id: UUID,
    access: Operator,
    session: SessionDep,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    def act() -> str:
        service.send_back(session, access.shop_id, release_id, person=get_person(access), note=note)
        return "sent_back"

    return _act(request, release_id, access, session, act)


@router.post("/{release_id}/cancel")
def cancel(request: Request, release_id: UUID, access: Operator, session: SessionDep) -> Response:
    def act() -> str:
        service.cancel(session, access.shop_id, release_id, person=get_person(access))
        return "release_cancelled"

    return _act(request, release_id, access, session, act)


@router.post("/{release_id}/renew")
def renew(
    request: Request,
    release_id: UUID,
    access: Operator,
    session: SessionDep,
    at: Annotated[str, Form()] = "",
    seen_live: SEEN = None,
) -> Response:
    """Schedule it again, for a moment to come."""

    def act() -> str:
        shop_id = access.shop_id
        release = service.renew(
            session,
            shop_id,
            release_id,
            load_rule_catalogue(session, shop_id),
            person=get_person(access),
            seen_live=seen_live,
            publish_at=read_moment(at, get_shop(session, shop_id).zone),
        )
        return "submitted" if release.state is ReleaseState.WAITING else "scheduled"

    return _act(request, release_id, access, session, act)
