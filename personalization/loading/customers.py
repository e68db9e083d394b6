"""Facts about the person: attributes, tags, address, consent, care flags. All in one statement."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np

from personalization.columns import Column, FactType
from personalization.facts import birthdays
from personalization.facts.fact import AsOf
from personalization.facts.question import Question
from personalization.facts.regions import find_region
from personalization.loading.blocks import NOTHING, Asking, Loader, load_together
from personalization.loading.ranks import RANK_FACTS, load_ranks
from personalization.loading.subjects import Subjects

BIRTHDAY: Final = "birthday"
LANGUAGE: Final = "language"
TAGGED: Final = "customer.days_since_tagged"
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
    """Return one column per question about persons, from one statement."""
    asked = [(load, [question for question in questions if question.key in keys]) for keys, load in _LOADERS]
    loaders = [load(subjects, listed) for load, listed in asked if listed]
    return load_together(subjects.session, loaders, subjects.parameters)


def _newest(subjects: Subjects, table: str, columns: str, distinct: str = "", where: str = "") -> str:
    """Return the query of the newest row per position and `distinct`, as of the moment of each subject."""
    return f"""
        SELECT DISTINCT ON (subjects.position{distinct}) subjects.position, subjects.today, {columns}
          FROM {subjects.table} JOIN {table} x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
               {AS_OF[subjects.as_of]} {where}
         ORDER BY subjects.position{distinct}, {NEWEST}
    """


def _load_attributes(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    newest = _newest(subjects, "attributes", VALUES, ", x.name", "AND x.name = ANY(:attributes)")
    named = {f"attribute{index}": question for index, question in enumerate(questions)}
    parameters: dict[str, Any] = {name: _get_name(question) for name, question in named.items()}
    parameters["attributes"] = sorted(set(parameters.values()))
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
    told, counted = yield [
        Asking(newest, words=texts, parameters=parameters),
        Asking(grouped, numbers={name: name for name in numbers}, parameters=parameters),
    ]
    columns: dict[Question, Column] = {}
    for name, question in named.items():
        if name in texts:
            columns[question] = subjects.make_texts(question.fact.type, told.words[name])
        else:
            found = counted.numbers[name]
            columns[question] = _read_number(subjects, question, counted.positions, found)
    return columns


def _get_name(question: Question) -> str:
    if question.key in birthdays.READERS:
        return BIRTHDAY
    return LANGUAGE if question.key == "customer.language" else str(question.get("name"))


def _read_number(subjects: Subjects, question: Question, positions: Any, values: Any) -> Column:
    if question.key in birthdays.READERS:
        values = birthdays.read_birthday(question.key, values, subjects.todays[positions])
    return subjects.spread(question.fact.type, positions, values)


def _load_tags(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    newest = _newest(subjects, "tags", "x.tag, x.present", ", x.tag")
    [answer] = yield [Asking(newest, {"tag": "CASE WHEN present THEN tag END"})]
    return {question: subjects.make_sets(answer.words["tag"]) for question in questions}


def _load_tagged(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    age = {"age": "CASE WHEN present THEN today - CAST(known_at AT TIME ZONE :zone AS date) END"}
    answers = yield [
        Asking(
            _newest(subjects, "tags", "x.present, x.known_at", "", f"AND x.tag = :tag{index}"),
            numbers=age,
            parameters={f"tag{index}": question.get("tag")},
        )
        for index, question in enumerate(questions)
    ]
    return {
        question: subjects.spread(question.fact.type, answer.positions, answer.numbers["age"])
        for question, answer in zip(questions, answers, strict=True)
    }


def _load_addresses(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    names = sorted({FROM_ADDRESS[question.key] for question in questions})
    answers = yield [
        Asking(_newest(subjects, "contacts", f"x.{name}", "", f"AND x.{name} IS NOT NULL"), {name: name})
        for name in names
    ]
    told = {name: answer.words[name] for name, answer in zip(names, answers, strict=True)}
    columns: dict[Question, Column] = {}
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


def _load_contacts(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    names = {f"q{index}": FROM_CONTACTS[question.key] for index, question in enumerate(questions)}
    listed = ", ".join(f"{sql} AS {name}" for name, sql in names.items())
    newest = _newest(subjects, "contacts", "x.email_norm, x.phone_e164", ", x.identity_id")
    grouped = f"SELECT position, {listed} FROM ({newest}) AS newest GROUP BY position"
    [answer] = yield [Asking(grouped, numbers={name: name for name in names})]
    return {
        question: subjects.spread(question.fact.type, answer.positions, answer.numbers[name], 0)
        for name, question in zip(names, questions, strict=True)
    }


def _load_consents(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    # The latest statement counts; of two at one moment the denial.
    query = f"""
        SELECT DISTINCT ON (subjects.position, x.purpose) subjects.position, x.purpose, x.state
          FROM {subjects.table} JOIN consents x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
               {AS_OF[subjects.as_of]}
         ORDER BY subjects.position, x.purpose, x.occurred_at DESC, (x.state = 'denied') DESC, x.recorded_at DESC
    """
    return (yield from _load_sets(subjects, questions, query, FROM_CONSENTS))


def _load_care(subjects: Subjects, questions: Sequence[Question]) -> Loader:
    query = f"""
        SELECT subjects.position, x.kind, x.subject
          FROM {subjects.table} JOIN care_flags x ON x.shop_id = :shop_id AND x.customer_id = subjects.customer_id
           AND x.valid_from <= subjects.moment AND (x.valid_until IS NULL OR x.valid_until > subjects.moment)
    """
    return (yield from _load_sets(subjects, questions, query, FROM_CARE))


def _load_sets(subjects: Subjects, questions: Sequence[Question], query: str, sql: Mapping[str, str]) -> Loader:
    expressions = {f"q{index}": sql[question.key] for index, question in enumerate(questions)}
    [answer] = yield [Asking(query, expressions)]
    return {question: subjects.make_sets(answer.words[f"q{index}"]) for index, question in enumerate(questions)}


_LOADERS: Final[Sequence[tuple[Collection[str], Callable[[Subjects, Sequence[Question]], Loader]]]] = (
    (TYPED, _load_attributes),
    ({"customer.tags"}, _load_tags),
    ({TAGGED}, _load_tagged),
    (RANK_FACTS, load_ranks),
    (FROM_ADDRESS, _load_addresses),
    (FROM_CONTACTS, _load_contacts),
    (FROM_CONSENTS, _load_consents),
    (FROM_CARE, _load_care),
)
READ_KEYS: Final = frozenset(key for keys, _ in _LOADERS for key in keys)
