"""Repeats stored decisions from their inputs and rule version: the same result, or the answer "erased"."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from core.errors import ErasedError
from personalization.errors import DecisionNotFoundError
from personalization.models import Decision
from personalization.plan import Plan
from personalization.queries import StoredDecision, open_decision
from personalization.resolver.batch import Batch, list_questions
from personalization.resolver.ledger import NotRecordedError, RecordedLedger
from personalization.resolver.resolve import match, resolve
from personalization.storage import dump_plan, load_facts


class ReplayState(StrEnum):
    IDENTICAL = "identical"
    DIFFERENT = "different"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Replay:
    """`stored` is there unless erased; `repeated` unless the repetition asked for what was never seen."""

    state: ReplayState
    stored: Plan | None = None
    repeated: Plan | None = None


def replay(session: Session, decision_id: UUID) -> Replay:
    """Take the decision again from what was stored with it, and compare. Raises DecisionNotFoundError."""
    decision = session.get(Decision, decision_id)
    if decision is None:
        raise DecisionNotFoundError(decision_id)
    try:
        stored = open_decision(session, decision)
    except ErasedError:
        return Replay(ReplayState.ERASED)
    plan = stored.dossier.plan
    try:
        repeated = repeat(stored)
    except NotRecordedError:
        return Replay(ReplayState.DIFFERENT, plan)
    state = ReplayState.IDENTICAL if dump_plan(plan) == dump_plan(repeated) else ReplayState.DIFFERENT
    return Replay(state, plan, repeated)


def restore_batch(stored: StoredDecision) -> Batch:
    """Return the batch of one that was decided, with the facts of then."""
    questions = list_questions(stored.rulebook.document)
    dossier = stored.dossier
    return Batch([dossier.request], load_facts(dossier.facts, questions), dossier.zone, dossier.arms)


def repeat(stored: StoredDecision) -> Plan:
    """Run the rules over the stored facts, with limits and stock as they showed then. Raises NotRecordedError."""
    batch = restore_batch(stored)
    dossier = stored.dossier
    ledger = RecordedLedger(dict(dossier.counts), dict(dossier.stock))
    matches = match(stored.rulebook, batch)
    [resolved] = resolve(stored.rulebook, batch, matches, ledger, {0: dossier.owed}, {0: dossier.supplies})
    return resolved.plan
