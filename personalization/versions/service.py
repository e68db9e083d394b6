"""From draft to live version: at once, after a second person's approval, at a moment; and back. Callers own the
transaction. Every act locks the shop's ruleset first and changes a release only from the state it was seen in.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.ids import new_id
from personalization.errors import (
    ApprovalNeededError,
    DraftOvertakenError,
    LiveChangedError,
    MomentError,
    NoteNeededError,
    NothingToPublishError,
    OwnReleaseError,
    ReleaseChangedError,
    ReleaseNotFoundError,
    ReleaseStateError,
    ScheduleTakenError,
)
from personalization.models import Ruleset, RulesetVersion
from personalization.publishing import (
    Origin,
    add_version,
    check_or_raise,
    find_live_version,
    get_version,
    lock_ruleset,
)
from personalization.rulesets.catalogue import Catalogue
from personalization.versions.digests import digest_document
from personalization.versions.models import ReleaseState, RulesetRelease
from personalization.versions.schedule import list_scheduled, overtake_later

# Seen and done with: nothing more may happen to these.
ENDED: Final = frozenset({ReleaseState.PUBLISHED, ReleaseState.CANCELLED})
STOPPABLE: Final = frozenset({ReleaseState.WAITING, ReleaseState.SCHEDULED})


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts; `is_user` is false for programs."""

    id: UUID | None
    name: str
    is_user: bool = True


def publish_draft(
    session: Session, shop_id: UUID, catalogue: Catalogue, *, person: Person, note: str, seen_draft: int
) -> RulesetVersion:
    """Make the draft that was seen the live version. Raises RulesetError, DraftOvertakenError, NothingToPublishError,
    and ApprovalNeededError where a second person must approve.
    """
    ruleset = lock_ruleset(session, shop_id)
    if ruleset.approval_required:
        raise ApprovalNeededError
    document = _read_draft(session, ruleset, seen_draft)
    check_or_raise(session, shop_id, document, catalogue)
    _close_sent_back(session, shop_id, person)
    return add_version(session, ruleset, document, catalogue, Origin(person.name, note))


def submit_draft(
    session: Session,
    shop_id: UUID,
    catalogue: Catalogue,
    *,
    person: Person,
    note: str,
    seen_draft: int,
    publish_at: datetime | None = None,
) -> RulesetRelease:
    """Freeze the draft as a release: for approval where the shop asks for it, otherwise for its moment.

    What waited before is withdrawn: the new one holds the whole draft. Raises as `publish_draft`; MomentError for a
    moment that is past, ScheduleTakenError when something later is scheduled.
    """
    ruleset = lock_ruleset(session, shop_id)
    if publish_at is None and not ruleset.approval_required:
        raise MomentError("missing")
    _check_future(publish_at)
    document = _read_draft(session, ruleset, seen_draft, even_if_live=publish_at is not None)
    check_or_raise(session, shop_id, document, catalogue)
    _withdraw_waiting(session, shop_id, person)
    _close_sent_back(session, shop_id, person)
    release = RulesetRelease(
        id=new_id(),
        shop_id=shop_id,
        ruleset_id=ruleset.id,
        state=ReleaseState.WAITING,
        document=document,
        digest=digest_document(document),
        note=note,
        approval_required=ruleset.approval_required,
        publish_at=publish_at,
        base_number=ruleset.live_number,
        submitted_by=person.name,
        submitted_by_id=person.id,
    )
    session.add(release)
    session.flush()  # Its state is changed by compare-and-set from here on.
    _note(session, release, "submitted")
    if not release.approval_required:
        _schedule(session, ruleset, release)
    return release


def approve(
    session: Session,
    shop_id: UUID,
    release_id: UUID,
    catalogue: Catalogue,
    *,
    person: Person,
    seen_digest: str,
    seen_live: int | None,
) -> RulesetRelease:
    """Let a second person approve exactly what they looked at: it is published, or scheduled for its moment.

    Raises OwnReleaseError, ReleaseStateError, ReleaseChangedError (another document), LiveChangedError (another live
    version than it was compared with), RulesetError (broken meanwhile; it waits on).
    """
    ruleset = lock_ruleset(session, shop_id)
    release = _get(session, shop_id, release_id)
    _check_state(release, {ReleaseState.WAITING})
    if not person.is_user or person.id is None or person.id == release.submitted_by_id:
        raise OwnReleaseError
    if release.digest.hex() != seen_digest or digest_document(release.document) != release.digest:
        raise ReleaseChangedError
    _check_live(ruleset, seen_live)
    check_or_raise(session, shop_id, release.document, catalogue)
    release.decided_by, release.decided_by_id, release.decided_at = person.name, person.id, clock.now()
    _note(session, release, "approved", digest=release.digest.hex())
    if release.publish_at is not None and release.publish_at > clock.now():
        _schedule(session, ruleset, release)
    else:
        publish_release(session, ruleset, release, catalogue, scheduled=False)
    return release


def publish_release(
    session: Session, ruleset: Ruleset, release: RulesetRelease, catalogue: Catalogue, *, scheduled: bool
) -> RulesetVersion:
    """Make a checked release of a locked ruleset the live version. Raises ReleaseStateError when it is no longer so."""
    before = ReleaseState.SCHEDULED if scheduled else ReleaseState.WAITING
    _move(session, release, before, ReleaseState.PUBLISHED, closed_at=clock.now())
    origin = Origin(
        release.submitted_by, release.note, release.decided_by, release_id=release.id if scheduled else None
    )
    version = add_version(session, ruleset, release.document, catalogue, origin)
    release.version_id = version.id
    _note(session, release, "published", number=version.number)
    return version


def send_back(session: Session, shop_id: UUID, release_id: UUID, *, person: Person, note: str) -> RulesetRelease:
    """Return a release to its author with a note; the author submits anew. Raises NoteNeededError for an empty one."""
    if not note.strip():
        raise NoteNeededError
    lock_ruleset(session, shop_id)
    release = _get(session, shop_id, release_id)
    _move(session, release, ReleaseState.WAITING, ReleaseState.SENT_BACK, answer=note.strip())
    release.decided_by, release.decided_by_id, release.decided_at = person.name, person.id, clock.now()
    _note(session, release, "sent_back")
    return release


def cancel(session: Session, shop_id: UUID, release_id: UUID, *, person: Person) -> RulesetRelease:
    """Withdraw what waits or is scheduled; put aside what was sent back, refused or overtaken and has been seen."""
    lock_ruleset(session, shop_id)
    release = _get(session, shop_id, release_id)
    if release.state in ENDED or release.closed_at is not None:
        raise ReleaseStateError(release.state)
    was = release.state
    after = ReleaseState.CANCELLED if was in STOPPABLE else was
    _move(session, release, was, after, closed_at=clock.now(), closed_by=person.name)
    if was is ReleaseState.SCHEDULED:
        overtake_later(session, shop_id, release)
    _note(session, release, "cancelled" if was in STOPPABLE else "dismissed")
    return release


def renew(
    session: Session,
    shop_id: UUID,
    release_id: UUID,
    catalogue: Catalogue,
    *,
    person: Person,
    seen_live: int | None,
    publish_at: datetime,
) -> RulesetRelease:
    """Schedule a release again that was overtaken or refused, as it is, to follow the rules that are live now.

    Where approval is needed it waits for it anew. Raises as `submit_draft` and `approve`.
    """
    ruleset = lock_ruleset(session, shop_id)
    release = _get(session, shop_id, release_id)
    if release.closed_at is not None:
        raise ReleaseStateError(release.state)
    _check_state(release, {ReleaseState.OVERTAKEN, ReleaseState.REFUSED})
    _check_live(ruleset, seen_live)
    _check_future(publish_at)
    check_or_raise(session, shop_id, release.document, catalogue)
    _move(session, release, release.state, ReleaseState.WAITING, problems=None, publish_at=publish_at)
    release.approval_required = ruleset.approval_required
    release.submitted_by, release.submitted_by_id, release.submitted_at = person.name, person.id, clock.now()
    release.decided_by = release.decided_by_id = release.decided_at = None
    _note(session, release, "renewed")
    if not release.approval_required:
        _schedule(session, ruleset, release)
    return release


def roll_back(
    session: Session, shop_id: UUID, number: int, catalogue: Catalogue, *, person: Person, seen_live: int | None
) -> RulesetVersion:
    """Publish an earlier version's rules as a new version, at once: they were live before, so nobody must approve.

    Raises LiveChangedError when another version became live since, RulesetError when it no longer fits the shop.
    """
    ruleset = lock_ruleset(session, shop_id)
    earlier = get_version(session, shop_id, number)
    _check_live(ruleset, seen_live)
    live = find_live_version(session, shop_id)
    if live is not None and live.document == earlier.document:
        raise NothingToPublishError
    check_or_raise(session, shop_id, earlier.document, catalogue)
    if live is not None and ruleset.draft == live.document:
        # Nobody edited since: the editor goes back as well.
        ruleset.draft, ruleset.draft_version = None, ruleset.draft_version + 1
    return add_version(session, ruleset, earlier.document, catalogue, Origin(person.name, "", restored_number=number))


def set_approval(session: Session, shop_id: UUID, required: bool) -> None:
    """Say whether a second person must approve from now on; what waits already goes on waiting."""
    ruleset = lock_ruleset(session, shop_id)
    if ruleset.approval_required != required:
        ruleset.approval_required = required
        details = {"required": required}
        record(session, "personalization:approval:switched", shop_id=shop_id, subject_id=ruleset.id, details=details)


def _read_draft(session: Session, ruleset: Ruleset, seen: int, *, even_if_live: bool = False) -> dict[str, Any]:
    if ruleset.draft_version != seen:
        raise DraftOvertakenError(ruleset.draft_saved_by)
    live = find_live_version(session, ruleset.shop_id)
    if ruleset.draft is None or (not even_if_live and live is not None and ruleset.draft == live.document):
        raise NothingToPublishError
    return ruleset.draft


def _check_future(publish_at: datetime | None) -> None:
    if publish_at is not None and publish_at <= clock.now():
        raise MomentError("past")


def _check_live(ruleset: Ruleset, seen: int | None) -> None:
    if ruleset.live_number != seen:
        raise LiveChangedError(ruleset.live_number)


def _check_state(release: RulesetRelease, allowed: Collection[ReleaseState]) -> None:
    if release.state not in allowed:
        raise ReleaseStateError(release.state)


def _get(session: Session, shop_id: UUID, release_id: UUID) -> RulesetRelease:
    wanted = select(RulesetRelease).where(RulesetRelease.shop_id == shop_id, RulesetRelease.id == release_id)
    release = session.scalar(wanted.execution_options(populate_existing=True))
    if release is None:
        raise ReleaseNotFoundError(release_id)
    return release


def _schedule(session: Session, ruleset: Ruleset, release: RulesetRelease) -> None:
    """Put a release at the end of the schedule."""
    before = list_scheduled(session, ruleset.shop_id)
    last = before[-1] if before else None
    if last is not None and last.publish_at is not None and (release.publish_at or last.publish_at) <= last.publish_at:
        raise ScheduleTakenError(last.publish_at.isoformat())
    base = (None, last.id) if last is not None else (ruleset.live_number, None)
    _move(session, release, release.state, ReleaseState.SCHEDULED, base_number=base[0], base_release_id=base[1])
    _note(session, release, "scheduled", at=str(release.publish_at))


def _move(session: Session, release: RulesetRelease, before: ReleaseState, after: ReleaseState, **values: Any) -> None:
    """Change the state by compare-and-set; whoever comes second is told what it is by now."""
    session.flush()  # Whatever was set on the object is written before the statement below.
    moved = session.execute(
        update(RulesetRelease)
        .where(
            RulesetRelease.shop_id == release.shop_id,
            RulesetRelease.id == release.id,
            RulesetRelease.state == before,
        )
        .values(state=after, **values)
        .returning(RulesetRelease.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    session.refresh(release)
    if moved is None:
        raise ReleaseStateError(release.state)


def _withdraw_waiting(session: Session, shop_id: UUID, person: Person) -> None:
    session.execute(
        update(RulesetRelease)
        .where(RulesetRelease.shop_id == shop_id, RulesetRelease.state == ReleaseState.WAITING)
        .values(state=ReleaseState.CANCELLED, closed_at=clock.now(), closed_by=person.name)
    )


def _close_sent_back(session: Session, shop_id: UUID, person: Person) -> None:
    """What was sent back is answered by what is submitted or published now."""
    session.execute(
        update(RulesetRelease)
        .where(
            RulesetRelease.shop_id == shop_id,
            RulesetRelease.state == ReleaseState.SENT_BACK,
            RulesetRelease.closed_at.is_(None),
        )
        .values(closed_at=clock.now(), closed_by=person.name)
    )


def _note(session: Session, release: RulesetRelease, act: str, **details: Any) -> None:
    tag = f"personalization:release:{act}"
    record(session, tag, shop_id=release.shop_id, subject_id=release.id, details=details)
