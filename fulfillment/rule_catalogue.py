"""The table of templates and delivery services that rules are checked against."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.models import DocumentTemplate, TemplateVersion
from documents.service import get_templates
from documents.templates import Kind
from orders.catalogue.queries import list_delivery_services
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
    templates = [
        TemplateInfo(
            row.key, _KINDS[row.kind], frozenset(compiled[row.key].compiled.slots), row.letter_class, row.sealed
        )
        for row in rows.values()
    ]
    services = [
        ServiceInfo(service.key, service.name, service.letter_class, service.sealed_allowed)
        for service in list_delivery_services(session, shop_id)
        if service.active
    ]
    return make_catalogue(templates, services)
