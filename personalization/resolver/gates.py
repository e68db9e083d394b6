"""What keeps a matching rule from a shipment before anything is weighed: purpose, gift, experiment. On arrays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from crm_link.kinds import Purpose
from personalization.experiments.assigning import HELD_OUT
from personalization.facts.question import Audience
from personalization.insert_info import Inserts
from personalization.models import InsertKind
from personalization.plan import ActionKind, Reason
from personalization.resolver.batch import Batch
from personalization.rulesets.ruleset import ExperimentArm, GiftPolicy, Rule
from personalization.rulesets.standing import COMPLAINT, DENIED, GRANTED

Mask = NDArray[np.bool_]
ADVERTISING = frozenset({InsertKind.LEAFLET, InsertKind.SAMPLE, InsertKind.COUPON})
WRITTEN = frozenset({ActionKind.LETTER, ActionKind.MESSAGE})
OFFERS = frozenset({ActionKind.RECOMMEND, ActionKind.COUPON})
SEEN_BY_RECIPIENT = frozenset({ActionKind.ENCLOSE, ActionKind.TASK, *WRITTEN, *OFFERS})
PROMOTIONAL = ADVERTISING | {InsertKind.GIFT}
ABOUT_COMPLAINTS = frozenset(
    {
        COMPLAINT,
        "history.complaint_count",
        "history.days_since_complaint",
        "history.open_ticket_count",
        "history.ticket_count",
    }
)


@dataclass(frozen=True, slots=True)
class Loss:
    """`where` the rule lost; `details` hold what a sentence about it needs."""

    reason: Reason
    where: Mask
    details: Mapping[str, str] = field(default_factory=dict)


def judge(rule: Rule, matched: Mask, inserts: Inserts, batch: Batch) -> tuple[Mask, list[Loss]]:
    """Return where the rule may act, and where it matched but is kept out, by the first reason that does.

    `matched`: where its condition is true; to be the caller's no longer.
    """
    if rule.valid_from is not None or rule.valid_until is not None:
        matched &= find_valid(rule, batch)
    losses: list[Loss] = []
    if not matched.any():
        return matched, losses
    for loss in _gates(rule, inserts, batch):
        hit = matched & loss.where
        if hit.any():
            losses.append(replace(loss, where=hit))
            matched = matched & ~hit
    return matched, losses


def find_valid(rule: Rule, batch: Batch) -> Mask:
    """Return whose order was accepted within the rule's dates."""
    valid = np.ones(len(batch.requests), dtype=np.bool_)
    if rule.valid_from is not None:
        valid &= batch.accepted_on >= rule.valid_from.toordinal()
    if rule.valid_until is not None:
        valid &= batch.accepted_on <= rule.valid_until.toordinal()
    return valid


def list_implied_purposes(rule: Rule, inserts: Inserts) -> frozenset[str]:
    """Return the purposes that the rule serves whether or not it names them: a denial of any keeps it out."""
    implied: set[str] = set()
    if rule.is_personal:
        implied.add(Purpose.PERSONALISATION)
        if any(action.kind in WRITTEN for action in rule.then):
            implied.add(Purpose.LETTER)
    if any(action.kind in OFFERS for action in rule.then):
        implied.add(Purpose.MARKETING)
    named = (inserts.get(action.insert_key or "") for action in rule.then)
    if any(insert is not None and insert.kind in ADVERTISING for insert in named):
        implied.add(Purpose.MARKETING)
    if rule.experiment is not None:
        implied.add(Purpose.MEASUREMENT)
    return frozenset(implied)


def is_promotion(rule: Rule, inserts: Inserts) -> bool:
    """Whether the shop-wide hold-out keeps it back: it would enclose a leaflet, sample, coupon or gift, or offer."""
    if any(action.kind in OFFERS for action in rule.then):
        return True
    named = (inserts.get(action.insert_key or "") for action in rule.then)
    return any(insert is not None and insert.kind in PROMOTIONAL for insert in named)


def asks_for_complaints(rule: Rule) -> bool:
    """Whether it decides by itself what to do about a complaint, such as a small present with the apology."""
    return any(question.key in ABOUT_COMPLAINTS for question in rule.questions)


def _gates(rule: Rule, inserts: Inserts, batch: Batch) -> Iterator[Loss]:
    if rule.purposes:
        yield Loss(Reason.PURPOSE_MISSING, ~batch.has(GRANTED, "has_all", rule.purposes, rule.audience))
    refused = rule.purposes | list_implied_purposes(rule, inserts)
    if refused:
        yield Loss(Reason.PURPOSE_DENIED, batch.has(DENIED, "has_any", refused, rule.audience))
    if any(limit.per_customer for limit in rule.limits):
        yield Loss(Reason.NO_CUSTOMER, batch.lacks_person(rule.audience))
    if is_promotion(rule, inserts) and not asks_for_complaints(rule):
        yield Loss(Reason.COMPLAINT_OPEN, batch.complains(rule.audience))
    if is_hidden_from_recipient(rule):
        yield Loss(Reason.GIFT_TO_OTHER, batch.hides_buyer)
    if batch.arms.holdout is not None and is_promotion(rule, inserts):
        held = batch.find_arms(batch.arms.holdout, rule.audience) == HELD_OUT
        yield Loss(Reason.HELD_OUT, held & batch.is_measurable(rule.audience), {"experiment": batch.arms.holdout})
    if rule.experiment is not None:
        yield from _judge_arm(rule.experiment, rule.audience, batch)


def _judge_arm(wanted: ExperimentArm, audience: Audience, batch: Batch) -> Iterator[Loss]:
    details = {"experiment": wanted.key}
    everybody = np.ones(len(batch.requests), dtype=np.bool_)
    if wanted.key in batch.arms.decided:
        winner = batch.arms.decided[wanted.key]
        if winner != wanted.arm:
            yield Loss(Reason.OTHER_ARM, everybody, {**details, "arm": winner})
    elif wanted.key not in batch.arms.of:
        yield Loss(Reason.EXPERIMENT_NOT_RUNNING, everybody, details)
    else:
        yield Loss(Reason.NO_ARM, batch.lacks_person(audience), details)
        arms = batch.find_arms(wanted.key, audience)
        yield Loss(Reason.HELD_OUT, arms == HELD_OUT, details)
        for arm in sorted({arm for arm in arms if arm is not None} - {wanted.arm, HELD_OUT}):
            yield Loss(Reason.OTHER_ARM, arms == arm, {**details, "arm": arm})


def is_hidden_from_recipient(rule: Rule) -> bool:
    """Whether it is off for a gift to somebody else: it says so, or it would tell of the buyer's history."""
    if rule.gifts is not GiftPolicy.CAREFUL:
        return rule.gifts is GiftPolicy.NEVER
    tells = any(action.kind in SEEN_BY_RECIPIENT for action in rule.then)
    return rule.audience is Audience.BUYER and tells and rule.is_personal
