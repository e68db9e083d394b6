"""What the history shows: versions with author, note and what changed; releases on their way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from personalization.errors import ReleaseNotFoundError
from personalization.models import Ruleset, RulesetVersion
from personalization.publishing import MAIN
from personalization.versions.models import RulesetRelease


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """`changes`: kind of change → how many rules, against the version before."""

    number: int
    note: str
    published_by: str
    published_at: datetime
    approved_by: str | None
    restored_number: int | None
    changes: Mapping[str, int]


def list_history(session: Session, shop_id: UUID, before: int | None = None, limit: int = 30) -> list[HistoryEntry]:
    """Return versions, newest first, without their documents; `before` is the number of the last one shown."""
    statement = select(
        RulesetVersion.number,
        RulesetVersion.note,
        RulesetVersion.published_by,
        RulesetVersion.published_at,
        RulesetVersion.approved_by,
        RulesetVersion.restored_number,
        RulesetVersion.changes,
    ).where(RulesetVersion.shop_id == shop_id)
    if before is not None:
        statement = statement.where(RulesetVersion.number < before)
    rows = session.execute(statement.order_by(RulesetVersion.number.desc()).limit(limit))
    return [HistoryEntry(*row) for row in rows]


def list_open_releases(session: Session, shop_id: UUID) -> list[RulesetRelease]:
    """Return releases that wait, are scheduled, or ask for somebody's attention; the soonest first."""
    wanted = select(RulesetRelease).where(RulesetRelease.shop_id == shop_id, RulesetRelease.closed_at.is_(None))
    return list(session.scalars(wanted.order_by(RulesetRelease.publish_at.nulls_first(), RulesetRelease.id)))


def list_releases(session: Session, shop_id: UUID, limit: int = 50) -> list[RulesetRelease]:
    """Return the latest releases, newest first, whatever became of them."""
    wanted = select(RulesetRelease).where(RulesetRelease.shop_id == shop_id)
    return list(session.scalars(wanted.order_by(RulesetRelease.submitted_at.desc()).limit(limit)))


def get_release(session: Session, shop_id: UUID, release_id: UUID) -> RulesetRelease:
    wanted = select(RulesetRelease).where(RulesetRelease.shop_id == shop_id, RulesetRelease.id == release_id)
    release = session.scalar(wanted)
    if release is None:
        raise ReleaseNotFoundError(release_id)
    return release


def get_approval(session: Session, shop_id: UUID) -> bool:
    """Return whether a second person must approve."""
    return bool(
        session.scalar(select(Ruleset.approval_required).where(Ruleset.shop_id == shop_id, Ruleset.key == MAIN))
    )


def find_base_document(session: Session, release: RulesetRelease) -> dict[str, Any]:
    """Return the rules that a release is meant to follow: of the release before it, or of its version."""
    if release.base_release_id is not None:
        before = session.get(RulesetRelease, release.base_release_id)
        return {} if before is None else before.document
    found = session.scalar(
        select(RulesetVersion.document).where(
            RulesetVersion.shop_id == release.shop_id, RulesetVersion.number == release.base_number
        )
    )
    return found or {}
