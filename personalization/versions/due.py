"""Publishes what is due: in the order of the schedule, checked once more against what the shop has by then."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.service import record
from core.db import system_scope
from personalization.models import Ruleset
from personalization.problems import Problem
from personalization.publishing import check_ruleset, lock_ruleset
from personalization.rulesets.catalogue import Catalogue
from personalization.versions.digests import digest_document
from personalization.versions.models import ReleaseState, RulesetRelease
from personalization.versions.schedule import list_scheduled, overtake, overtake_later
from personalization.versions.service import publish_release


def find_due_shops(now: datetime) -> list[UUID]:
    """Return the shops in which something is due. Sees every shop: for the keeper."""
    with system_scope() as session:
        wanted = select(RulesetRelease.shop_id).where(
            RulesetRelease.state == ReleaseState.SCHEDULED, RulesetRelease.publish_at <= now
        )
        return list(session.scalars(wanted.distinct()))


def publish_due(session: Session, shop_id: UUID, catalogue: Catalogue, now: datetime) -> list[RulesetRelease]:
    """Publish, or refuse, everything of the shop whose moment has come; returns what was worked.

    May be called by many and again and again: a release leaves the schedule in the transaction that publishes it.
    """
    ruleset = lock_ruleset(session, shop_id)
    worked: list[RulesetRelease] = []
    for release in list_scheduled(session, shop_id):
        if release.publish_at is None or release.publish_at > now:
            break
        session.refresh(release)  # What came before it may have moved it.
        if release.state is ReleaseState.SCHEDULED:
            _work(session, ruleset, release, catalogue)
            worked.append(release)
    return worked


def _work(session: Session, ruleset: Ruleset, release: RulesetRelease, catalogue: Catalogue) -> None:
    if release.base_number != ruleset.live_number:
        # Every publication overtakes what does not follow it; this is the last look.
        overtake(session, ruleset.shop_id)
        session.refresh(release)
        return
    problems = _find_problems(session, release, catalogue)
    if not problems:
        publish_release(session, ruleset, release, catalogue, scheduled=True)
        return
    release.state, release.problems = ReleaseState.REFUSED, [asdict(problem) for problem in problems]
    overtake_later(session, ruleset.shop_id, release)
    details = {"problems": len(problems), "first": problems[0].code}
    record(session, "personalization:release:refused", shop_id=ruleset.shop_id, subject_id=release.id, details=details)


def _find_problems(session: Session, release: RulesetRelease, catalogue: Catalogue) -> list[Problem]:
    if digest_document(release.document) != release.digest:
        ja, en = "予約したときの内容と違います", "these are not the rules that were scheduled"
        return [Problem("$", "release_changed", ja, en)]
    return check_ruleset(session, release.shop_id, release.document, catalogue)
