"""Versions of rules over HTTP: history, releases, back. Approving is for people: a key is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from core.auth.roles import Access, PrincipalKind, Role
from core.web import SessionDep, require
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.models import RulesetVersion
from personalization.publishing import get_version
from personalization.versions import service
from personalization.versions.differences import diff_documents
from personalization.versions.models import RulesetRelease
from personalization.versions.names import load_names
from personalization.versions.queries import get_release, list_history, list_releases
from personalization.versions.service import Person

router = APIRouter(prefix="/api/rules", tags=["rules"])
Operator = Annotated[Access, require(Role.OPERATOR)]


class VersionOut(BaseModel):
    """`changes`: kind of change → how many rules, against the version before."""

    number: int
    note: str
    published_by: str
    published_at: datetime
    approved_by: str | None
    restored_number: int | None
    changes: Mapping[str, int]


class ChangeOut(BaseModel):
    kind: str
    rule_key: str | None
    ja: str
    en: str


class ReleaseOut(BaseModel):
    """`digest` names the document (SHA-256 of its canonical form, hexadecimal)."""

    id: UUID
    state: str
    note: str
    digest: str
    publish_at: datetime | None
    submitted_by: str
    submitted_at: datetime
    decided_by: str | None
    answer: str | None
    problems: list[Any] | None


class SubmitIn(BaseModel):
    """`seen_draft` is the draft's version as it was read; `publish_at` with its offset from UTC."""

    seen_draft: int = Field(ge=0)
    note: str = Field(default="", max_length=500)
    publish_at: AwareDatetime | None = None


class ApproveIn(BaseModel):
    """`digest` and `seen_live` are what was looked at: the document, and the live version it was compared with."""

    digest: str
    seen_live: int | None = None


class SendBackIn(BaseModel):
    note: str = Field(min_length=1, max_length=2000)


class RollBackIn(BaseModel):
    """`seen_live` is the live version that is to be left."""

    seen_live: int


def _person(access: Access) -> Person:
    principal = access.principal
    return Person(principal.id, principal.name, principal.kind is PrincipalKind.USER)


def _show_version(version: RulesetVersion) -> VersionOut:
    return VersionOut.model_validate(version, from_attributes=True)


def _show_release(release: RulesetRelease) -> ReleaseOut:
    fields = {name: getattr(release, name) for name in ReleaseOut.model_fields if name != "digest"}
    return ReleaseOut(**fields, digest=release.digest.hex())


@router.get("/versions")
def read_versions(
    access: Operator, session: SessionDep, before: int | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 30
) -> list[VersionOut]:
    """The published versions, newest first; `before` is the number of the last one that was shown."""
    found = list_history(session, access.shop_id, before=before, limit=limit)
    return [VersionOut.model_validate(entry, from_attributes=True) for entry in found]


@router.get("/versions/{number}")
def read_version(number: int, access: Operator, session: SessionDep) -> dict[str, Any]:
    """The document of one version."""
    return get_version(session, access.shop_id, number).document


@router.get("/versions/{number}/changes")
def read_changes(number: int, access: Operator, session: SessionDep, against: int | None = None) -> list[ChangeOut]:
    """What a version changed, in sentences: against the version before it, or against `against`."""
    shop_id = access.shop_id
    new = get_version(session, shop_id, number).document
    base = number - 1 if against is None else against
    old = get_version(session, shop_id, base).document if base > 0 else {}
    names = load_names(session, shop_id, load_rule_catalogue(session, shop_id))
    return [
        ChangeOut(kind=change.kind, rule_key=change.rule_key, ja=change.words.ja, en=change.words.en)
        for change in diff_documents(old, new, names)
    ]


@router.post("/versions/{number}/roll-back", status_code=201)
def roll_back(number: int, given: RollBackIn, access: Operator, session: SessionDep) -> VersionOut:
    """Make an earlier version's rules live again as a new version, at once."""
    catalogue = load_rule_catalogue(session, access.shop_id)
    return _show_version(
        service.roll_back(session, access.shop_id, number, catalogue, person=_person(access), seen_live=given.seen_live)
    )


@router.get("/releases")
def read_releases(access: Operator, session: SessionDep) -> list[ReleaseOut]:
    """The latest releases, whatever became of them, newest first."""
    return [_show_release(release) for release in list_releases(session, access.shop_id)]


@router.get("/releases/{release_id}")
def read_release(release_id: UUID, access: Operator, session: SessionDep) -> ReleaseOut:
    return _show_release(get_release(session, access.shop_id, release_id))


@router.post("/releases", status_code=201)
def submit(given: SubmitIn, access: Operator, session: SessionDep) -> ReleaseOut:
    """Submit the draft: for approval where the shop asks for it, otherwise for its moment."""
    release = service.submit_draft(
        session,
        access.shop_id,
        load_rule_catalogue(session, access.shop_id),
        person=_person(access),
        note=given.note,
        seen_draft=given.seen_draft,
        publish_at=given.publish_at,
    )
    return _show_release(release)


@router.post("/releases/{release_id}/cancel")
def cancel(release_id: UUID, access: Operator, session: SessionDep) -> ReleaseOut:
    """Withdraw what waits or is scheduled; put aside what was refused, overtaken or sent back."""
    return _show_release(service.cancel(session, access.shop_id, release_id, person=_person(access)))


@router.post("/releases/{release_id}/approve")
def approve(release_id: UUID, given: ApproveIn, access: Operator, session: SessionDep) -> ReleaseOut:
    """Approve what somebody else submitted; for people who are signed in, not for programs with a key."""
    release = service.approve(
        session,
        access.shop_id,
        release_id,
        load_rule_catalogue(session, access.shop_id),
        person=_person(access),
        seen_digest=given.digest,
        seen_live=given.seen_live,
    )
    return _show_release(release)


@router.post("/releases/{release_id}/send-back")
def send_back(release_id: UUID, given: SendBackIn, access: Operator, session: SessionDep) -> ReleaseOut:
    """Return a release to its author with what should be changed."""
    return _show_release(
        service.send_back(session, access.shop_id, release_id, person=_person(access), note=given.note)
    )
