"""The explanation of a shipment's decision, or why there is none to show."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import ErasedError
from orders.catalogue.models import Product
from personalization.conditions.explanation import Explanation
from personalization.errors import DecisionNotFoundError
from personalization.evidence import Evidence, find_evidence
from personalization.explaining import DecisionExplanation, RuleExplanation, explain
from personalization.facts.question import Question
from warehouse_ui.i18n import get_language
from warehouse_ui.why import list_suggestions


def explain_decision(session: Session, shop_id: UUID, shipment_id: UUID) -> dict[str, Any]:
    """Return what the page's fragment wants: the explanation, or that it was erased, or neither."""
    nothing: dict[str, Any] = {"decision": None, "decision_erased": False, "suggestions": []}
    try:
        told = explain(session, shop_id, shipment_id, get_language())
    except DecisionNotFoundError:
        return nothing
    except ErasedError:
        return {**nothing, "decision_erased": True}
    inserts = told.stored.rulebook.inserts if told.stored else {}
    return {**nothing, "decision": told, "suggestions": list_suggestions(told, inserts)}


def load_evidence(
    session: Session, shop_id: UUID, told: DecisionExplanation, rules: Sequence[RuleExplanation]
) -> dict[Question, Evidence]:
    """Return the source events behind the history facts that these rules ask."""
    questions = {question for rule in rules if rule.condition for question in list_questions(rule.condition)}
    if told.stored is None or not questions:
        return {}
    return find_evidence(session, shop_id, told.stored, questions)


def name_goods(
    session: Session, shop_id: UUID, evidence: Mapping[Question, Evidence]
) -> Callable[[list[str]], list[str]]:
    """Return a function that calls the goods of these events by their names."""
    events = [event for each in evidence.values() for event in each.events]
    skus = {sku for event in events for sku in event.read("skus") or ()}
    wanted = select(Product.sku, Product.name, Product.name_en).where(Product.shop_id == shop_id)
    japanese = get_language() == "ja"
    rows = session.execute(wanted.where(Product.sku.in_(sorted(skus)))).all()
    names = {sku: name if japanese or not name_en else name_en for sku, name, name_en in rows}
    return lambda listed: [names.get(sku, sku) for sku in listed]


def list_questions(node: Explanation) -> set[Question]:
    """Return the questions of a condition tree."""
    own = {node.question} if node.question is not None else set()
    return own.union(*(list_questions(part) for part in node.parts))
