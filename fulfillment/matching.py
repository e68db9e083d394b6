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
from fulfillment.backtest.past import LEFT_OUT, make_request
from fulfillment.models import format_number
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

# So many shipments are looked at; of more, an even sample answers and `sampled` says so: a share to ±1.8 %.
MOST: Final = 3_000
PERIOD: Final = """s.shop_id = :shop_id AND s.accepted_at >= :since AND s.accepted_at <= :now"""
COUNT: Final = text(f"SELECT count(*) FROM shipments s WHERE {PERIOD}")
# The index alone tells which are drawn: always the same ones, evenly over the days.
DRAWN: Final = text(
    f"""
    WITH drawn AS MATERIALIZED (
        SELECT s.id FROM shipments s
         WHERE {PERIOD} AND (hashtextextended(CAST(s.id AS text), 0) & 1048575) < :share * 1048576)
    SELECT s.id, s.serial, s.customer_id, s.recipient_customer_id, s.is_gift, s.accepted_at, s.warehouse_id,
           s.delivery_service, s.recipient ->> 'country' AS country, s.recipient ->> 'region' AS region,
           ARRAY(SELECT DISTINCT l.order_id FROM shipment_lines l
                  WHERE l.shop_id = :shop_id AND l.shipment_id = s.id) AS order_ids
      FROM drawn JOIN shipments s ON s.id = drawn.id
     WHERE s.shop_id = :shop_id AND s.state <> ALL(:left_out)
     ORDER BY s.accepted_at DESC, s.id DESC
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
    """Of `considered` shipments of the last `days`, `matched` met the condition. `sampled`: there were `total`, and an
    even sample of them was looked at. `per_day` is the pace of all: matches a day.
    """

    considered: int
    matched: int
    examples: tuple[Example, ...]
    sampled: bool
    days: int
    per_day: float
    total: int = 0


def count_matches(
    session: Session, shop_id: UUID, rule_document: Mapping[str, Any], *, days: int = 30, examples: int = 5
) -> Matches:
    """Return how many of the last days' shipments meet the rule's condition, by what was known when each was accepted.

    The condition alone is counted: not the rule's dates, limits, purposes, nor the rules above it. The rest of the
    document may be unfinished; RulesetError names the mistakes of a condition that cannot be read.
    """
    condition, audience = _read(rule_document)
    now = clock.now()
    bound = {"shop_id": shop_id, "since": now - timedelta(days=days), "now": now, "left_out": list(LEFT_OUT)}
    total: int = session.execute(COUNT, bound).scalar_one()
    share = min(1.0, MOST / total) if total else 1.0
    rows = session.execute(DRAWN, {**bound, "share": share}).all()
    hits = _find_hits(session, shop_id, [make_request(row) for row in rows], condition, audience)
    shown = tuple(
        Example(rows[row].id, format_number(rows[row].serial), rows[row].accepted_at) for row in hits[:examples]
    )
    return Matches(len(rows), len(hits), shown, share < 1, days, len(hits) / share / days, total)


def _read(rule_document: Mapping[str, Any]) -> tuple[Condition, Audience]:
    problems = Problems()
    condition = parse_condition(rule_document.get("when"), "$.when", problems)
    if condition is None:
        raise RulesetError(problems.found)
    is_recipient = rule_document.get("audience") == Audience.RECIPIENT
    return condition, Audience.RECIPIENT if is_recipient else Audience.BUYER


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
