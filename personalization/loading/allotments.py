"""Facts about what was really packed for a person: read from allotments, not from what was planned."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from personalization.columns import Column
from personalization.facts.question import Question
from personalization.loading.blocks import read_numbers, read_words
from personalization.loading.subjects import Subjects

PACKED: Final = """
    SELECT subjects.position, a.shipment_id, a.packed_quantity, i.key, i.kind,
           subjects.today - CAST(a.packed_at AT TIME ZONE :zone AS date) AS age
      FROM {subjects}
      JOIN allotments a ON a.shop_id = :shop_id AND a.customer_id = subjects.customer_id
       AND a.state = 'packed' AND a.packed_at <= subjects.moment
      JOIN inserts i ON i.shop_id = :shop_id AND i.id = a.insert_id
"""
# Fact → its aggregate ({where}: what the question asks for), and its value for a known person without any such.
MEASURES: Final[Mapping[str, tuple[str, float | None]]] = {
    "history.insert_count": ("count(DISTINCT shipment_id) {where}", 0),
    "history.insert_pieces": ("coalesce(sum(packed_quantity) {where}, 0)", 0),
    "history.days_since_insert": ("min(age) {where}", None),
    "history.days_since_first_insert": ("max(age) {where}", None),
}
SETS: Final = frozenset({"history.inserts"})
FILTERS: Final = {
    "days": "age <= :{p}",
    "skip_days": "age > :{p}",
    "inserts": "key = ANY(CAST(:{p} AS text[]))",
    "kinds": "kind = ANY(CAST(:{p} AS text[]))",
}


def load_packed(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about packed inserts."""
    parameters = subjects.parameters
    packed = PACKED.format(subjects=subjects.table)
    named = {f"q{index}": question for index, question in enumerate(questions)}
    conditions = {name: " AND ".join(("true", *_filter(q, name, parameters))) for name, q in named.items()}
    words = {name: f"CASE WHEN {conditions[name]} THEN key END" for name, q in named.items() if q.key in SETS}
    numbers = {
        name: MEASURES[q.key][0].format(where=f"FILTER (WHERE {conditions[name]})") + f" AS {name}"
        for name, q in named.items()
        if name not in words
    }
    grouped = f"SELECT position, {', '.join(numbers.values())} FROM ({packed}) AS packed GROUP BY position"
    positions, found = read_numbers(subjects.session, grouped, {name: name for name in numbers}, parameters)
    listed = read_words(subjects.session, packed, words, parameters)
    columns: dict[Question, Column] = {}
    for name, question in named.items():
        if name in words:
            columns[question] = subjects.make_sets(listed[name])
        else:
            default = MEASURES[question.key][1]
            columns[question] = subjects.spread(question.fact.type, positions, found[name], default)
    return columns


def _filter(question: Question, name: str, parameters: dict[str, Any]) -> Iterator[str]:
    for key, value in question.parameters:
        parameters[f"{name}_{key}"] = list(value) if isinstance(value, tuple) else value
        yield FILTERS[key].format(p=f"{name}_{key}")
