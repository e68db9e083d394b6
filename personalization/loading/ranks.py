"""Facts about the customer's rank (会員ランク): the one in force, since when, and the one before."""

from collections.abc import Sequence
from typing import Final

from personalization.columns import Column, FactType
from personalization.facts.fact import AsOf
from personalization.facts.question import Question
from personalization.loading.blocks import Answer, Asking, Loader
from personalization.loading.subjects import Subjects

RANK_FACTS: Final = {
    "customer.rank": "rank",
    "customer.previous_rank": "before",
    "customer.days_since_rank_change": "today - CAST(known_at AT TIME ZONE :zone AS date)",
}
AS_OF: Final = {AsOf.RECORDED: "", AsOf.KNOWN: "AND x.known_at <= subjects.moment"}
# The rows in which a rank really changed, the last one per subject; without a scheme, of the scheme told last.
CHANGES: Final = """
    SELECT DISTINCT ON (position) position, today, rank, before, known_at
      FROM (SELECT subjects.position, subjects.today, x.scheme, x.rank, x.known_at,
                   lag(x.rank) OVER told AS before, row_number() OVER told AS nth
              FROM {subjects} JOIN ranks x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
                   {as_of} {where}
            WINDOW told AS (PARTITION BY subjects.position, x.scheme ORDER BY x.known_at, x.recorded_at, x.id)) AS told
     WHERE nth = 1 OR rank IS DISTINCT FROM before
     ORDER BY position, known_at DESC, scheme DESC, nth DESC
"""


def load_ranks(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    """Load one column per question about ranks; one query per scheme that is asked for."""
    schemes = list(dict.fromkeys(question.get("scheme") for question in questions))
    answers = yield [
        _ask(subjects, index, scheme, [q for q in questions if q.get("scheme") == scheme])
        for index, scheme in enumerate(schemes)
    ]
    found = dict(zip(schemes, answers, strict=True))
    return {question: _read(subjects, question, found[question.get("scheme")]) for question in questions}


def _ask(subjects: Subjects, index: int, scheme: str | None, questions: Sequence[Question]) -> Asking:
    where = "" if scheme is None else f"AND x.scheme = :scheme{index}"
    query = CHANGES.format(subjects=subjects.table, as_of=AS_OF[subjects.as_of], where=where)
    texts = {q.key: RANK_FACTS[q.key] for q in questions if q.fact.type is FactType.TEXT}
    numbers = {q.key: RANK_FACTS[q.key] for q in questions if q.key not in texts}
    parameters = {} if scheme is None else {f"scheme{index}": scheme}
    return Asking(query, texts, numbers=numbers, parameters=parameters)


def _read(subjects: Subjects, question: Question, answer: Answer) -> Column:
    if question.fact.type is FactType.TEXT:
        return subjects.make_texts(FactType.TEXT, answer.words[question.key])
    return subjects.spread(question.fact.type, answer.positions, answer.numbers[question.key])
