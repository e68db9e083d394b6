"""The one way to facts: a batch of requests and the questions about it in, one column per question out.

Live decisions and backtests run this code; only `as_of` differs.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from core.memory import without_collecting
from personalization.columns import Column, FactType, ScalarColumn, make_column
from personalization.facts.fact import AsOf, Source
from personalization.facts.question import Audience, Question, ask
from personalization.facts.regions import find_region
from personalization.loading.allotments import load_packed
from personalization.loading.calendars import load_calendar
from personalization.loading.counting import list_wanted
from personalization.loading.customers import load_customers
from personalization.loading.events import rank_persons
from personalization.loading.fetching import Asked, fetch_ahead, is_many, open_pool
from personalization.loading.moments import list_local_days
from personalization.loading.orders import Baskets, load_baskets
from personalization.loading.predictions import load_predictions
from personalization.loading.staging import page_by_page
from personalization.loading.subjects import Subjects, make_subject
from personalization.loading.touchpoints import list_counted, load_touchpoints
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


EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Loading:
    """What a load works on."""

    session: Session
    shop_id: UUID
    zone: ZoneInfo
    requests: Sequence[DecisionRequest]
    as_of: AsOf = AsOf.RECORDED

    def load(self, questions: Sequence[Question]) -> dict[Question, Column]:
        """Return one column per question, one row per request. A handful of statements, whatever the size."""
        general, personal = _sort(tuple(questions))
        is_one = all(request.customer_id == request.recipient_customer_id for request in self.requests)
        asked = {Audience.BUYER: personal.of_both} if is_one else personal.of_each
        with open_pool() as pool, without_collecting():
            # The histories of many take longest: of the first audience they are fetched while all else is loaded.
            ahead = self._fetch_ahead(pool, Audience.BUYER, asked[Audience.BUYER])
            with page_by_page(self.session, len(self.requests)):
                baskets = load_baskets(self.session, self.shop_id, self.zone, self.requests, self._todays)
                columns = self._load_general(baskets, general)
            found: dict[Question, Column] = {}
            for audience, sorted_ in asked.items():
                if audience is not Audience.BUYER:
                    ahead = self._fetch_ahead(pool, audience, sorted_)
                found |= self._load_person(baskets, audience, sorted_, ahead)
        return columns | ({q: found[same] for q, same in personal.as_buyer.items()} if is_one else found)

    def _fetch_ahead(self, pool: Executor, audience: Audience, questions: "Sorted") -> dict[Any, Any]:
        if not is_many(len(self.requests)):
            return {}
        wanted = list_wanted(list_counted(questions.of(Source.TOUCHPOINTS)))
        asking = [request for request in self.requests if get_person(request, audience) is not None]
        persons, _ = rank_persons(person for request in asking if (person := get_person(request, audience)) is not None)
        moments = [request.moment for request in asking] or [EARLIEST]
        asked = Asked(self.shop_id, self.as_of, persons, min(moments), max(moments))
        return dict(fetch_ahead(pool, asked, wanted))

    def _load_general(self, baskets: Baskets, questions: "Sorted") -> dict[Question, Column]:
        columns = baskets.make_columns(questions.of(Source.ORDER))
        columns |= load_calendar(self.requests, self.zone, questions.of(Source.CLOCK))
        for question in questions.of(Source.REQUEST):
            values = [FROM_REQUEST[question.key](request) for request in self.requests]
            columns[question] = make_column(question.fact.type, values)
        return columns

    def _load_person(
        self, baskets: Baskets, audience: Audience, questions: "Sorted", ahead: dict[Any, Any]
    ) -> dict[Question, Column]:
        if not questions.listed:
            return {}
        subjects = self._find_subjects(baskets, audience, ahead)
        with page_by_page(self.session, len(self.requests)):
            columns = load_customers(subjects, questions.of(Source.CUSTOMER))
        columns |= load_touchpoints(subjects, questions.of(Source.TOUCHPOINTS))
        if packed := questions.of(Source.ALLOTMENTS):
            columns |= load_packed(subjects, packed)
        columns |= load_predictions(subjects, questions.of(Source.MODEL))
        for question in questions.listed:
            if question.key == KNOWN:
                known = [get_person(request, audience) is not None for request in self.requests]
                columns[question] = make_column(FactType.BOOLEAN, known)
            elif question.key == NTH_ORDER:
                columns[question] = self._count_orders(columns[ask("customer.order_count", audience)], audience)
        return columns

    @cached_property
    def _todays(self) -> list[date]:
        """The local day of each request."""
        return list_local_days((request.moment for request in self.requests), self.zone)

    def _find_subjects(self, baskets: Baskets, audience: Audience, ahead: dict[Any, Any]) -> Subjects:
        rows = []
        for position, request in enumerate(self.requests):
            customer_id = get_person(request, audience)
            if customer_id is not None:
                first_order = baskets.find_first_order(position, request)
                rows.append(make_subject(position, customer_id, request, first_order, self._todays[position]))
        return Subjects(self.session, self.shop_id, self.zone, self.as_of, len(self.requests), rows, ahead)

    def _count_orders(self, before: Column, audience: Audience) -> Column:
        assert isinstance(before, ScalarColumn)
        own = [
            len(request.order_ids) if get_person(request, audience) == request.customer_id else np.nan
            for request in self.requests
        ]
        return ScalarColumn(FactType.NUMBER, before.values + np.array(own))


@dataclass(frozen=True, slots=True)
class Sorted:
    """Questions, and those to be loaded by where they are loaded from."""

    listed: tuple[Question, ...]
    by_source: Mapping[Source, tuple[Question, ...]]

    def of(self, source: Source) -> tuple[Question, ...]:
        return self.by_source.get(source, ())


@dataclass(frozen=True, slots=True)
class Personal:
    """Questions about people: each person's own, and as those of one who is both buyer and recipient."""

    of_each: Mapping[Audience, Sorted]
    of_both: Sorted
    as_buyer: Mapping[Question, Question]


@lru_cache(maxsize=64)
def _sort(questions: tuple[Question, ...]) -> tuple[Sorted, Personal]:
    """Return the general and the personal questions. A ruleset asks the same ones for every batch."""
    personal = [question for question in questions if question.fact.is_personal]
    as_buyer = {question: replace(question, audience=Audience.BUYER) for question in personal}
    of_each = {audience: _sort_sources([q for q in personal if q.audience is audience]) for audience in Audience}
    general = _sort_sources([question for question in questions if not question.fact.is_personal])
    return general, Personal(of_each, _sort_sources(list(dict.fromkeys(as_buyer.values()))), as_buyer)


def _sort_sources(questions: Sequence[Question]) -> Sorted:
    """The nth order is the number of orders before it, and those of this shipment."""
    asked = {question for question in questions if question.key != NTH_ORDER}
    asked |= {ask("customer.order_count", question.audience) for question in questions if question.key == NTH_ORDER}
    by_source: dict[Source, list[Question]] = defaultdict(list)
    for question in sorted(asked, key=lambda question: question.code):
        by_source[question.fact.source].append(question)
    return Sorted(tuple(questions), {source: tuple(listed) for source, listed in by_source.items()})
