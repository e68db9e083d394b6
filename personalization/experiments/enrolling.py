"""Whom a decision takes into an experiment: everybody whom its rules would serve, whatever the arm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from personalization.plan import Reason
from personalization.resolver.batch import Batch, get_person
from personalization.resolver.gates import is_promotion
from personalization.resolver.resolve import Matches, Rulebook
from personalization.rulesets.ruleset import Rule

BY_ARM: Final = frozenset({Reason.HELD_OUT, Reason.OTHER_ARM})
LOG: Final = text(
    f"""
    INSERT INTO assignments (shop_id, experiment_id, customer_id, arm, assigned_at)
    SELECT :shop_id, e.id, wanted.customer_id, wanted.arm, :now
      FROM {rowset("wanted", {"key": "text", "customer_id": "uuid", "arm": "text"})}
      JOIN experiments e ON e.shop_id = :shop_id AND e.key = wanted.key AND e.state = 'running'
     ORDER BY e.id, wanted.customer_id
    ON CONFLICT DO NOTHING
    """
)


@dataclass(frozen=True, order=True, slots=True)
class Enrolment:
    """`key` is that of the experiment."""

    key: str
    customer_id: UUID
    arm: str


def find_enrolled(rulebook: Rulebook, batch: Batch, matches: Matches) -> list[Enrolment]:
    """Return who is to be assigned, sorted: where a rule of the experiment acts, or was kept out by the arm alone.

    Whether somebody is enrolled never depends on the arm, so the arms stay comparable.
    """
    if not batch.arms.of:
        return []
    rules = rulebook.document.active
    taking = {index: keys for index, rule in enumerate(rules) if (keys := _list_experiments(rule, rulebook, batch))}
    numbers = {rules[index].key: index for index in taking}
    found: set[Enrolment] = set()
    for row, acting in enumerate(matches.acting):
        for index in acting:
            if index in taking:
                found.update(_enrol(batch, row, rules[index], taking[index]))
        for lost in matches.list_lost(row):
            if lost.reason in BY_ARM and lost.rule_key in numbers:
                index = numbers[lost.rule_key]
                # Whom the shop-wide hold-out keeps back is not reached by the rule's own experiment.
                only = [key for key in taking[index] if key == lost.details["experiment"] or key == batch.arms.holdout]
                found.update(_enrol(batch, row, rules[index], only))
    return sorted(found)


def _list_experiments(rule: Rule, rulebook: Rulebook, batch: Batch) -> list[str]:
    own = rule.experiment.key if rule.experiment is not None else None
    shop_wide = batch.arms.holdout if is_promotion(rule, rulebook.inserts) else None
    return [key for key in (own, shop_wide) if key is not None and key in batch.arms.of]


def _enrol(batch: Batch, row: int, rule: Rule, keys: Sequence[str]) -> Iterator[Enrolment]:
    customer_id = get_person(batch.requests[row], rule.audience)
    for key in keys:
        arm = None if customer_id is None else batch.arms.of[key].get(customer_id)
        is_measured = key != batch.arms.holdout or batch.is_measurable(rule.audience)[row]
        if customer_id is not None and arm is not None and is_measured:
            yield Enrolment(key, customer_id, arm)


def log_assignments(session: Session, shop_id: UUID, enrolled: Sequence[Enrolment], now: datetime) -> None:
    """Write them down once and for all; who has an arm keeps it. An experiment that has ended takes nobody any more."""
    if not enrolled:
        return
    wanted = pack_rows({"key": each.key, "customer_id": each.customer_id, "arm": each.arm} for each in enrolled)
    session.execute(LOG, {"shop_id": shop_id, "wanted": wanted, "now": now})
