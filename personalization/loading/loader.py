"""The one way to facts: a batch of requests and the questions about it in, one column per question out.

Live decisions and backtests run this code; only `as_of` differs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from personalization.columns import Column, FactType, ScalarColumn, make_column
from personalization.facts.fact import AsOf, Source
from personalization.facts.question import Audience, Question, ask
from personalization.facts.regions import find_region
from personalization.loading.allotments import load_packed
from personalization.loading.calendars import load_calendar
from personalization.loading.customers import load_customers
from personalization.loading.orders import Baskets, load_baskets
from personalization.loading.predictions import load_predictions
from personalization.loading.subjects import Subjects, make_subject
from personalization.loading.touchpoints import load_touchpoints
from personalization.requests import DecisionRequest
from personalization.resolver.batch import get_person

NTH_ORDER: Final = "customer.nth_order"
KNOWN: Final = "customer.is_known"
FROM_REQUEST: Final[Mapping[str, Callable[[DecisionRequest], Any]]] = {
    "order.count": lambda request: len(request.order_ids),
    "order.is_gift": lambda request: request.is_gift,
    "order.is_to_other": lambda request: request.is_to_other,
    "order.prefecture": lambda request: request.prefecture,
    "order.region": lambda request: find_region(request.prefecture),
    "order.country": lambda request: request.country,
    "order.space_grams": lambda request: request.space.grams,
    "order.space_millimetres": lambda request: request.space.millimetres,
    "order.delivery_service": lambda request: request.delivery_service,
}


@dataclass(frozen=True, slots=True)
class Loading:
    """What a load works on."""

    session: Session
    shop_id: UUID
    zone: ZoneInfo
    requests: Sequence[DecisionRequest]
    as_of: AsOf = AsOf.RECORDED

    def load(self, questions: Sequence[Question]) -> dict[Question, Column]:
        """Return one column per question, one row per request. A handful of statements, whatever the size."""
        general = [question for question in questions if not question.fact.is_personal]
        personal = [question for question in questions if question.fact.is_personal]
        baskets = load_baskets(self.session, self.shop_id, self.zone, self.requests)
        return self._load_general(baskets, general) | self._load_personal(baskets, personal)

    def _load_general(self, baskets: Baskets, questions: Sequence[Question]) -> dict[Question, Column]:
        columns = baskets.make_columns([q for q in questions if q.fact.source is Source.ORDER])
        columns |= load_calendar(self.requests, self.zone, [q for q in questions if q.fact.source is Source.CLOCK])
        for question in questions:
            if question.fact.source is Source.REQUEST:
                values = [FROM_REQUEST[question.key](request) for request in self.requests]
                columns[question] = make_column(question.fact.type, values)
        return columns

    def _load_personal(self, baskets: Baskets, questions: Sequence[Question]) -> dict[Question, Column]:
        """Load facts of buyer and recipient; where they are the same person throughout, only once."""
        if all(request.customer_id == request.recipient_customer_id for request in self.requests):
            as_buyer = {question: replace(question, audience=Audience.BUYER) for question in questions}
            columns = self._load_person(baskets, Audience.BUYER, sorted(set(as_buyer.values()), key=lambda q: q.code))
            return {question: columns[same] for question, same in as_buyer.items()}
        found: dict[Question, Column] = {}
        for audience in Audience:
            found |= self._load_person(baskets, audience, [q for q in questions if q.audience is audience])
        return found

    def _load_person(
        self, baskets: Baskets, audience: Audience, questions: Sequence[Question]
    ) -> dict[Question, Column]:
        if not questions:
            return {}
        subjects = self._find_subjects(baskets, audience)
        asked = self._replace_nth_order(questions, audience)
        columns = load_customers(subjects, [q for q in asked if q.fact.source is Source.CUSTOMER])
        columns |= load_touchpoints(subjects, [q for q in asked if q.fact.source is Source.TOUCHPOINTS])
        if packed := [q for q in asked if q.fact.source is Source.ALLOTMENTS]:
            columns |= load_packed(subjects, packed)
        columns |= load_predictions(subjects, [q for q in asked if q.fact.source is Source.MODEL])
        for question in questions:
            if question.key == KNOWN:
                known = [get_person(request, audience) is not None for request in self.requests]
                columns[question] = make_column(FactType.BOOLEAN, known)
            elif question.key == NTH_ORDER:
                columns[question] = self._count_orders(columns[ask("customer.order_count", audience)], audience)
        return columns

    def _find_subjects(self, baskets: Baskets, audience: Audience) -> Subjects:
        rows = []
        for position, request in enumerate(self.requests):
            customer_id = request.customer_id if audience is Audience.BUYER else request.recipient_customer_id
            if customer_id is not None:
                first_order = baskets.find_first_order(position, request)
                rows.append(make_subject(position, customer_id, request, first_order, self.zone))
        return Subjects(self.session, self.shop_id, self.zone, self.as_of, len(self.requests), rows)

    def _replace_nth_order(self, questions: Sequence[Question], audience: Audience) -> list[Question]:
        """The nth order is the number of orders before it, and those of this shipment."""
        asked = {question for question in questions if question.key != NTH_ORDER}
        if len(asked) < len(questions):
            asked.add(ask("customer.order_count", audience))
        return sorted(asked, key=lambda question: question.code)

    def _count_orders(self, before: Column, audience: Audience) -> Column:
        assert isinstance(before, ScalarColumn)
        own = [
            len(request.order_ids) if get_person(request, audience) == request.customer_id else np.nan
            for request in self.requests
        ]
        return ScalarColumn(FactType.NUMBER, before.values + np.array(own))
