"""Facts counted over touchpoints: one statement for all questions, one more for sums over lines of purchases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import text

from crm_link.kinds import TouchpointKind
from personalization.columns import Column, ScalarColumn
from personalization.facts.fact import AsOf
from personalization.facts.question import Question
from personalization.loading.blocks import read_numbers
from personalization.loading.subjects import SUBJECTS, Subjects

# {where} becomes the FILTER of the question.
COUNT: Final = "count(*) {where}"
AMOUNT: Final = "coalesce(sum(amount) {where}, 0)"
QUANTITY: Final = "coalesce(sum(quantity) {where}, 0)"
SINCE: Final = "min(age) {where}"
LONGEST: Final = "max(age) {where}"
AVERAGE: Final = "avg(amount) {where}"
LARGEST: Final = "max(amount) {where}"
ANY: Final = "least(count(*) {where}, 1)"
LAST_SCORE: Final = "(array_agg(score ORDER BY occurred_at DESC, id DESC) {where})[1]"
COMPLAINT: Final = "complaint"
USED: Final = ("redeemed", "used")


@dataclass(frozen=True, slots=True)
class Measure:
    """How one fact is computed; `default` is its value for a known person without such history."""

    kind: TouchpointKind
    aggregate: str
    condition: str | None = None
    default: float | None = 0


OPEN: Final = "coalesce(status, 'open') <> 'closed'"
_COMPLAINT: Final = f"'{COMPLAINT}' = ANY(categories)"
MEASURES: Final[Mapping[str, Measure]] = {
    "customer.order_count": Measure(TouchpointKind.PURCHASE, COUNT),
    "customer.lifetime_value": Measure(TouchpointKind.PURCHASE, AMOUNT),
    "customer.average_order": Measure(TouchpointKind.PURCHASE, AVERAGE, default=None),
    "customer.days_since_first_order": Measure(TouchpointKind.PURCHASE, LONGEST, default=None),
    "customer.days_since_last_order": Measure(TouchpointKind.PURCHASE, SINCE, default=None),
    "customer.largest_order": Measure(TouchpointKind.PURCHASE, LARGEST, default=None),
    "history.purchase_count": Measure(TouchpointKind.PURCHASE, COUNT),
    "history.purchase_amount": Measure(TouchpointKind.PURCHASE, AMOUNT),
    "history.purchase_quantity": Measure(TouchpointKind.PURCHASE, QUANTITY),
    "history.days_since_purchase": Measure(TouchpointKind.PURCHASE, SINCE, default=None),
    "history.days_since_first_purchase": Measure(TouchpointKind.PURCHASE, LONGEST, default=None),
    "history.average_purchase": Measure(TouchpointKind.PURCHASE, AVERAGE, default=None),
    "history.largest_purchase": Measure(TouchpointKind.PURCHASE, LARGEST, default=None),
    "history.campaign_count": Measure(TouchpointKind.CAMPAIGN, COUNT),
    "history.campaign_response_count": Measure(TouchpointKind.CAMPAIGN_RESPONSE, COUNT),
    "history.days_since_campaign": Measure(TouchpointKind.CAMPAIGN, SINCE, default=None),
    "history.days_since_campaign_response": Measure(TouchpointKind.CAMPAIGN_RESPONSE, SINCE, default=None),
    "history.ticket_count": Measure(TouchpointKind.SUPPORT_TICKET, COUNT),
    "history.open_ticket_count": Measure(TouchpointKind.SUPPORT_TICKET, COUNT, OPEN),
    "history.has_open_complaint": Measure(TouchpointKind.SUPPORT_TICKET, ANY, f"{OPEN} AND {_COMPLAINT}"),
    "history.complaint_count": Measure(TouchpointKind.SUPPORT_TICKET, COUNT, _COMPLAINT),
    "history.days_since_complaint": Measure(TouchpointKind.SUPPORT_TICKET, SINCE, _COMPLAINT, default=None),
    "history.oldest_open_ticket": Measure(TouchpointKind.SUPPORT_TICKET, LONGEST, OPEN, default=None),
    "history.days_since_ticket": Measure(TouchpointKind.SUPPORT_TICKET, SINCE, default=None),
    "history.last_survey_score": Measure(TouchpointKind.SURVEY, LAST_SCORE, "score IS NOT NULL", default=None),
    "history.average_survey_score": Measure(TouchpointKind.SURVEY, "avg(score) {where}", default=None),
    "history.lowest_survey_score": Measure(TouchpointKind.SURVEY, "min(score) {where}", default=None),
    "history.days_since_survey": Measure(TouchpointKind.SURVEY, SINCE, default=None),
    "history.survey_count": Measure(TouchpointKind.SURVEY, COUNT),
    "history.has_qr_visit": Measure(TouchpointKind.QR_VISIT, ANY),
    "history.qr_visit_count": Measure(TouchpointKind.QR_VISIT, COUNT),
    "history.days_since_qr_visit": Measure(TouchpointKind.QR_VISIT, SINCE, default=None),
    "history.web_count": Measure(TouchpointKind.WEB, COUNT),
    "history.days_since_web": Measure(TouchpointKind.WEB, SINCE, default=None),
    "history.sales_activity_count": Measure(TouchpointKind.SALES_ACTIVITY, COUNT),
    "history.days_since_sales_activity": Measure(TouchpointKind.SALES_ACTIVITY, SINCE, default=None),
    "history.attendance_count": Measure(TouchpointKind.ATTENDANCE, COUNT),
    "history.days_since_attendance": Measure(TouchpointKind.ATTENDANCE, SINCE, default=None),
    "history.parcel_count": Measure(TouchpointKind.PARCEL, COUNT),
    "history.days_since_parcel": Measure(TouchpointKind.PARCEL, SINCE, default=None),
}
# What is asked of the campaigns received in the window and of those of them not used since; and what it is without any.
CAMPAIGN_RATIOS: Final[Mapping[str, tuple[str, float | None]]] = {
    "history.unused_campaign_count": ("unused", 0),
    "history.campaign_response_rate": ("100.0 * (received - unused) / nullif(received, 0)", None),
}
LINE_FACTS: Final = frozenset({"history.purchase_amount", "history.purchase_quantity"})

# Parameter → condition on a touchpoint, and on a line of a purchase. {p} is the bound name.
FILTERS: Final = {
    "days": "age <= :{p}",
    "skip_days": "age > :{p}",
    "skus": "skus && CAST(:{p} AS text[])",
    "categories": "categories && CAST(:{p} AS text[])",
    "topics": "categories && CAST(:{p} AS text[])",
    "campaigns": "campaign = ANY(CAST(:{p} AS text[]))",
    "channels": "channel = ANY(CAST(:{p} AS text[]))",
}
LINE_FILTERS: Final = FILTERS | {
    "skus": "sku = ANY(CAST(:{p} AS text[]))",
    "categories": "category = ANY(CAST(:{p} AS text[]))",
}
AS_OF: Final = {
    AsOf.RECORDED: "t.retired_at IS NULL AND t.state = 'active'",
    AsOf.KNOWN: "t.known_at <= subjects.moment AND (t.retired_at IS NULL OR t.retired_at > subjects.moment)",
}
SEEN: Final = """
    SELECT subjects.position, t.kind, t.occurred_at, t.id, {columns},
           subjects.today - CAST(t.occurred_at AT TIME ZONE :zone AS date) AS age
      FROM {subjects}
      JOIN touchpoints t ON t.shop_id = :shop_id AND t.customer_id = subjects.customer_id AND t.kind = ANY(:kinds)
       AND t.occurred_at <= subjects.moment AND {as_of}
       AND (t.kind <> 'purchase' OR (t.occurred_at, t.external_id) < (subjects.ordered_at, subjects.number))
"""
TOUCHPOINT_COLUMNS: Final = "t.amount, t.quantity, t.channel, t.campaign, t.status, t.score, t.skus, t.categories"
LINE_COLUMNS: Final = "l.amount, l.quantity, t.channel, l.sku, l.category"
LINES: Final = "JOIN touchpoint_lines l ON l.shop_id = :shop_id AND l.touchpoint_id = t.id"


def load_history(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about touchpoints."""
    by_line = [q for q in questions if q.key in LINE_FACTS and (q.get("skus") or q.get("categories"))]
    unused = [q for q in questions if q.key in CAMPAIGN_RATIOS]
    plain = [q for q in questions if q not in by_line and q not in unused]
    found = _load_measures(subjects, plain, FILTERS, TOUCHPOINT_COLUMNS, "")
    found |= _load_measures(subjects, by_line, LINE_FILTERS, LINE_COLUMNS, LINES)
    for question in unused:
        found[question] = _load_campaigns(subjects, question)
    return found


def _load_measures(
    subjects: Subjects, questions: Sequence[Question], filters: Mapping[str, str], columns: str, lines: str
) -> dict[Question, Column]:
    if not questions:
        return {}
    parameters = subjects.parameters
    parts = [_aggregate(q, f"q{index}", filters, parameters) for index, q in enumerate(questions)]
    parameters["kinds"] = sorted({MEASURES[q.key].kind.value for q in questions})
    seen = SEEN.format(columns=columns, subjects=SUBJECTS, as_of=AS_OF[subjects.as_of]) + lines
    statement = f"WITH seen AS ({seen}) SELECT position, {', '.join(parts)} FROM seen GROUP BY position"
    rows = [tuple(row) for row in subjects.session.execute(text(statement), parameters)]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(questions) + 1)
    positions = table[:, 0].astype(np.int64)
    return {q: _spread(subjects, q, positions, table[:, index + 1]) for index, q in enumerate(questions)}


def _spread(subjects: Subjects, question: Question, positions: Any, values: Any) -> Column:
    column = np.full(subjects.size, np.nan)
    default = MEASURES[question.key].default
    if default is not None:
        column[[row["position"] for row in subjects.rows]] = default
    column[positions] = values
    return ScalarColumn(question.fact.type, column)


def _aggregate(question: Question, name: str, filters: Mapping[str, str], parameters: dict[str, Any]) -> str:
    """Return the SQL of one question and bind its parameters."""
    measure = MEASURES[question.key]
    conditions = [f"kind = '{measure.kind.value}'", *([measure.condition] if measure.condition else [])]
    conditions += _filter(question, name, filters, parameters)
    where = f"FILTER (WHERE {' AND '.join(conditions)})"
    return f"CAST({measure.aggregate.format(where=where)} AS double precision)"


def _filter(question: Question, name: str, filters: Mapping[str, str], parameters: dict[str, Any]) -> Iterator[str]:
    for key, value in question.parameters:
        parameters[f"{name}_{key}"] = list(value) if isinstance(value, tuple) else value
        yield filters[key].format(p=f"{name}_{key}")


def _load_campaigns(subjects: Subjects, question: Question) -> Column:
    """Campaigns received in the window; used is one with a response, or a status that says so."""
    parameters = subjects.parameters | {
        "kinds": [TouchpointKind.CAMPAIGN.value, TouchpointKind.CAMPAIGN_RESPONSE.value],
        "used": list(USED),
    }
    received = " AND ".join(["kind = 'campaign'", *_filter(question, "q", FILTERS, parameters)])
    seen = SEEN.format(columns=TOUCHPOINT_COLUMNS, subjects=SUBJECTS, as_of=AS_OF[subjects.as_of])
    query = f"""
        WITH seen AS ({seen}), per_campaign AS (
            SELECT position, campaign, bool_or({received}) AS received,
                   bool_or(kind = 'campaign_response' OR coalesce(status = ANY(:used), false)) AS used
              FROM seen WHERE campaign IS NOT NULL GROUP BY position, campaign)
        SELECT position, count(*) FILTER (WHERE received) AS received,
               count(*) FILTER (WHERE received AND NOT used) AS unused FROM per_campaign GROUP BY position
    """
    value, default = CAMPAIGN_RATIOS[question.key]
    positions, numbers = read_numbers(subjects.session, query, {"value": value}, parameters)
    return subjects.spread(question.fact.type, positions, numbers["value"], default)
