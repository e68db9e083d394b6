"""One rule as a form. Every button works without JavaScript; with it, the form answers a choice at once."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import ConflictError
from core.web import SessionDep, require
from crm_link.kinds import Purpose
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.inserts import list_inserts
from personalization.publishing import check_ruleset
from personalization.rulesets.catalogue import TemplateInfo
from warehouse_ui.answers import go_to, is_fragment
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import gettext
from warehouse_ui.routes.rules import keep
from warehouse_ui.rules.choices import find_choices, list_actions, list_facts
from warehouse_ui.rules.draft import Draft, find_place, load_draft, put_rule
from warehouse_ui.rules.forms import RuleForm, change_rows, name_rule, parse_form, read_rule, show_rule
from warehouse_ui.rules.mistakes import Mistake, find_mistakes
from warehouse_ui.rules.telling import name_things
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
# What a rule may ask consent for; telling the CRM is not a rule's matter.
FILLED = ("shop_", "signature_", "letter_date", "order_", "recipient_", "page")
PURPOSES = (Purpose.PERSONALISATION, Purpose.MARKETING, Purpose.LETTER, Purpose.MEASUREMENT)


@router.get("/new")
def show_new(request: Request, access: Operator, session: SessionDep) -> Response:
    seen = load_draft(session, access.shop_id).version
    return _show(request, access, session, RuleForm(), seen)


@router.get("/{key}/edit")
def show_editor(request: Request, key: str, access: Operator, session: SessionDep) -> Response:
    draft = load_draft(session, access.shop_id)
    return _show(request, access, session, show_rule(draft.rules[find_place(draft, key)]), draft.version)


@router.post("/form")
def answer_form(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Answer with the form as it is now: more or fewer rows, the inputs of another fact or action. Saves nothing
    unless the button was that of saving.
    """
    posted = parse_form((name, value) for name, value in form.multi_items() if isinstance(value, str))
    seen, act = int(read_text(form, "seen") or 0), read_text(form, "act")
    if act != "save":
        return _show(request, access, session, change_rows(posted, act), seen)
    draft = load_draft(session, access.shop_id)
    posted = name_rule(posted, [str(rule.get("key", "")) for rule in draft.rules])
    if draft.version != seen:
        # What was typed stays: the reader decides whether it goes over what somebody else saved.
        return _show(request, access, session, posted, draft.version, overtaken=True, status=409)
    mistakes = _find_mistakes(session, access.shop_id, draft, posted)
    if mistakes:
        return _show(request, access, session, posted, seen, mistakes=mistakes, status=422)
    keep(session, access, draft, seen)
    return go_to("/rules", "rule_saved")


def _find_mistakes(session: Session, shop_id: UUID, draft: Draft, form: RuleForm) -> list[Mistake]:
    """Put the rule into the draft and return what is wrong with it."""
    try:
        place = put_rule(draft, form.original_key, read_rule(form))
    except ConflictError:
        return [Mistake("key", gettext("識別名"), gettext("この識別名は、ほかのルールで使われています。"))]
    catalogue = load_rule_catalogue(session, shop_id)
    found = check_ruleset(session, shop_id, draft.document, catalogue)
    return find_mistakes(found, place, form, catalogue.templates)


def _show(request: Request, access: Access, session: Session, form: RuleForm, seen: int, **more: Any) -> Response:
    if not form.actions:
        form = replace(form, actions=RuleForm().actions)
    template = "fragments/rule_form.html" if is_fragment(request) else "pages/rule_editor.html"
    values = {
        "form": form,
        "seen": seen,
        "mistakes": [],
        "overtaken": False,
        **_choices(session, access.shop_id, form),
        **more,
    }
    values["wrong"] = {mistake.field: mistake.reason for mistake in reversed(values["mistakes"])}
    return render(request, template, access, session, **values)


def _choices(session: Session, shop_id: UUID, form: RuleForm) -> dict[str, Any]:
    catalogue = load_rule_catalogue(session, shop_id)
    inserts = [insert for insert in list_inserts(session, shop_id) if insert.active]
    return {
        "facts": list_facts(),
        "conditions": [(row, find_choices(row)) for row in form.conditions.rows],
        "actions": list_actions(),
        "inserts": inserts,
        "templates": catalogue.templates,
        "names": name_things(inserts, catalogue.templates),
        "purposes": PURPOSES,
        "texts_of": list_texts,
    }


def list_texts(template: TemplateInfo) -> list[str]:
    """Return the slots in which a person writes; those that the program fills are not offered."""
    return sorted(slot for slot in template.slots if not slot.startswith(FILLED))
