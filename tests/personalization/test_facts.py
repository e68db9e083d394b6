"""The catalogue itself: complete in both languages, examples of the right type, and documented."""

from pathlib import Path

import pytest

from personalization.columns import FactType
from personalization.conditions.explanation import UNITS
from personalization.conditions.operators import list_operators
from personalization.conditions.parsing import parse_condition
from personalization.facts.catalogue import FACTS, GROUPS
from personalization.facts.document import write_document
from personalization.facts.fact import Fact, ParameterType, Source
from personalization.loading.allotments import MEASURES as PACKED
from personalization.loading.allotments import SETS as PACKED_SETS
from personalization.loading.calendars import READERS as CALENDAR
from personalization.loading.customers import READ_KEYS as PERSONS
from personalization.loading.history import CAMPAIGN_RATIOS, MEASURES
from personalization.loading.loader import FROM_REQUEST, KNOWN, NTH_ORDER
from personalization.loading.order_readings import READINGS as ORDERS
from personalization.loading.predictions import MODEL_FACTS
from personalization.loading.purchases import PURCHASE_FACTS
from personalization.loading.wordsets import WORD_SETS
from personalization.problems import Problems

PARAMETERS = {ParameterType.DAYS: 30, ParameterType.TEXT: "x", ParameterType.TEXTS: ["x"]}


@pytest.mark.parametrize("fact", FACTS.values(), ids=list(FACTS))
def test_a_fact_is_described_and_its_example_can_be_asked_for(fact: Fact) -> None:
    assert fact.group in GROUPS
    assert all((fact.ja, fact.en, fact.about_ja, fact.about_en))
    assert fact.unit is None or fact.unit in UNITS
    many = fact.type is FactType.TEXT_SET
    document = {
        "fact": fact.key,
        "op": "has_any" if many else "equals",
        "value": fact.example,
        "with": {p.key: list(p.choices) or PARAMETERS[p.type] for p in fact.parameters},
    }
    problems = Problems()
    assert parse_condition(document, "$", problems) is not None, problems.found


def test_every_fact_has_a_reader() -> None:
    by_source = {source: {f.key for f in FACTS.values() if f.source is source} for source in Source}
    assert by_source[Source.ORDER] == ORDERS.keys()
    assert by_source[Source.CLOCK] == CALENDAR
    assert by_source[Source.CUSTOMER] == PERSONS
    counted = MEASURES.keys() | CAMPAIGN_RATIOS.keys() | {NTH_ORDER}
    assert by_source[Source.TOUCHPOINTS] == counted | PURCHASE_FACTS | WORD_SETS.keys()
    assert by_source[Source.MODEL] == MODEL_FACTS
    assert by_source[Source.ALLOTMENTS] == PACKED.keys() | PACKED_SETS
    assert by_source[Source.REQUEST] == FROM_REQUEST.keys() | {KNOWN}


def test_every_type_has_operators() -> None:
    assert all(len(list_operators(kind)) >= 3 for kind in FactType)


def test_the_documentation_is_that_of_the_catalogue() -> None:
    page = Path(__file__).parents[2] / "docs" / "facts.md"
    assert page.read_text(encoding="utf-8") == write_document(), (
        "run: python -m personalization.facts.document docs/facts.md"
    )
