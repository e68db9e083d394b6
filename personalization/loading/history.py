"""Facts counted over touchpoints: what each fact counts, and the SQL by which its neighbours see the same history."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_link.kinds import TouchpointKind
from personalization.facts.fact import AsOf
from personalization.loading.sightings import (
    Kernel,
    add_amounts,
    add_quantities,
    average_amount,
    average_score,
    count,
    exist,
    largest_amount,
    last_score,
    lowest_score,
    oldest_age,
    youngest_age,
)

COUNT: Final = count
AMOUNT: Final = add_amounts
QUANTITY: Final = add_quantities
SINCE: Final = youngest_age
LONGEST: Final = oldest_age
AVERAGE: Final = average_amount
LARGEST: Final = largest_amount
ANY: Final = exist
COMPLAINT: Final = "complaint"
USED: Final = ("redeemed", "used")


class Condition(StrEnum):
    """What an event must be, besides what the question narrows it to."""

    OPEN = "open"
    COMPLAINT = "complaint"
    OPEN_COMPLAINT = "open complaint"


@dataclass(frozen=True, slots=True)
class Measure:
    """How one fact is computed; `default` is its value for a known person without such history."""

    kind: TouchpointKind
    kernel: Kernel
    condition: Condition | None = None
    default: float | None = 0


CLOSED: Final = "closed"
# As SQL, for facts that list what they find.
OPEN: Final = f"coalesce(status, 'open') <> '{CLOSED}'"
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
    "history.open_ticket_count": Measure(TouchpointKind.SUPPORT_TICKET, COUNT, Condition.OPEN),
    "history.has_open_complaint": Measure(TouchpointKind.SUPPORT_TICKET, ANY, Condition.OPEN_COMPLAINT),
    "history.complaint_count": Measure(TouchpointKind.SUPPORT_TICKET, COUNT, Condition.COMPLAINT),
    "history.days_since_complaint": Measure(TouchpointKind.SUPPORT_TICKET, SINCE, Condition.COMPLAINT, default=None),
    "history.oldest_open_ticket": Measure(TouchpointKind.SUPPORT_TICKET, LONGEST, Condition.OPEN, default=None),
    "history.days_since_ticket": Measure(TouchpointKind.SUPPORT_TICKET, SINCE, default=None),
    "history.last_survey_score": Measure(TouchpointKind.SURVEY, last_score, default=None),
    "history.average_survey_score": Measure(TouchpointKind.SURVEY, average_score, default=None),
    "history.lowest_survey_score": Measure(TouchpointKind.SURVEY, lowest_score, default=None),
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
# Of the campaigns received in the window: how many were not used since, which share was; and what it is without any.
CAMPAIGN_RATIOS: Final[Mapping[str, float | None]] = {
    "history.unused_campaign_count": 0,
    "history.campaign_response_rate": None,
}
LINE_FACTS: Final = frozenset({"history.purchase_amount", "history.purchase_quantity"})
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
