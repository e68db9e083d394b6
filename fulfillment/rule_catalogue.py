"""The table of templates and delivery services that rules are checked against."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.tenancy import get_shop
from documents.checking import CompiledTemplate
from documents.models import DocumentTemplate, TemplateVersion
from documents.service import get_templates
from documents.templates import Kind, SlotType
from documents.walking import list_used_slots
from fulfillment.printing.drafting import GIFT_SLIP, SLIP, find_invoice_slip
from fulfillment.printing.papers import is_filled
from orders.catalogue.terms import load_services
from personalization.rulesets.catalogue import Catalogue, ServiceInfo, TemplateInfo, TemplateKind, make_catalogue

_KINDS = {
    Kind.PACKING_SLIP: TemplateKind.SLIP,
    Kind.GIFT_SLIP: TemplateKind.SLIP,
    Kind.LETTER: TemplateKind.LETTER,
    Kind.INSERT_CARD: TemplateKind.LETTER,
}


def load_rule_catalogue(session: Session, shop_id: UUID) -> Catalogue:
    """Return what the shop's rules may choose: slips and letters in force, and active services with what each may
    carry.
    """
    statement = (
        select(DocumentTemplate.key, DocumentTemplate.kind, TemplateVersion.letter_class, TemplateVersion.sealed)
        .join(TemplateVersion, TemplateVersion.template_id == DocumentTemplate.id)
        .where(DocumentTemplate.shop_id == shop_id, TemplateVersion.number == DocumentTemplate.latest_number)
        .order_by(DocumentTemplate.key, DocumentTemplate.language.desc())
    )
    rows = {row.key: row for row in session.execute(statement) if row.kind in _KINDS}
    compiled = get_templates(session, shop_id, list(rows), "ja")
    templates = [_describe(row, compiled[row.key].compiled) for row in rows.values()]
    return make_catalogue(
        templates, _list_services(session, shop_id), (find_invoice_slip(get_shop(session, shop_id)) or SLIP, GIFT_SLIP)
    )


def _list_services(session: Session, shop_id: UUID) -> list[ServiceInfo]:
    """Return the active services with what they carry today."""
    today = clock.now().astimezone(get_shop(session, shop_id).zone).date()
    found = [each for each in load_services(session, shop_id).values() if each.service.active]
    return [
        ServiceInfo(each.service.key, each.service.name, each.on(today).letter_class, each.on(today).sealed_allowed)
        for each in found
    ]


def _describe(row: Any, compiled: CompiledTemplate) -> TemplateInfo:
    name = compiled.template.name
    return TemplateInfo(
        row.key,
        _KINDS[row.kind],
        frozenset(compiled.slots),
        row.letter_class,
        row.sealed,
        list_needed(compiled),
        {slot.name: (slot.label.ja, slot.label.en) for slot in compiled.slots.values()},
        name.ja,
        name.en,
        {flag: (label.ja, label.en) for flag, label in compiled.template.flags.items()},
        frozenset(list_used_slots(compiled.template)) & frozenset(compiled.slots),
    )


def list_needed(compiled: CompiledTemplate) -> frozenset[str]:
    """Return the slots that only a rule can fill, and must: rules write texts, papers know the rest."""
    texts = (SlotType.TEXT, SlotType.PARAGRAPHS)
    return frozenset(
        slot.name
        for slot in compiled.slots.values()
        if slot.required and slot.type in texts and not is_filled(slot.name)
    )
