"""Named reads of landing pages: the papers that bear codes, and how often they were opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.models import DocumentTemplate
from documents.templates import Kind
from fulfillment.landing.models import VisitCount

# These stay in the warehouse or outside the box: no customer is asked to open them.
NOT_FOR_CUSTOMERS: Final = frozenset({Kind.LABEL, Kind.WAVE_COVER, Kind.PICKING_LIST})


@dataclass(frozen=True, slots=True)
class Paper:
    key: str
    name_ja: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Figures:
    visits: int
    known: int


def list_papers(session: Session, shop_id: UUID) -> Sequence[Paper]:
    """Return the shop's templates that reach customers, one for each key."""
    statement = (
        select(DocumentTemplate.key, func.min(DocumentTemplate.name_ja), func.min(DocumentTemplate.name_en))
        .where(DocumentTemplate.shop_id == shop_id, DocumentTemplate.kind.not_in(NOT_FOR_CUSTOMERS))
        .group_by(DocumentTemplate.key)
        .order_by(DocumentTemplate.key)
    )
    return [Paper(*row) for row in session.execute(statement)]


def list_figures(session: Session, shop_id: UUID, since: date) -> dict[str, Figures]:
    """Return visits by template from this day (of the shop) on."""
    statement = (
        select(VisitCount.template_key, func.sum(VisitCount.visits), func.sum(VisitCount.known))
        .where(VisitCount.shop_id == shop_id, VisitCount.day >= since)
        .group_by(VisitCount.template_key)
    )
    return {key: Figures(int(visits), int(known)) for key, visits, known in session.execute(statement)}
