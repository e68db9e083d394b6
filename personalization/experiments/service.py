"""Plans, starts and ends experiments. Shares, salt and metric stand once it runs; states change by compare-and-set."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.events import publish
from core.ids import new_id, new_token
from personalization.events import ExperimentChanged
from personalization.experiments.assigning import HELD_OUT
from personalization.experiments.errors import (
    ExperimentExistsError,
    ExperimentStateError,
    HoldoutRunningError,
    PlanError,
    PlanOvertakenError,
)
from personalization.experiments.models import Experiment, ExperimentKind, ExperimentState
from personalization.experiments.planning import find_size, parse_plan
from personalization.experiments.queries import get_experiment
from personalization.inserts import load_inserts
from personalization.problems import Problem, Problems


def check_plan(session: Session, shop_id: UUID, document: object) -> tuple[dict[str, Any], list[Problem]]:
    """Return the plan as columns, and every mistake; nothing is changed."""
    problems = Problems()
    return parse_plan(document, load_inserts(session, shop_id), problems), problems.found


def _require_plan(session: Session, shop_id: UUID, document: object) -> dict[str, Any]:
    values, problems = check_plan(session, shop_id, document)
    if problems:
        raise PlanError(problems)
    return values


def create_experiment(session: Session, shop_id: UUID, document: Mapping[str, Any], *, author: str) -> Experiment:
    """Keep a plan as a draft. Raises PlanError, ExperimentExistsError."""
    values = _require_plan(session, shop_id, document)
    new = {**values, "id": new_id(), "shop_id": shop_id, "salt": new_token(24), "created_by": author}
    new |= {"state": ExperimentState.DRAFT, "version": 1, "created_at": clock.now()}
    added = session.execute(upsert(Experiment).values(**new).on_conflict_do_nothing().returning(Experiment.id)).scalar()
    if added is None:
        raise ExperimentExistsError(values["key"])
    record(session, "personalization:experiment:created", shop_id=shop_id, subject_id=added, details=_tell(values))
    return get_experiment(session, shop_id, values["key"])


def change_experiment(
    session: Session, shop_id: UUID, key: str, document: Mapping[str, Any], *, seen_version: int
) -> Experiment:
    """Change a draft. Raises PlanError, PlanOvertakenError when it was changed since, ExperimentStateError."""
    values = _require_plan(session, shop_id, {**document, "key": key})
    changed = session.execute(
        update(Experiment)
        .where(Experiment.shop_id == shop_id, Experiment.key == key, Experiment.state == ExperimentState.DRAFT)
        .where(Experiment.version == seen_version)
        .values(**values, version=seen_version + 1)
        .returning(Experiment.id)
    ).scalar()
    if changed is None:
        _refuse(session, shop_id, key, ExperimentState.DRAFT)
        raise PlanOvertakenError
    record(session, "personalization:experiment:changed", shop_id=shop_id, subject_id=changed, details=_tell(values))
    return get_experiment(session, shop_id, key)


def delete_draft(session: Session, shop_id: UUID, key: str) -> None:
    """Forget a draft: it never ran, nobody was assigned."""
    gone = session.execute(
        delete(Experiment)
        .where(Experiment.shop_id == shop_id, Experiment.key == key, Experiment.state == ExperimentState.DRAFT)
        .returning(Experiment.id)
    ).scalar()
    if gone is None:
        _refuse(session, shop_id, key, ExperimentState.DRAFT)
    record(session, "personalization:experiment:deleted", shop_id=shop_id, subject_id=gone, details={"key": key})


def start_experiment(session: Session, shop_id: UUID, key: str, *, seen_version: int, author: str) -> Experiment:
    """Let it run as it was seen. Raises PlanOvertakenError, ExperimentStateError, HoldoutRunningError."""
    plan = get_experiment(session, shop_id, key)
    values = {"state": ExperimentState.RUNNING, "started_at": clock.now(), "started_by": author}
    statement = (
        update(Experiment)
        .where(Experiment.shop_id == shop_id, Experiment.key == key, Experiment.state == ExperimentState.DRAFT)
        .where(Experiment.version == seen_version)
        .values(**values, planned_size=find_size(to_plan(plan)))
        .returning(Experiment.id)
    )
    try:
        with session.begin_nested():
            started = session.execute(statement).scalar()
    except IntegrityError as error:
        raise HoldoutRunningError from error
    if started is None:
        _refuse(session, shop_id, key, ExperimentState.DRAFT)
        raise PlanOvertakenError
    return _announce(session, shop_id, key, "personalization:experiment:started", {"key": key})


def end_experiment(
    session: Session, shop_id: UUID, key: str, *, winner: str | None, note: str, author: str
) -> Experiment:
    """End it for good: nobody new is assigned. `winner` is the arm that everybody gets from now on; None: nobody.

    What customers do in the rest of their windows still counts. Raises ExperimentStateError, PlanError.
    """
    experiment = get_experiment(session, shop_id, key)
    arms = [arm["key"] for arm in experiment.arms]
    if experiment.kind is ExperimentKind.SHOP_HOLDOUT:
        winner = None
    if winner is not None and winner not in arms:
        problems = Problems()
        problems.add("$.winner", "unknown_choice", value=winner, allowed=", ".join(arms))
        raise PlanError(problems.found)
    values = {"state": ExperimentState.ENDED, "ended_at": clock.now(), "ended_by": author, "winner": winner}
    ended = session.execute(
        update(Experiment)
        .where(Experiment.shop_id == shop_id, Experiment.key == key, Experiment.state == ExperimentState.RUNNING)
        .values(**values, end_note=note.strip()[:1000])
        .returning(Experiment.id)
    ).scalar()
    if ended is None:
        _refuse(session, shop_id, key, ExperimentState.RUNNING)
    return _announce(session, shop_id, key, "personalization:experiment:ended", {"key": key, "winner": winner})


def _announce(session: Session, shop_id: UUID, key: str, tag: str, details: dict[str, Any]) -> Experiment:
    experiment = get_experiment(session, shop_id, key)
    record(session, tag, shop_id=shop_id, subject_id=experiment.id, details=details)
    publish(session, ExperimentChanged(shop_id, experiment.id))
    return experiment


def _refuse(session: Session, shop_id: UUID, key: str, wanted: ExperimentState) -> None:
    """Say why nothing was changed, if it is the state; raises ExperimentNotFoundError for one that is not there."""
    experiment = get_experiment(session, shop_id, key)
    if experiment.state is not wanted:
        raise ExperimentStateError(experiment.state, wanted)


def _tell(values: Mapping[str, Any]) -> dict[str, Any]:
    shares = {arm["key"]: arm["share"] for arm in values["arms"]} | {HELD_OUT: values["holdout_share"]}
    return {"key": values["key"], "shares": shares, "metric": str(values["metric"])}


PLANNED = (
    "arms", "holdout_share", "control", "metric", "method", "baseline", "spread", "smallest_effect", "error_rate",
    "power", "window_days", "audience_share", "kind",
)  # fmt: skip


def to_plan(experiment: Experiment) -> dict[str, Any]:
    """Return the columns that `planning` reckons with."""
    return {name: getattr(experiment, name) for name in PLANNED}


def to_document(experiment: Experiment) -> dict[str, Any]:
    """Return the plan in the format it was given in."""
    plain = {name: getattr(experiment, name) for name in ("key", "question", *PLANNED) if name != "arms"}
    arms = [
        {
            "key": a["key"],
            "name": {"ja": a["name_ja"], "en": a["name_en"]},
            "share": a["share"],
            "inserts": a["inserts"],
        }
        for a in experiment.arms
    ]
    plain |= {name: str(plain[name]) for name in ("kind", "metric", "method")}
    return {**plain, "name": {"ja": experiment.name_ja, "en": experiment.name_en}, "arms": arms}


def count_running(session: Session, shop_id: UUID) -> int:
    running = Experiment.state == ExperimentState.RUNNING
    return session.scalar(select(func.count()).where(Experiment.shop_id == shop_id, running)) or 0
