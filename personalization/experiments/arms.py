"""Reads who is in which arm, for a batch of requests. Writes nothing."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from personalization.experiments.assigning import NO_ARMS, Arms, ExperimentInfo, assign
from personalization.experiments.models import Assignment, Experiment, ExperimentKind, ExperimentState
from personalization.requests import DecisionRequest
from personalization.rulesets.ruleset import RulesetDocument

ACTIVE: Final = {False: (ExperimentState.RUNNING,), True: (ExperimentState.RUNNING, ExperimentState.DRAFT)}


def load_arms(
    session: Session,
    shop_id: UUID,
    document: RulesetDocument,
    requests: Sequence[DecisionRequest],
    *,
    simulated: bool = False,
) -> Arms:
    """Return the arms of everybody in the batch, for the experiments of the active rules and the shop-wide hold-out.

    What was logged stands; all others are assigned as they will be logged. `simulated` lets drafts run.
    """
    keys = sorted({rule.experiment.key for rule in document.active if rule.experiment is not None})
    is_holdout = (Experiment.kind == ExperimentKind.SHOP_HOLDOUT) & (Experiment.state == ExperimentState.RUNNING)
    found = session.scalars(
        select(Experiment).where(Experiment.shop_id == shop_id, or_(Experiment.key.in_(keys), is_holdout))
    ).all()
    if not found:
        return NO_ARMS
    running = [experiment for experiment in found if experiment.state in ACTIVE[simulated]]
    holdout = next((each.key for each in running if each.kind is ExperimentKind.SHOP_HOLDOUT), None)
    decided = {each.key: each.winner for each in found if each.state is ExperimentState.ENDED and each.winner}
    return Arms(_assign_all(session, shop_id, running, list_persons(requests)), decided, holdout)


def list_persons(requests: Sequence[DecisionRequest]) -> list[UUID]:
    """Return buyers and recipients, each once, sorted."""
    found = {person for request in requests for person in (request.customer_id, request.recipient_customer_id)}
    return sorted(person for person in found if person is not None)


def _assign_all(
    session: Session, shop_id: UUID, experiments: Sequence[Experiment], persons: list[UUID]
) -> dict[str, dict[UUID, str]]:
    logged: dict[UUID, dict[UUID, str]] = {experiment.id: {} for experiment in experiments}
    rows: Sequence[Any] = session.execute(
        select(Assignment.experiment_id, Assignment.customer_id, Assignment.arm).where(
            Assignment.shop_id == shop_id,
            Assignment.experiment_id.in_(logged),
            Assignment.customer_id.in_(persons),
        )
    ).all()
    for row in rows:
        logged[row.experiment_id][row.customer_id] = row.arm
    return {
        experiment.key: {
            **dict(zip(persons, assign(to_info(experiment), persons), strict=True)),
            **logged[experiment.id],
        }
        for experiment in experiments
    }


def to_info(experiment: Experiment) -> ExperimentInfo:
    shares = {arm["key"]: arm["share"] for arm in experiment.arms}
    return ExperimentInfo(key=experiment.key, salt=experiment.salt, shares=shares)
