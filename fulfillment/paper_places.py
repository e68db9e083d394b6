"""Which papers a parcel gets unless a rule chooses others, and what the shop's templates really show now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from core.tenancy import Shop
from documents.checking import compile_template
from documents.models import DocumentTemplate, TemplateVersion
from documents.walking import list_used_slots
from fulfillment.printing.drafting import GIFT_SLIP, SLIP, find_invoice_slip
from personalization.requests import Papers

LANGUAGES: Final = ("ja", "en")


def name_papers(shop: Shop, *, is_gift: bool, language: str) -> Papers:
    """Return the usual slip; where the shop's slips are invoices, a part of an order still gets the plain one."""
    invoice_slip = None if is_gift else find_invoice_slip(shop)
    slips = (GIFT_SLIP,) if is_gift else (SLIP, invoice_slip) if invoice_slip else (SLIP,)
    return Papers(slips, language)


def load_places(
    session: Session, shop_id: UUID, at: datetime | None = None
) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return (template, language) → slots that its version in force shows, now or at a moment; a language without one
    has the other's.
    """
    in_force = TemplateVersion.number == DocumentTemplate.latest_number if at is None else _was_published(at)
    rows = session.execute(
        select(DocumentTemplate.key, DocumentTemplate.language, TemplateVersion.document)
        .join(TemplateVersion, TemplateVersion.template_id == DocumentTemplate.id)
        .where(DocumentTemplate.shop_id == shop_id, TemplateVersion.shop_id == shop_id, in_force)
        .ext(distinct_on(DocumentTemplate.id))
        .order_by(DocumentTemplate.id, TemplateVersion.number.desc())
    )
    shown = {
        (key, language): frozenset(list_used_slots(compile_template(document).template))
        for key, language, document in rows
    }
    found = {}
    for key in {key for key, _ in shown}:
        for language in LANGUAGES:
            found[key, language] = next(shown[key, each] for each in (language, *LANGUAGES) if (key, each) in shown)
    return found


def _was_published(at: datetime) -> ColumnElement[bool]:
    return TemplateVersion.published_at <= at
