"""Rulesets: checked, published as immutable versions, drafts saved between."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import name_actor, record
from core.events import publish
from core.ids import new_id
from personalization.errors import ApprovalNeededError, DraftOvertakenError, RulesetError, VersionNotFoundError
from personalization.events import RulesetPublished
from personalization.experiments.binding import check_bindings, list_arms
from personalization.ground import load_ground
from personalization.models import Ruleset, RulesetVersion
from personalization.problems import Problem, Problems
from personalization.rulesets.catalogue import Catalogue, dump_catalogue, load_catalogue
from personalization.rulesets.checking import check_ruleset as check_against
from personalization.rulesets.parsing import parse_ruleset
from personalization.rulesets.ruleset import RulesetDocument
from personalization.versions.differences import count_changes, diff_documents
from personalization.versions.schedule import follow_version

MAIN: Final = "main"


def check_ruleset(session: Session, shop_id: UUID, document: object, catalogue: Catalogue) -> list[Problem]:
    """Return every mistake of a document with place and reason; empty when it may be published."""
    problems = Problems()
    parsed = parse_ruleset(document, problems)
    if parsed is not None:
        check_against(parsed, catalogue, load_ground(session, shop_id), problems)
        check_bindings(parsed, list_arms(session, shop_id), problems)
    return problems.found


def publish_ruleset(
    session: Session, shop_id: UUID, document: dict[str, Any], catalogue: Catalogue, *, author: str, note: str
) -> RulesetVersion:
    """Make the document the live version and return it. Raises RulesetError for a mistake; nothing changes then.

    Two who publish at once come one after the other; the later one is live. Raises ApprovalNeededError where a second
    person must approve: then `versions.service` is the way.
    """
    check_or_raise(session, shop_id, document, catalogue)
    ruleset = lock_ruleset(session, shop_id)
    if ruleset.approval_required:
        raise ApprovalNeededError
    return add_version(session, ruleset, document, catalogue, Origin(author, note))


def check_or_raise(session: Session, shop_id: UUID, document: object, catalogue: Catalogue) -> None:
    if problems := check_ruleset(session, shop_id, document, catalogue):
        raise RulesetError(problems)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a version comes from. `release_id`: the release that stood first in the schedule."""

    author: str
    note: str
    approved_by: str | None = None
    restored_number: int | None = None
    release_id: UUID | None = None


def add_version(
    session: Session, ruleset: Ruleset, document: dict[str, Any], catalogue: Catalogue, origin: Origin
) -> RulesetVersion:
    """Make a checked document the live version of a ruleset that the caller has locked.

    What was scheduled to follow another version is overtaken.
    """
    shop_id = ruleset.shop_id
    highest = select(func.max(RulesetVersion.number)).where(
        RulesetVersion.shop_id == shop_id, RulesetVersion.ruleset_id == ruleset.id
    )
    live = find_live_version(session, shop_id)
    version = RulesetVersion(
        shop_id=shop_id,
        ruleset_id=ruleset.id,
        number=(session.scalar(highest) or 0) + 1,
        document=document,
        catalogue=dump_catalogue(catalogue),
        note=origin.note,
        published_by=origin.author,
        approved_by=origin.approved_by,
        restored_number=origin.restored_number,
        changes=count_changes(diff_documents(live.document if live else {}, document)),
    )
    session.add(version)
    ruleset.live_number, ruleset.draft_editors = version.number, []
    session.flush()  # Decisions of this transaction refer to the version in plain SQL.
    follow_version(session, shop_id, version.number, origin.release_id)
    details = {"number": version.number}
    if origin.restored_number is not None:
        details["restored"] = origin.restored_number
    record(session, "personalization:ruleset:published", shop_id=shop_id, subject_id=version.id, details=details)
    publish(session, RulesetPublished(shop_id, version.id, version.number))
    return version


def lock_ruleset(session: Session, shop_id: UUID) -> Ruleset:
    """Return the shop's ruleset, made now if there is none, locked until the transaction ends."""
    session.execute(
        upsert(Ruleset)
        .values(id=new_id(), shop_id=shop_id, key=MAIN, draft_version=0, draft_editors=[], approval_required=False)
        .on_conflict_do_nothing()
    )
    wanted = select(Ruleset).where(Ruleset.shop_id == shop_id, Ruleset.key == MAIN)
    return session.execute(wanted.with_for_update().execution_options(populate_existing=True)).scalar_one()


def find_ruleset(session: Session, shop_id: UUID) -> Ruleset | None:
    return session.scalar(select(Ruleset).where(Ruleset.shop_id == shop_id, Ruleset.key == MAIN))


def find_live_id(session: Session, shop_id: UUID) -> UUID | None:
    """Return the id of the version that decides now, None while nothing was published."""
    return session.scalar(
        select(RulesetVersion.id)
        .join(Ruleset, Ruleset.id == RulesetVersion.ruleset_id)
        .where(RulesetVersion.shop_id == shop_id, Ruleset.key == MAIN, RulesetVersion.number == Ruleset.live_number)
    )


def find_live_version(session: Session, shop_id: UUID) -> RulesetVersion | None:
    """Return the version that decides now with its document."""
    live_id = find_live_id(session, shop_id)
    return None if live_id is None else session.get_one(RulesetVersion, live_id)


def read_version(session: Session, version_id: UUID) -> tuple[RulesetDocument, Catalogue]:
    """Return the rules and catalogue of a version, read from the table once per process."""
    return _parsed.get(version_id) or parse_version(session.get_one(RulesetVersion, version_id))


def list_versions(
    session: Session, shop_id: UUID, *, before: int | None = None, limit: int = 50
) -> list[RulesetVersion]:
    """Return versions, newest first; `before` is the number of the last one shown."""
    statement = select(RulesetVersion).where(RulesetVersion.shop_id == shop_id)
    if before is not None:
        statement = statement.where(RulesetVersion.number < before)
    return list(session.scalars(statement.order_by(RulesetVersion.number.desc()).limit(limit)))


def get_version(session: Session, shop_id: UUID, number: int) -> RulesetVersion:
    version = session.scalar(
        select(RulesetVersion).where(RulesetVersion.shop_id == shop_id, RulesetVersion.number == number)
    )
    if version is None:
        raise VersionNotFoundError(number)
    return version


def save_draft(session: Session, shop_id: UUID, document: Mapping[str, Any], *, seen_version: int, author: str) -> int:
    """Keep an unfinished document, mistakes included; returns the draft's new version.

    Raises DraftOvertakenError when somebody saved since `seen_version` was read. Who saves is put on record once
    until the draft is published or discarded.
    """
    ruleset = lock_ruleset(session, shop_id)
    if ruleset.draft_version != seen_version:
        raise DraftOvertakenError(ruleset.draft_saved_by)
    ruleset.draft, ruleset.draft_version = dict(document), seen_version + 1
    ruleset.draft_saved_at, ruleset.draft_saved_by = clock.now(), author
    editor = name_actor()
    if editor not in ruleset.draft_editors:
        ruleset.draft_editors = [*ruleset.draft_editors, editor]
        details = {"version": ruleset.draft_version, "live_number": ruleset.live_number}
        record(session, "personalization:draft:edited", shop_id=shop_id, subject_id=ruleset.id, details=details)
    session.flush()
    return ruleset.draft_version


def discard_draft(session: Session, shop_id: UUID, *, seen_version: int, author: str) -> None:
    """Go back to the rules in force; nothing happens while there are none. Raises DraftOvertakenError."""
    live = find_live_version(session, shop_id)
    if live is None:
        return
    ruleset = lock_ruleset(session, shop_id)
    if ruleset.draft_version != seen_version:
        raise DraftOvertakenError(ruleset.draft_saved_by)
    ruleset.draft, ruleset.draft_version, ruleset.draft_editors = dict(live.document), seen_version + 1, []
    ruleset.draft_saved_at, ruleset.draft_saved_by = clock.now(), author
    details = {"version": ruleset.draft_version, "live_number": ruleset.live_number}
    record(session, "personalization:draft:discarded", shop_id=shop_id, subject_id=ruleset.id, details=details)


_parsed: dict[UUID, tuple[RulesetDocument, Catalogue]] = {}
MAX_PARSED: Final = 64


def parse_version(version: RulesetVersion) -> tuple[RulesetDocument, Catalogue]:
    """Return the rules and catalogue of a version; versions never change, so each is parsed once per process.

    Raises RulesetError when a later program no longer understands it.
    """
    if version.id not in _parsed:
        problems = Problems()
        document = parse_ruleset(version.document, problems)
        if document is None:
            raise RulesetError(problems.found)
        if len(_parsed) >= MAX_PARSED:
            _parsed.clear()
        _parsed[version.id] = (document, load_catalogue(version.catalogue))
    return _parsed[version.id]
