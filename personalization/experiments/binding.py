"""Rules against the experiments they name: both must be there when a ruleset is published."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from personalization.experiments.models import Experiment, ExperimentKind
from personalization.problems import Problems
from personalization.rulesets.ruleset import RulesetDocument


def list_arms(session: Session, shop_id: UUID) -> dict[str, tuple[str, ...]]:
    """Return the arms of every experiment that rules may be bound to, by key."""
    by_rules = Experiment.kind == ExperimentKind.RULES
    rows = session.execute(select(Experiment.key, Experiment.arms).where(Experiment.shop_id == shop_id, by_rules))
    return {key: tuple(arm["key"] for arm in arms) for key, arms in rows}


def check_bindings(document: RulesetDocument, arms: Mapping[str, tuple[str, ...]], problems: Problems) -> None:
    """Add a problem for every experiment or arm that is not there."""
    for index, rule in enumerate(document.rules):
        if rule.experiment is None:
            continue
        place = f"$.rules[{index}].experiment"
        known = arms.get(rule.experiment.key)
        if known is None:
            problems.add(f"{place}.key", "unknown_experiment", key=rule.experiment.key)
        elif rule.experiment.arm not in known:
            problems.add(f"{place}.arm", "unknown_choice", value=rule.experiment.arm, allowed=", ".join(known))
