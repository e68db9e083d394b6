"""How often a rule's condition would have been met lately: asked while the rule is being written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.tenancy import get_shop
from fulfillment.models import format_number
from fulfillment.states import ShipmentState
from personalization.conditions.evaluation import Evaluator
from personalization.conditions.operators import TRUE
from personalization.conditions.parsing import parse_condition
from personalization.conditions.tree import Condition, walk
from personalization.errors import RulesetError
from personalization.facts.fact import AsOf
from personalization.facts.question import Audience
from personalization.loading.loader import Loading
from personalization.problems import Problems
from personalization.requests import DecisionRequest

# So many shipments, the latest, are looked at; where there are more, `sampled` says so.
MOST: Final = 10_000
LEFT_OUT: Final = (ShipmentState.CANCELLED, ShipmentState.MERGED)
LATEST: Final = text(
    """
    WITH latest AS (
        SELECT s.id, s.serial, s.customer_id, s.recipient_customer_id, s.is_gift, s.accepted_at, s.warehouse_id,
               s.delivery_service, s.recipient ->> 'country' AS country, s.recipient ->> 'region' AS region
          FROM shipments s
         WHERE s.shop_id = :shop_id AND s.accepted_at >= :since AND s.accepted_at <= :now AND s.state <> ALL(:left_out)
         ORDER BY s.accepted_at DESC, s.id DESC LIMIT :most)
    SELECT latest.*, ARRAY(SELECT DISTINCT l.order_id FROM shipment_lines l
                            WHERE l.shop_id = :shop_id AND l.shipment_id = latest.id) AS order_ids
      FROM latest ORDER BY latest.accepted_at DESC, latest.id DESC
    """
)


@dataclass(frozen=True, slots=True)
class Example:
    """A shipment to open."""

    shipment_id: UUID
    number: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Matches:
    """Of `considered` shipments of the last `days`, `matched` met the condition. `sampled`: there were more, the latest
    were looked at. `per_day` is the pace: matches a day.
    """

    considered: int
    matched: int
    examples: tuple[Example, ...]
    sampled: bool
    days: int
    per_day: float


def count_matches(
    session: Session, shop_id: UUID, rule_document: Mapping[str, Any], *, days: int = 30, examples: int = 5
) -> Matches:
    """Return how many of the last days' shipments meet the rule's condition, by what was known when each was accepted.

    The condition alone is counted: not the rule's dates, limits, purposes, nor the rules above it. The rest of the
    document may be unfinished; RulesetError names the mistakes of a condition that cannot be read.
    """
    condition, audience = _read(rule_document)
    now = clock.now()
    found = _load_latest(session, shop_id, now - timedelta(days=days), now)
    rows, sampled = found[:MOST], len(found) > MOST
    hits = _find_hits(session, shop_id, [_make_request(row) for row in rows], condition, audience)
    shown = tuple(
        Example(rows[row].id, format_number(rows[row].serial), rows[row].accepted_at) for row in hits[:examples]
    )
    # The latest of very many reach back less than the days asked for.
    span = (now - rows[-1].accepted_at).total_seconds() / 86_400 if sampled else days
    return Matches(len(rows), len(hits), shown, sampled, days, len(hits) / max(span, 0.5))


def _read(rule_document: Mapping[str, Any]) -> tuple[Condition, Audience]:
    problems = Problems()
    condition = parse_condition(rule_document.get("when"), "$.when", problems)
    if condition is None:
        raise RulesetError(problems.found)
    is_recipient = rule_document.get("audience") == Audience.RECIPIENT
    return condition, Audience.RECIPIENT if is_recipient else Audience.BUYER


def _load_latest(session: Session, shop_id: UUID, since: datetime, now: datetime) -> Sequence[Any]:
    """Return the latest shipments first, one more than are looked at if there are more."""
    bound = {"shop_id": shop_id, "since": since, "now": now, "left_out": list(LEFT_OUT), "most": MOST + 1}
    return session.execute(LATEST, bound).all()


def _make_request(row: Any) -> DecisionRequest:
    return DecisionRequest(
        shipment_id=row.id,
        order_ids=row.order_ids,
        customer_id=row.customer_id,
        recipient_customer_id=row.recipient_customer_id,
        is_gift=row.is_gift,
        moment=row.accepted_at,
        accepted_at=row.accepted_at,
        warehouse_id=row.warehouse_id,
        delivery_service=row.delivery_service,
        country=row.country or "JP",
        prefecture=row.region,
    )


def _find_hits(
    session: Session, shop_id: UUID, requests: Sequence[DecisionRequest], condition: Condition, audience: Audience
) -> list[int]:
    """Return the rows for which the condition is true, in their order."""
    if not requests:
        return []
    asked = {comparison.question(audience) for comparison in walk(condition)}
    questions = sorted(asked, key=lambda question: question.code)
    zone = get_shop(session, shop_id).zone
    columns = Loading(session, shop_id, zone, requests, AsOf.KNOWN).load(questions)
    truth = Evaluator(columns, len(requests)).evaluate(condition, audience)
    return [int(row) for row in np.flatnonzero(truth == TRUE)]
