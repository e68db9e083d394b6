"""Facts about the sequence of purchases before this order: the first, the last, and the days between.

Purchases of one day count as one day; what a purchase is and since when it counts is as in `history.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.columns import Column, FactType, ScalarColumn
from personalization.facts.question import Question
from personalization.loading.blocks import read_numbers, read_words
from personalization.loading.history import AS_OF, SEEN
from personalization.loading.purchase_days import PurchaseDays, load_purchases_of
from personalization.loading.subjects import Subjects

FROM_DAYS: Final[Mapping[str, Callable[[PurchaseDays, Subjects], NDArray[np.float64]]]] = {
    "customer.first_order_date": lambda days, _: days.first_day,
    "customer.last_order_date": lambda days, _: days.last_day,
    "customer.average_interval": lambda days, _: days.mean_gap,
    "customer.interval_spread": lambda days, _: days.gap_spread,
    "customer.longest_interval": lambda days, _: days.longest_gap,
    "customer.interval_ratio": lambda days, subjects: 100 * (subjects.todays - days.last_day) / days.mean_gap,
}
# The last or the first purchase before this order: the index is read from that end.
EDGE: Final = """
    SELECT subjects.position, edge.* FROM {subjects} CROSS JOIN LATERAL (
        SELECT t.amount, t.channel, t.skus, t.categories FROM touchpoints t
         WHERE t.shop_id = :shop_id AND t.customer_id = subjects.customer_id AND t.kind = 'purchase'
           AND t.occurred_at <= least(subjects.moment, subjects.ordered_at) AND {as_of}
           AND (t.occurred_at, t.external_id) < (subjects.ordered_at, subjects.number)
         ORDER BY t.occurred_at {way}, t.external_id {way} LIMIT 1) AS edge
"""
FROM_LAST: Final[Mapping[str, str]] = {
    "customer.last_order_amount": "amount",
    "customer.last_order_channel": "channel",
    "customer.last_order_skus": "skus",
    "customer.last_order_categories": "categories",
}
FROM_FIRST: Final[Mapping[str, str]] = {
    "customer.first_order_channel": "channel",
    "customer.first_order_skus": "skus",
    "customer.first_order_categories": "categories",
}
FAVOURITE: Final = "customer.favourite_category"
FAVOURITES: Final = """
    SELECT DISTINCT ON (position) position, category
      FROM (SELECT position, unnest(categories) AS category, occurred_at FROM ({bought}) AS bought) AS held
     GROUP BY position, category ORDER BY position, count(*) DESC, max(occurred_at) DESC, category
"""
PURCHASE_FACTS: Final = frozenset({*FROM_DAYS, *FROM_LAST, *FROM_FIRST, FAVOURITE})


def load_purchases(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about the sequence of purchases."""
    as_of = AS_OF[subjects.as_of]
    bought = SEEN.format(columns="t.categories", subjects=subjects.table, as_of=as_of)
    parameters = {**subjects.parameters, "kinds": ["purchase"]}
    columns = _load_days(subjects, [question for question in questions if question.key in FROM_DAYS])
    for query, sql in (
        (EDGE.format(subjects=subjects.table, as_of=as_of, way="DESC"), FROM_LAST),
        (EDGE.format(subjects=subjects.table, as_of=as_of, way="ASC"), FROM_FIRST),
        (FAVOURITES.format(bought=bought), {FAVOURITE: "category"}),
    ):
        asked = [question for question in questions if question.key in sql]
        columns |= _load(subjects, asked, query, sql, parameters)
    return columns


def _load_days(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    if not questions:
        return {}
    days = load_purchases_of(subjects).summarise(subjects.size, before=True)
    return {q: ScalarColumn(q.fact.type, FROM_DAYS[q.key](days, subjects)) for q in questions}


def _load(
    subjects: Subjects,
    questions: Sequence[Question],
    query: str,
    sql: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> dict[Question, Column]:
    words = {q.key: sql[q.key] for q in questions if q.fact.type is FactType.TEXT}
    lists = {q.key: sql[q.key] for q in questions if q.fact.type is FactType.TEXT_SET}
    numbers = {q.key: sql[q.key] for q in questions if q.key not in words and q.key not in lists}
    listed = read_words(subjects.session, query, words, parameters, lists)
    positions, found = read_numbers(subjects.session, query, numbers, parameters)
    columns: dict[Question, Column] = {}
    for question in questions:
        if question.fact.type is FactType.TEXT_SET:
            columns[question] = subjects.make_sets(listed[question.key])
        elif question.fact.type is FactType.TEXT:
            columns[question] = subjects.make_texts(FactType.TEXT, listed[question.key])
        else:
            columns[question] = subjects.spread(question.fact.type, positions, found[question.key])
    return columns
