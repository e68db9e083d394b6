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
from personalization.loading.subjects import SUBJECTS, Subjects

FROM_DAYS: Final[Mapping[str, Callable[[PurchaseDays, Subjects], NDArray[np.float64]]]] = {
    "customer.first_order_date": lambda days, _: days.first_day,
    "customer.last_order_date": lambda days, _: days.last_day,
    "customer.average_interval": lambda days, _: days.mean_gap,
    "customer.interval_spread": lambda days, _: days.gap_spread,
    "customer.longest_interval": lambda days, _: days.longest_gap,
    "customer.interval_ratio": lambda days, subjects: 100 * (subjects.todays - days.last_day) / days.mean_gap,
}
EDGE: Final = """
    SELECT DISTINCT ON (position) * FROM ({bought}) AS bought ORDER BY position, occurred_at {way}, external_id {way}
"""
FROM_LAST: Final[Mapping[str, str]] = {
    "customer.last_order_amount": "amount",
    "customer.last_order_channel": "channel",
    "customer.last_order_skus": "unnest(skus)",
    "customer.last_order_categories": "unnest(categories)",
}
FROM_FIRST: Final[Mapping[str, str]] = {
    "customer.first_order_channel": "channel",
    "customer.first_order_skus": "unnest(skus)",
    "customer.first_order_categories": "unnest(categories)",
}
FAVOURITE: Final = "customer.favourite_category"
FAVOURITES: Final = """
    SELECT DISTINCT ON (position) position, category
      FROM (SELECT position, unnest(categories) AS category, occurred_at FROM ({bought}) AS bought) AS held
     GROUP BY position, category ORDER BY position, count(*) DESC, max(occurred_at) DESC, category
"""
PURCHASE_FACTS: Final = frozenset({*FROM_DAYS, *FROM_LAST, *FROM_FIRST, FAVOURITE})
BOUGHT: Final = "t.external_id, t.amount, t.channel, t.skus, t.categories"


def load_purchases(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about the sequence of purchases."""
    bought = SEEN.format(columns=BOUGHT, subjects=SUBJECTS, as_of=AS_OF[subjects.as_of])
    parameters = {**subjects.parameters, "kinds": ["purchase"]}
    columns = _load_days(subjects, [question for question in questions if question.key in FROM_DAYS])
    for query, sql in (
        (EDGE.format(bought=bought, way="DESC"), FROM_LAST),
        (EDGE.format(bought=bought, way=""), FROM_FIRST),
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
    words = {q.key: sql[q.key] for q in questions if q.fact.type in (FactType.TEXT, FactType.TEXT_SET)}
    numbers = {q.key: sql[q.key] for q in questions if q.key not in words}
    listed = read_words(subjects.session, query, words, parameters)
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
