"""What delivery services take on a day: the standard table, and over it what the shop entered with date and source."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_id
from orders.catalogue.models import DeliveryService, ServiceTerms
from orders.catalogue.queries import get_delivery_service, list_delivery_services
from orders.kinds import LetterClass

LIMITS: Final = ("max_thickness_mm", "max_weight_g", "max_size_mm", "max_length_mm", "max_width_mm")
LARGEST: Final = 10**6


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Millimetres and grams; None: no limit. `max_size_mm` is the sum of three sides; length is the longer side."""

    valid_from: date
    letter_class: LetterClass
    sealed_allowed: bool
    max_thickness_mm: int | None
    max_weight_g: int | None
    max_size_mm: int | None
    max_length_mm: int | None
    max_width_mm: int | None
    source: str


@dataclass(frozen=True, slots=True)
class ServiceOnDays:
    """A service and its terms, the earliest first; the first are those of the standard table."""

    service: DeliveryService
    terms: tuple[Terms, ...]

    def on(self, day: date) -> Terms:
        """Return the terms in force; before the first ones, the first."""
        return next((terms for terms in reversed(self.terms) if terms.valid_from <= day), self.terms[0])


class TermsNotFoundError(NotFoundError):
    code = "terms_not_found"

    def __init__(self, service_key: str, valid_from: date) -> None:
        super().__init__("The shop entered no such terms.", service=service_key, valid_from=valid_from.isoformat())


def load_services(session: Session, shop_id: UUID) -> dict[str, ServiceOnDays]:
    """Return every service of the shop by key, with what it takes from which day on."""
    entered: dict[str, list[Terms]] = {}
    rows = session.scalars(
        select(ServiceTerms).where(ServiceTerms.shop_id == shop_id).order_by(ServiceTerms.valid_from)
    )
    for row in rows:
        entered.setdefault(row.service_key, []).append(_read(row, row.valid_from, row.source))
    services = list_delivery_services(session, shop_id)
    return {service.key: ServiceOnDays(service, _merge(service, entered.get(service.key, []))) for service in services}


def _merge(service: DeliveryService, entered: list[Terms]) -> tuple[Terms, ...]:
    first = _read(service, service.valid_from or date.min, service.note or "")
    # What the shop entered for the very day, or before it, stands over the standard table.
    return (first, *entered)


def _read(row: DeliveryService | ServiceTerms, valid_from: date, source: str) -> Terms:
    return Terms(
        valid_from=valid_from,
        letter_class=row.letter_class,
        sealed_allowed=row.sealed_allowed,
        source=source,
        **{name: getattr(row, name) for name in LIMITS},
    )


def save_terms(session: Session, shop_id: UUID, service_key: str, terms: Terms) -> None:
    """Enter what a service takes from a day on; the same day again replaces it. Audited.

    Raises NotFoundError for an unknown service, InvalidInputError naming the field.
    """
    get_delivery_service(session, shop_id, service_key)
    _check(terms)
    values: dict[str, Any] = {name: getattr(terms, name) for name in (*LIMITS, "letter_class", "sealed_allowed")}
    values |= {"source": terms.source.strip(), "recorded_by": get_context().actor.id, "recorded_at": clock.now()}
    key = {"shop_id": shop_id, "service_key": service_key, "valid_from": terms.valid_from}
    session.execute(
        upsert(ServiceTerms)
        .values(id=new_id(), **key, **values)
        .on_conflict_do_update(index_elements=list(key), set_=values)
    )
    details = {"service": service_key, "valid_from": terms.valid_from.isoformat()}
    record(session, "orders:service_terms:saved", shop_id=shop_id, details=details)


def _check(terms: Terms) -> None:
    if not terms.source.strip():
        raise InvalidInputError("The source is missing.", field="source")
    for name in LIMITS:
        value = getattr(terms, name)
        if value is not None and not 0 < value <= LARGEST:
            raise InvalidInputError(f"Not within 1 to {LARGEST}.", field=name)
    if terms.sealed_allowed and terms.letter_class is not LetterClass.CORRESPONDENCE:
        raise InvalidInputError("Only a service for correspondence takes sealed letters.", field="sealed_allowed")


def remove_terms(session: Session, shop_id: UUID, service_key: str, valid_from: date) -> None:
    """Take back what the shop entered for that day. Raises TermsNotFoundError. Audited."""
    removed = session.execute(
        delete(ServiceTerms)
        .where(
            ServiceTerms.shop_id == shop_id,
            ServiceTerms.service_key == service_key,
            ServiceTerms.valid_from == valid_from,
        )
        .returning(ServiceTerms.id)
    ).one_or_none()
    if removed is None:
        raise TermsNotFoundError(service_key, valid_from)
    details = {"service": service_key, "valid_from": valid_from.isoformat()}
    record(session, "orders:service_terms:removed", shop_id=shop_id, details=details)
