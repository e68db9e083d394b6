"""Facts about the sequence of purchases before this order: the first, the last, and the days between.

Purchases of one day count as one day; what a purchase is and since when it counts is as in `history.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from personalization.columns import Column, FactType
from personalization.facts.question import Question
from personalization.loading.blocks import read_numbers, read_words
from personalization.loading.history import AS_OF, SEEN
from personalization.loading.subjects import SUBJECTS, Subjects

_EPOCH: Final = "DATE '1970-01-01'"
# One row per subject.
SUMMARY: Final = """
    WITH bought AS ({bought}), days AS (
        SELECT position, today, day, count(*) AS purchases, sum(amount) AS amount,
               day - lag(day) OVER (PARTITION BY position ORDER BY day) AS gap
          FROM bought GROUP BY position, today, day)
    SELECT position, min(today) AS today, min(day) AS first_day, max(day) AS last_day, count(*) AS days,
           sum(purchases) AS purchases, sum(amount) AS amount, avg(gap) AS mean_gap, stddev_samp(gap) AS gap_spread,
           max(gap) AS longest_gap, (array_agg(amount ORDER BY day))[1] AS first_amount
      FROM days GROUP BY position
"""
FROM_SUMMARY: Final[Mapping[str, str]] = {
    "customer.first_order_date": f"first_day - {_EPOCH}",
    "customer.last_order_date": f"last_day - {_EPOCH}",
    "customer.average_interval": "mean_gap",
    "customer.interval_spread": "gap_spread",
    "customer.longest_interval": "longest_gap",
    "customer.interval_ratio": "100.0 * (today - last_day) / nullif(mean_gap, 0)",
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
PURCHASE_FACTS: Final = frozenset({*FROM_SUMMARY, *FROM_LAST, *FROM_FIRST, FAVOURITE})
BOUGHT: Final = "t.external_id, t.amount, t.channel, t.skus, t.categories, subjects.today"
DAY: Final = "CAST(t.occurred_at AT TIME ZONE :zone AS date) AS day"


def write_bought(subjects: Subjects) -> tuple[str, dict[str, Any]]:
    """Return the query of the purchases before this order, one row each, and its parameters."""
    query = SEEN.format(columns=f"{BOUGHT}, {DAY}", subjects=SUBJECTS, as_of=AS_OF[subjects.as_of])
    return query, {**subjects.parameters, "kinds": ["purchase"]}


def load_purchases(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about the sequence of purchases."""
    bought, parameters = write_bought(subjects)
    columns: dict[Question, Column] = {}
    for query, sql in (
        (SUMMARY.format(bought=bought), FROM_SUMMARY),
        (EDGE.format(bought=bought, way="DESC"), FROM_LAST),
        (EDGE.format(bought=bought, way=""), FROM_FIRST),
        (FAVOURITES.format(bought=bought), {FAVOURITE: "category"}),
    ):
        asked = [question for question in questions if question.key in sql]
        columns |= _load(subjects, asked, query, sql, parameters)
    return columns


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
