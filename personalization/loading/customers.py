"""Facts about the person: attributes, tags, address, consent, care flags. One statement per table and shape."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np

from personalization.columns import Column, FactType
from personalization.facts import birthdays
from personalization.facts.fact import AsOf
from personalization.facts.question import Question
from personalization.facts.regions import find_region
from personalization.loading.blocks import NOTHING, read_numbers, read_words
from personalization.loading.ranks import RANK_FACTS, load_ranks
from personalization.loading.subjects import Subjects

BIRTHDAY: Final = "birthday"
LANGUAGE: Final = "language"
AS_OF: Final = {AsOf.RECORDED: "", AsOf.KNOWN: "AND x.known_at <= subjects.moment"}
NEWEST: Final = "x.known_at DESC, x.recorded_at DESC, x.id DESC"
VALUES: Final = "x.name, x.text_value, x.number_value, x.boolean_value, x.date_value"
TYPED: Final = {
    "customer.attribute": "text_value",
    "customer.language": "text_value",
    "customer.attribute_number": "number_value",
    "customer.attribute_flag": "CAST(boolean_value AS integer)",
    "customer.attribute_date": "date_value - DATE '1970-01-01'",
    **dict.fromkeys(birthdays.READERS, "date_value - DATE '1970-01-01'"),
}
FROM_ADDRESS: Final = {
    "customer.prefecture": "region",
    "customer.region": "region",
    "customer.country": "country",
}
FROM_CONTACTS: Final = {
    "customer.has_email": "CAST(bool_or(email_norm IS NOT NULL) AS integer)",
    "customer.has_phone": "CAST(bool_or(phone_e164 IS NOT NULL) AS integer)",
}
FROM_CONSENTS: Final = {
    "customer.purposes_granted": "CASE WHEN state = 'granted' THEN purpose END",
    "customer.purposes_denied": "CASE WHEN state = 'denied' THEN purpose END",
}
FROM_CARE: Final = {
    "customer.care_flags": "kind",
    "customer.allergies": "CASE WHEN kind = 'allergy' THEN nullif(subject, '') END",
}


def load_customers(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question about persons."""
    columns: dict[Question, Column] = {}
    for keys, load in _LOADERS:
        asked = [question for question in questions if question.key in keys]
        if asked:
            columns |= load(subjects, asked)
    return columns


def _newest(subjects: Subjects, table: str, columns: str, distinct: str = "", where: str = "") -> str:
    """Return the query of the newest row per position and `distinct`, as of the moment of each subject."""
    return f"""
        SELECT DISTINCT ON (subjects.position{distinct}) subjects.position, subjects.today, {columns}
          FROM {subjects.table} JOIN {table} x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
               {AS_OF[subjects.as_of]} {where}
         ORDER BY subjects.position{distinct}, {NEWEST}
    """


def _load_attributes(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    named = {f"q{index}": question for index, question in enumerate(questions)}
    parameters: dict[str, Any] = {**subjects.parameters, "names": sorted({_get_name(q) for q in questions})}
    for name, question in named.items():
        parameters[name] = _get_name(question)
    newest = _newest(subjects, "attributes", VALUES, ", x.name", "AND x.name = ANY(:names)")
    texts = {
        name: f"CASE WHEN name = :{name} THEN {TYPED[q.key]} END"
        for name, q in named.items()
        if q.fact.type is FactType.TEXT
    }
    numbers = {
        name: f"max({TYPED[q.key]}) FILTER (WHERE name = :{name})" for name, q in named.items() if name not in texts
    }
    listed = ", ".join(f"{sql} AS {name}" for name, sql in numbers.items())
    grouped = f"SELECT position, {listed} FROM ({newest}) AS newest GROUP BY position"
    positions, found = read_numbers(subjects.session, grouped, {name: name for name in numbers}, parameters)
    words = read_words(subjects.session, newest, texts, parameters)
    columns: dict[Question, Column] = {}
    for name, question in named.items():
        if name in texts:
            columns[question] = subjects.make_texts(question.fact.type, words[name])
        else:
            columns[question] = _read_number(subjects, question, positions, found[name])
    return columns


def _get_name(question: Question) -> str:
    if question.key in birthdays.READERS:
        return BIRTHDAY
    return LANGUAGE if question.key == "customer.language" else str(question.get("name"))


def _read_number(subjects: Subjects, question: Question, positions: Any, values: Any) -> Column:
    if question.key in birthdays.READERS:
        values = birthdays.read_birthday(question.key, values, subjects.todays[positions])
    return subjects.spread(question.fact.type, positions, values)


def _load_tags(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    newest = _newest(subjects, "tags", "x.tag, x.present", ", x.tag")
    words = read_words(subjects.session, newest, {"tag": "CASE WHEN present THEN tag END"}, subjects.parameters)
    return {question: subjects.make_sets(words["tag"]) for question in questions}


def _load_tagged(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    columns: dict[Question, Column] = {}
    for question in questions:
        newest = _newest(subjects, "tags", "x.present, x.known_at", "", "AND x.tag = :tag")
        age = {"age": "CASE WHEN present THEN today - CAST(known_at AT TIME ZONE :zone AS date) END"}
        parameters = {**subjects.parameters, "tag": question.get("tag")}
        positions, found = read_numbers(subjects.session, newest, age, parameters)
        columns[question] = subjects.spread(question.fact.type, positions, found["age"])
    return columns


def _load_addresses(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    columns: dict[Question, Column] = {}
    told: dict[str, Mapping[str, Any]] = {}
    for name in sorted({FROM_ADDRESS[question.key] for question in questions}):
        newest = _newest(subjects, "contacts", f"x.{name}", "", f"AND x.{name} IS NOT NULL")
        told |= read_words(subjects.session, newest, {name: name}, subjects.parameters)
    for question in questions:
        words = told[FROM_ADDRESS[question.key]]
        found = _group_regions(words) if question.key == "customer.region" else words
        columns[question] = subjects.make_texts(question.fact.type, found)
    return columns


def _group_regions(prefectures: Mapping[str, Any]) -> dict[str, Any]:
    regions: dict[str, Any] = {}
    for prefecture, positions in prefectures.items():
        region = find_region(prefecture)
        if region is not None:
            regions[region] = np.concatenate([regions.get(region, NOTHING), positions])
    return regions


def _load_contacts(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    listed = ", ".join(f"{FROM_CONTACTS[q.key]} AS q{index}" for index, q in enumerate(questions))
    newest = _newest(subjects, "contacts", "x.email_norm, x.phone_e164", ", x.identity_id")
    grouped = f"SELECT position, {listed} FROM ({newest}) AS newest GROUP BY position"
    names = {f"q{index}": f"q{index}" for index in range(len(questions))}
    positions, found = read_numbers(subjects.session, grouped, names, subjects.parameters)
    return {q: subjects.spread(q.fact.type, positions, found[f"q{index}"], 0) for index, q in enumerate(questions)}


def _load_consents(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    # The latest statement counts; of two at one moment the denial.
    query = f"""
        SELECT DISTINCT ON (subjects.position, x.purpose) subjects.position, x.purpose, x.state
          FROM {subjects.table} JOIN consents x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
               {AS_OF[subjects.as_of]}
         ORDER BY subjects.position, x.purpose, x.occurred_at DESC, (x.state = 'denied') DESC, x.recorded_at DESC
    """
    return _load_sets(subjects, questions, query, FROM_CONSENTS)


def _load_care(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    query = f"""
        SELECT subjects.position, x.kind, x.subject
          FROM {subjects.table} JOIN care_flags x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
           AND x.valid_from <= subjects.moment AND (x.valid_until IS NULL OR x.valid_until > subjects.moment)
    """
    return _load_sets(subjects, questions, query, FROM_CARE)


def _load_sets(
    subjects: Subjects, questions: Sequence[Question], query: str, sql: Mapping[str, str]
) -> dict[Question, Column]:
    expressions = {f"q{index}": sql[question.key] for index, question in enumerate(questions)}
    words = read_words(subjects.session, query, expressions, subjects.parameters)
    return {question: subjects.make_sets(words[f"q{index}"]) for index, question in enumerate(questions)}


_Loader = Callable[[Subjects, Sequence[Question]], dict[Question, Column]]
_LOADERS: Final[Sequence[tuple[Collection[str], _Loader]]] = (
    (TYPED, _load_attributes),
    ({"customer.tags"}, _load_tags),
    ({"customer.days_since_tagged"}, _load_tagged),
    (RANK_FACTS, load_ranks),
    (FROM_ADDRESS, _load_addresses),
    (FROM_CONTACTS, _load_contacts),
    (FROM_CONSENTS, _load_consents),
    (FROM_CARE, _load_care),
)
READ_KEYS: Final = frozenset(key for keys, _ in _LOADERS for key in keys)
