"""All that the rule editor knows before it asks again: facts, operators, actions, inserts, templates. As JSON."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from crm_link.kinds import Purpose
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.conditions.explanation import UNITS
from personalization.conditions.operators import OPERATORS
from personalization.experiments.models import ExperimentState
from personalization.experiments.queries import list_experiments
from personalization.facts.catalogue import FACTS, GROUPS
from personalization.facts.fact import AS_OF_WORDS, Fact, Parameter
from personalization.inserts import list_inserts, list_stock
from personalization.models import Insert
from personalization.rulesets.catalogue import Catalogue, TemplateInfo
from personalization.rulesets.placeholders import PRINT_FIELDS
from warehouse_ui.i18n import get_language, gettext, mark
from warehouse_ui.rules.readings import read_kana
from warehouse_ui.rules.search_words import list_fact_words, list_insert_words
from warehouse_ui.rules.value_kinds import find_fact_kind, find_parameter_kind
from warehouse_ui.rules.value_lists import list_values, to_json
from warehouse_ui.words import find_word

# What a rule may ask consent for; telling the CRM is not a rule's matter.
PURPOSES: Final = (Purpose.PERSONALISATION, Purpose.MARKETING, Purpose.LETTER, Purpose.MEASUREMENT)
# Slots that the papers fill themselves are not offered for writing.
FILLED: Final = ("shop_", "signature_", "letter_date", "order_", "recipient_", "page")
_PRINT_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "recipient_name": (mark("お届け先の名前"), "山田 花子"),
    "buyer_name": (mark("注文者の名前"), "山田 太郎"),
    "sender_name": (mark("ご依頼主の名前"), "山田 太郎"),
    "shop_name": (mark("店の名前"), "みどり茶房"),
    "order_number": (mark("注文番号"), "#1024"),
}
# Lists that come with the page, because their names stand in the sentences of rules.
_NAMED: Final = (
    "services",
    "coupon_series",
    "purposes",
    "care_flags",
    "insert_kinds",
    "topics",
    "languages",
    "countries",
    "prefectures",
)


def describe_catalogue(session: Session, shop_id: UUID) -> dict[str, Any]:
    """Return what the editor offers, in the reader's language."""
    catalogue = load_rule_catalogue(session, shop_id)
    return {
        "groups": [{"key": key, "label": _say(*words)} for key, words in GROUPS.items()],
        "facts": [_show_fact(fact) for fact in FACTS.values()],
        "operators": [
            {"key": each.key, "types": sorted(each.types), "shape": each.shape, "phrase": _say(each.ja, each.en)}
            for each in OPERATORS.values()
        ],
        "inserts": _show_inserts(session, shop_id),
        "templates": [_show_template(each) for each in catalogue.templates.values()],
        "slots": _show_slots(catalogue),
        "purposes": [{"key": str(each), "label": gettext(find_word("purpose", each).text)} for each in PURPOSES],
        "placeholders": _show_placeholders(),
        "experiments": _show_experiments(session, shop_id),
        "lists": {kind: [to_json(value) for value in list_values(session, shop_id, kind)] for kind in _NAMED},
    }


def _say(ja: str, en: str) -> str:
    return ja if get_language() == "ja" else en


def _show_fact(fact: Fact) -> dict[str, Any]:
    before, after = UNITS.get(fact.unit or "", ("", ""))
    return {
        "key": fact.key,
        "group": fact.group,
        "type": fact.type,
        "label": _say(fact.ja, fact.en),
        "about": _say(fact.about_ja, fact.about_en),
        # Found by either language and by reading, whatever language the screen speaks.
        "words": " ".join(
            (
                *(fact.ja, read_kana(fact.ja), fact.en, fact.key, fact.about_ja, read_kana(fact.about_ja)),
                list_fact_words(fact.key),
            )
        ),
        "as_of": _say(*AS_OF_WORDS[fact.source]),
        "example": fact.example,
        "unit": _say(before, after).strip(),
        "minimum": fact.minimum,
        "maximum": fact.maximum,
        "personal": fact.is_personal,
        "choices": [{"value": each.value, "label": _say(each.ja, each.en)} for each in fact.choices],
        "values": find_fact_kind(fact),
        "parameters": [_show_parameter(fact, each) for each in fact.parameters],
    }


def _show_parameter(fact: Fact, parameter: Parameter) -> dict[str, Any]:
    return {
        "key": parameter.key,
        "type": parameter.type,
        "label": _say(parameter.ja, parameter.en),
        "required": parameter.required,
        "choices": list(parameter.choices),
        "values": find_parameter_kind(fact, parameter),
    }


def _show_inserts(session: Session, shop_id: UUID) -> list[dict[str, Any]]:
    available: defaultdict[str, int] = defaultdict(int)
    for level in list_stock(session, shop_id):
        available[level.insert_key] += level.available
    return [_show_insert(insert, available[insert.key]) for insert in list_inserts(session, shop_id)]


def _show_insert(insert: Insert, available: int) -> dict[str, Any]:
    return {
        "key": insert.key,
        "label": _say(insert.name_ja, insert.name_en),
        "names": {"ja": insert.name_ja, "en": insert.name_en},
        "words": " ".join(
            (insert.name_ja, read_kana(insert.name_ja), insert.name_en, insert.key, list_insert_words(insert.kind))
        ),
        "kind": insert.kind,
        "kind_label": gettext(find_word("insert_kind", insert.kind).text),
        "active": insert.active,
        "picture": f"/files/pictures/{insert.picture_file_id}" if insert.picture_file_id else None,
        "available": available if insert.stocked else None,
    }


def _show_template(template: TemplateInfo) -> dict[str, Any]:
    return {
        "key": template.key,
        "kind": template.kind,
        "label": _say(template.name_ja, template.name_en) or template.key,
        "names": {"ja": template.name_ja or template.key, "en": template.name_en or template.key},
        "slots": [
            {"key": slot, "label": _say(*template.label(slot)), "needed": slot in template.needed}
            for slot in sorted(template.slots, key=lambda slot: (slot not in template.needed, slot))
            if not slot.startswith(FILLED)
        ],
    }


def _show_experiments(session: Session, shop_id: UUID) -> list[dict[str, Any]]:
    """Return the experiments by name; one that has ended takes nobody in, and is offered to no rule."""
    return [
        {
            "key": row.experiment.key,
            "label": _say(row.experiment.name_ja, row.experiment.name_en),
            "is_over": row.experiment.state is ExperimentState.ENDED,
            "arms": [{"key": arm["key"], "label": _say(arm["name_ja"], arm["name_en"])} for arm in row.experiment.arms],
        }
        for row in list_experiments(session, shop_id)
        if row.experiment.arms
    ]


def _show_slots(catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the slots that a message may fill, of whatever template is chosen."""
    found = {slot: _say(*each.label(slot)) for each in catalogue.templates.values() for slot in sorted(each.slots)}
    return [{"key": slot, "label": label} for slot, label in found.items() if not slot.startswith(FILLED)]


def _show_placeholders() -> list[dict[str, str]]:
    names = [
        {"key": key, "label": gettext(label), "example": example}
        for key, (label, example) in _PRINT_FIELDS.items()
        if key in PRINT_FIELDS
    ]
    return [*names, *_show_fact_placeholders(FACTS.values())]


def _show_fact_placeholders(facts: Iterable[Fact]) -> list[dict[str, str]]:
    return [
        {"key": fact.key, "label": _say(fact.ja, fact.en), "example": _show_example(fact.example)}
        for fact in facts
        if not any(parameter.required for parameter in fact.parameters)
    ]


def _show_example(example: Any) -> str:
    return ", ".join(map(str, example)) if isinstance(example, list) else str(example)
