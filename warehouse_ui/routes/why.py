"""Why a parcel holds what it holds: every rule against one shipment, and the answer to "why not this?"."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from core.audit.service import record
from core.auth.roles import Access
from core.web import SessionDep, require
from fulfillment.service import get_shipment
from warehouse_ui.answers import is_fragment
from warehouse_ui.deciding import explain_decision, load_evidence, name_goods
from warehouse_ui.navigation import SHIPMENTS
from warehouse_ui.templating import render
from warehouse_ui.why import answer, list_in_order

router = APIRouter(prefix="/shipments", include_in_schema=False)

Office = Annotated[Access, require(*SHIPMENTS)]


@router.get("/{shipment_id}/why")
def show_why(
    request: Request, shipment_id: UUID, access: Office, session: SessionDep, q: str = "", rule: str = ""
) -> Response:
    """All rules, those that answer a question, or one by its key. On record is that it was read, not what was asked."""
    shop_id = access.shop_id
    shipment = get_shipment(session, shop_id, shipment_id)
    record(session, "personalization:decision:read", shop_id=shop_id, subject_id=shipment_id)
    told = explain_decision(session, shop_id, shipment_id)
    decision, found = told["decision"], None
    shown = [] if decision is None else list_in_order(decision)
    if decision is not None and q.strip():
        found = answer(decision, decision.stored.rulebook.inserts, q.strip()[:100])
        shown = list(found.rules)
    elif rule:
        shown = [each for each in shown if each.rule_key == rule]
    evidence = {} if decision is None else load_evidence(session, shop_id, decision, shown)
    values = {
        "shipment": shipment,
        "rules": shown,
        "answer": found,
        "evidence": evidence,
        "name_goods": name_goods(session, shop_id, evidence),
        "q": q,
        "one": rule,
        **told,
    }
    template = "fragments/why_answer.html" if is_fragment(request) else "pages/why.html"
    return render(request, template, access, session, **values)
