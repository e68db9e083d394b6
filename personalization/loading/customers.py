"""Facts about the person: attributes, tags, rank, address, consent, care flags. One statement per table."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from personalization.columns import Column
from personalization.facts.fact import AsOf
from personalization.facts.question import Question
from personalization.loading.subjects import SUBJECTS, Subjects

BIRTHDAY: Final = "birthday"
LANGUAGE: Final = "language"
AS_OF: Final = {AsOf.RECORDED: "", AsOf.KNOWN: "AND x.known_at <= subjects.moment"}
NEWEST: Final = "x.known_at DESC, x.recorded_at DESC, x.id DESC"
TYPED: Final = {
    "customer.attribute": "text_value",
    "customer.attribute_number": "number_value",
    "customer.attribute_flag": "boolean_value",
    "customer.attribute_date": "date_value",
}
FROM_BIRTHDAY: Final = frozenset({"customer.birth_month", "customer.days_to_birthday", "customer.age"})
FROM_ADDRESS: Final = {"customer.prefecture": "region", "customer.country": "country"}
FROM_CONSENTS: Final = {"customer.purposes_granted": "granted", "customer.purposes_denied": "denied"}
FROM_CARE: Final = frozenset({"customer.care_flags", "customer.allergies"})

Found = dict[int, Any]


def load_customers(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about persons."""
    columns: dict[Question, Column] = {}
    for keys, load in _LOADERS:
        asked = [question for question in questions if question.key in keys]
        if asked:
            columns |= load(subjects, asked)
    return columns


def _query(subjects: Subjects, table: str, distinct: str, columns: str, where: str = "", **bound: Any) -> list[Any]:
    """Return (position, …) of the newest row per position and `distinct`, as of the moment of each subject."""
    statement = f"""
        SELECT DISTINCT ON (subjects.position{distinct}) subjects.position, {columns}
          FROM {SUBJECTS} JOIN {table} x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
               {AS_OF[subjects.as_of]} {where}
         ORDER BY subjects.position{distinct}, {NEWEST}
    """
    return list(subjects.session.execute(text(statement), {**subjects.parameters, **bound}))


def _load_attributes(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    names = {_attribute_name(question) for question in questions}
    columns = "x.name, x.text_value, x.number_value, x.boolean_value, x.date_value"
    rows = _query(subjects, "attributes", ", x.name", columns, "AND x.name = ANY(:names)", names=sorted(names))
    todays = {row["position"]: row["today"] for row in subjects.rows}
    found: dict[Question, Found] = {question: {} for question in questions}
    for row in rows:
        for question in questions:
            if _attribute_name(question) == row.name:
                found[question][row.position] = _read_attribute(question, row, todays[row.position])
    return {question: subjects.fill(question.fact.type, values) for question, values in found.items()}


def _attribute_name(question: Question) -> str:
    if question.key in FROM_BIRTHDAY:
        return BIRTHDAY
    return LANGUAGE if question.key == "customer.language" else str(question.get("name"))


def _read_attribute(question: Question, row: Any, today: date) -> Any:
    if question.key in FROM_BIRTHDAY:
        return None if row.date_value is None else _from_birthday(question.key, row.date_value, today)
    return getattr(row, TYPED.get(question.key, "text_value"))


def _from_birthday(key: str, born: date, today: date) -> int:
    if key == "customer.birth_month":
        return born.month
    this_year = move_to_year(born, today.year)
    if key == "customer.age":
        return today.year - born.year - (today < this_year)
    following = this_year if this_year >= today else move_to_year(born, today.year + 1)
    return (following - today).days


def move_to_year(born: date, year: int) -> date:
    """Return the birthday in a year; one of 29 February is kept on the 28th where there is none."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _load_tags(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    rows = _query(subjects, "tags", ", x.tag", "x.tag, x.present")
    return _collect(subjects, questions, [(row.position, row.tag) for row in rows if row.present])


def _load_ranks(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    rows = _query(subjects, "ranks", ", x.scheme", "x.scheme, x.rank, x.known_at")
    columns = {}
    for question in questions:
        scheme = question.get("scheme")
        # Without a scheme the rank that was told last counts.
        meant = sorted((r for r in rows if scheme in (None, r.scheme)), key=lambda row: (row.known_at, row.scheme))
        columns[question] = subjects.fill(question.fact.type, {row.position: row.rank for row in meant})
    return columns


def _load_addresses(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    columns = {}
    for question in questions:
        name = FROM_ADDRESS[question.key]
        rows = _query(subjects, "contacts", "", f"x.{name} AS value", f"AND x.{name} IS NOT NULL")
        columns[question] = subjects.fill(question.fact.type, {row.position: row.value for row in rows})
    return columns


def _load_consents(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    # The latest statement counts; of two at one moment the denial.
    statement = f"""
        SELECT DISTINCT ON (subjects.position, x.purpose) subjects.position, x.purpose, x.state
          FROM {SUBJECTS} JOIN consents x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
               {AS_OF[subjects.as_of]}
         ORDER BY subjects.position, x.purpose, x.occurred_at DESC, (x.state = 'denied') DESC, x.recorded_at DESC
    """
    rows = list(subjects.session.execute(text(statement), subjects.parameters))
    columns: dict[Question, Column] = {}
    for question in questions:
        state = FROM_CONSENTS[question.key]
        columns |= _collect(subjects, [question], [(row.position, row.purpose) for row in rows if row.state == state])
    return columns


def _load_care(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    statement = f"""
        SELECT subjects.position, x.kind, x.subject
          FROM {SUBJECTS} JOIN care_flags x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
           AND x.valid_from <= subjects.moment AND (x.valid_until IS NULL OR x.valid_until > subjects.moment)
    """
    rows = list(subjects.session.execute(text(statement), subjects.parameters))
    columns: dict[Question, Column] = {}
    for question in questions:
        if question.key == "customer.care_flags":
            pairs = [(row.position, row.kind) for row in rows]
        else:
            pairs = [(row.position, row.subject) for row in rows if row.kind == "allergy" and row.subject]
        columns |= _collect(subjects, [question], pairs)
    return columns


def _collect(
    subjects: Subjects, questions: Sequence[Question], pairs: Collection[tuple[int, str]]
) -> dict[Question, Column]:
    members: dict[int, set[str]] = defaultdict(set)
    for position, word in pairs:
        members[position].add(word)
    return {question: subjects.fill(question.fact.type, dict(members), ()) for question in questions}


_Loader = Callable[[Subjects, Sequence[Question]], dict[Question, Column]]
_LOADERS: Final[Sequence[tuple[Collection[str] | Mapping[str, str], _Loader]]] = (
    ({*TYPED, *FROM_BIRTHDAY, "customer.language"}, _load_attributes),
    ({"customer.tags"}, _load_tags),
    ({"customer.rank"}, _load_ranks),
    (FROM_ADDRESS, _load_addresses),
    (FROM_CONSENTS, _load_consents),
    (FROM_CARE, _load_care),
)
