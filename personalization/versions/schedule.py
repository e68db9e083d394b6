"""The row of scheduled releases of a shop: each follows the one before it, the first follows the live version."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit.service import record_many
from personalization.versions.models import ReleaseState, RulesetRelease


def list_scheduled(session: Session, shop_id: UUID) -> list[RulesetRelease]:
    """Return what is scheduled, the soonest first."""
    wanted = select(RulesetRelease).where(
        RulesetRelease.shop_id == shop_id, RulesetRelease.state == ReleaseState.SCHEDULED
    )
    ordered = wanted.order_by(RulesetRelease.publish_at).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def follow_version(session: Session, shop_id: UUID, number: int, release_id: UUID | None) -> None:
    """Let the schedule know of a new live version. `release_id`: the first of the schedule has become it.

    The next one follows it then; a version from elsewhere overtakes all, since publishing them would undo it.
    """
    if release_id is None:
        overtake(session, shop_id)
        return
    session.execute(
        update(RulesetRelease)
        .where(
            RulesetRelease.shop_id == shop_id,
            RulesetRelease.state == ReleaseState.SCHEDULED,
            RulesetRelease.base_release_id == release_id,
        )
        .values(base_number=number, base_release_id=None)
    )


def overtake(session: Session, shop_id: UUID) -> None:
    """Take everything off the schedule; each asks for somebody's attention."""
    rows = session.execute(
        update(RulesetRelease)
        .where(RulesetRelease.shop_id == shop_id, RulesetRelease.state == ReleaseState.SCHEDULED)
        .values(state=ReleaseState.OVERTAKEN)
        .returning(RulesetRelease.id)
    )
    gone: list[tuple[UUID | None, dict[str, object]]] = [(release_id, {}) for release_id in rows.scalars()]
    record_many(session, "personalization:release:overtaken", shop_id=shop_id, subjects=gone)


def overtake_later(session: Session, shop_id: UUID, release: RulesetRelease) -> None:
    """Take off the schedule what was to follow a release that will not be published."""
    rows = session.execute(
        update(RulesetRelease)
        .where(
            RulesetRelease.shop_id == shop_id,
            RulesetRelease.state == ReleaseState.SCHEDULED,
            RulesetRelease.publish_at > release.publish_at,
        )
        .values(state=ReleaseState.OVERTAKEN)
        .returning(RulesetRelease.id)
    )
    gone: list[tuple[UUID | None, dict[str, object]]] = [(release_id, {}) for release_id in rows.scalars()]
    record_many(session, "personalization:release:overtaken", shop_id=shop_id, subjects=gone)
