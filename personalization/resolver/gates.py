"""What keeps a matching rule from a shipment before anything is weighed: purpose, gift, missing person. On arrays."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from crm_link.kinds import Purpose
from personalization.conditions.operators import TRUE
from personalization.facts.question import Audience
from personalization.insert_info import Inserts
from personalization.models import InsertKind
from personalization.plan import ActionKind, Reason
from personalization.resolver.batch import DENIED, GRANTED, Batch
from personalization.rulesets.ruleset import GiftPolicy, Rule

Mask = NDArray[np.bool_]
ADVERTISING = frozenset({InsertKind.LEAFLET, InsertKind.SAMPLE, InsertKind.COUPON})
WRITTEN = frozenset({ActionKind.LETTER, ActionKind.MESSAGE})
SEEN_BY_RECIPIENT = frozenset({ActionKind.ENCLOSE, ActionKind.TASK, *WRITTEN})


def judge(rule: Rule, inserts: Inserts, batch: Batch) -> tuple[Mask, list[tuple[Reason, Mask]]]:
    """Return where the rule may act, and where it matched but is kept out, by the first reason that does."""
    matched = batch.evaluator.evaluate(rule.when, rule.audience) == TRUE
    if rule.valid_from is not None or rule.valid_until is not None:
        matched &= find_valid(rule, batch)
    losses: list[tuple[Reason, Mask]] = []
    if not matched.any():
        return matched, losses
    for reason, blocked in _gates(rule, inserts, batch):
        hit = matched & blocked
        if hit.any():
            losses.append((reason, hit))
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
    named = (inserts.get(action.insert_key or "") for action in rule.then)
    if any(insert is not None and insert.kind in ADVERTISING for insert in named):
        implied.add(Purpose.MARKETING)
    return frozenset(implied)


def _gates(rule: Rule, inserts: Inserts, batch: Batch) -> Iterator[tuple[Reason, Mask]]:
    if rule.purposes:
        yield Reason.PURPOSE_MISSING, ~batch.has(GRANTED, "has_all", rule.purposes, rule.audience)
    refused = rule.purposes | list_implied_purposes(rule, inserts)
    if refused:
        yield Reason.PURPOSE_DENIED, batch.has(DENIED, "has_any", refused, rule.audience)
    if any(limit.per_customer for limit in rule.limits):
        yield Reason.NO_CUSTOMER, batch.lacks_person(rule.audience)
    if is_hidden_from_recipient(rule):
        yield Reason.GIFT_TO_OTHER, batch.hides_buyer


def is_hidden_from_recipient(rule: Rule) -> bool:
    """Whether it is off for a gift to somebody else: it says so, or it would tell of the buyer's history."""
    if rule.gifts is not GiftPolicy.CAREFUL:
        return rule.gifts is GiftPolicy.NEVER
    tells = any(action.kind in SEEN_BY_RECIPIENT for action in rule.then)
    return rule.audience is Audience.BUYER and tells and rule.is_personal
