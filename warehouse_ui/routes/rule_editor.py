"""The doors of the rule editor: the draft, what can be chosen, what is wrong, what would match. All JSON."""

from typing import Annotated, Any, Final

from babel.dates import format_date
from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from core.tenancy import get_shop
from core.web import SessionDep, require
from fulfillment.matching import count_matches
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.advice.service import advise
from personalization.errors import DraftOvertakenError, RulesetError
from personalization.publishing import check_ruleset, save_draft
from warehouse_ui.draft_answers import answer_draft, answer_saved
from warehouse_ui.i18n import get_language, gettext
from warehouse_ui.rules.catalogue import describe_catalogue
from warehouse_ui.rules.checking import find_unknown_names, show_advice, show_problem
from warehouse_ui.rules.draft import load_draft
from warehouse_ui.rules.value_lists import list_values, to_json

router = APIRouter(prefix="/rules", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
MOST_RULES: Final = 1000
MOST_KEYS: Final = 500


class DocumentIn(BaseModel):
    """A document as it is being written: it may be wrong in any way but these."""

    document: dict[str, Any]

    def check_size(self) -> None:
        rules = self.document.get("rules")
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise InvalidInputError(gettext("ルールの一覧ではありません。"), field="rules")
        if len(rules) > MOST_RULES:
            raise InvalidInputError(gettext("ルールが多すぎます（最大1000）。"), field="rules")


class DraftIn(DocumentIn):
    seen: int = Field(ge=0)


class CheckIn(DocumentIn):
    """`pace` is rule key → matches a day, as `POST /rules/matches` counted them. `rule`: advise on this one alone."""

    rule: str | None = None
    pace: dict[str, float] = Field(default_factory=dict)


class RuleIn(BaseModel):
    rule: dict[str, Any]


@router.get("/draft")
def read_draft(access: Operator, session: SessionDep, seen: int | None = None) -> Response:
    """Answer with the draft; with nothing while it is still the one that was seen."""
    draft = load_draft(session, access.shop_id)
    return Response(status_code=204) if seen == draft.version else answer_draft(draft)


@router.post("/draft")
def write_draft(given: DraftIn, access: Operator, session: SessionDep) -> Response:
    """Keep the draft. Who was overtaken gets what the other saved, and decides rule by rule."""
    given.check_size()
    try:
        save_draft(session, access.shop_id, given.document, seen_version=given.seen, author=access.principal.name)
    except DraftOvertakenError:
        return answer_draft(load_draft(session, access.shop_id), 409)
    return answer_saved(load_draft(session, access.shop_id))


@router.get("/catalogue")
def read_catalogue(access: Operator, session: SessionDep) -> dict[str, Any]:
    return describe_catalogue(session, access.shop_id)


@router.get("/values")
def read_values(
    access: Operator, session: SessionDep, kind: str, q: str = "", keys: Annotated[list[str] | None, Query()] = None
) -> dict[str, Any]:
    """Answer with what a list offers; products by words of their name, or by SKUs."""
    values = list_values(session, access.shop_id, kind, q[:100], (keys or [])[:MOST_KEYS])
    return {"values": [to_json(value) for value in values]}


@router.post("/check")
def check(given: CheckIn, access: Operator, session: SessionDep) -> dict[str, Any]:
    """Say what is wrong with a document, and what a colleague would mention. Changes nothing."""
    given.check_size()
    catalogue = load_rule_catalogue(session, access.shop_id)
    problems = check_ruleset(session, access.shop_id, given.document, catalogue)
    advice = advise(session, access.shop_id, given.document, catalogue, rule_key=given.rule, pace=given.pace or None)
    return {
        "problems": [show_problem(problem) for problem in problems],
        # Unknown names are told once: with the place of each word, and while the rest of the rule is unfinished.
        "advice": [
            *find_unknown_names(session, access.shop_id, given.document),
            *(show_advice(each) for each in advice if each.code != "unknown_value"),
        ],
    }


@router.post("/matches")
def find_matches(given: RuleIn, access: Operator, session: SessionDep) -> Response:
    """Say how many of the last 30 days' shipments meet the rule's condition; nothing while it is unfinished."""
    try:
        found = count_matches(session, access.shop_id, given.rule)
    except RulesetError:
        return Response(status_code=204)
    zone = get_shop(session, access.shop_id).zone
    shown = [
        {
            "id": str(example.shipment_id),
            "label": example.number,
            "note": format_date(example.accepted_at.astimezone(zone).date(), "M/d (E)", locale=get_language()),
        }
        for example in found.examples
    ]
    counted = {name: getattr(found, name) for name in ("considered", "matched", "days", "sampled", "per_day")}
    return JSONResponse({**counted, "examples": shown})
