"""Facts about what was really packed for a person: read from allotments, not from what was planned."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from personalization.columns import Column
from personalization.facts.question import Question
from personalization.loading.subjects import SUBJECTS, Subjects

STATEMENT = f"""
    WITH packed AS (
        SELECT subjects.position, a.shipment_id, i.key,
               subjects.today - CAST(a.packed_at AT TIME ZONE :zone AS date) AS age
          FROM {SUBJECTS}
          JOIN allotments a ON a.shop_id = :shop_id AND a.customer_id = subjects.customer_id
           AND a.state = 'packed' AND a.packed_at <= subjects.moment
          JOIN inserts i ON i.id = a.insert_id)
    SELECT position, {{parts}} FROM packed GROUP BY position
"""


def load_packed(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about packed inserts."""
    parameters = subjects.parameters
    parts = [_aggregate(question, f"q{index}", parameters) for index, question in enumerate(questions)]
    rows = list(subjects.session.execute(text(STATEMENT.format(parts=", ".join(parts))), parameters))
    return {
        question: subjects.fill(
            question.fact.type,
            {row[0]: row[index + 1] for row in rows},
            0 if question.key == "history.insert_count" else None,
        )
        for index, question in enumerate(questions)
    }


def _aggregate(question: Question, name: str, parameters: dict[str, Any]) -> str:
    conditions = ["true"]
    for key, condition in (("days", f"age <= :{name}_days"), ("inserts", f"key = ANY(:{name}_inserts)")):
        value = question.get(key)
        if value is not None:
            parameters[f"{name}_{key}"] = list(value) if isinstance(value, tuple) else value
            conditions.append(condition)
    where = f"FILTER (WHERE {' AND '.join(conditions)})"
    return f"count(DISTINCT shipment_id) {where}" if question.key == "history.insert_count" else f"min(age) {where}"
