"""The use cases of crm_link in one place. The caller owns the transaction; each may be repeated without harm."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from crm_link.care import end_care_flag, set_care_flag
from crm_link.erasure import erase_customer
from crm_link.joins import join_customers, separate_identity, undo_join
from crm_link.marks import record_consents, set_attributes, set_ranks, set_tags
from crm_link.queries import care_flags_of, purposes_of
from crm_link.records import PersonIn
from crm_link.resolution import resolve_persons
from crm_link.touchpoints import record_touchpoints

__all__ = [
    "care_flags_of",
    "end_care_flag",
    "erase_customer",
    "join_customers",
    "purposes_of",
    "record_consents",
    "record_touchpoints",
    "resolve_customers",
    "resolve_persons",
    "separate_identity",
    "set_attributes",
    "set_care_flag",
    "set_ranks",
    "set_tags",
    "undo_join",
]


def resolve_customers(session: Session, shop_id: UUID, persons: Sequence[PersonIn]) -> list[UUID]:
    """Find or create the customer of each person: external id, then e-mail, then telephone number; never by name."""
    return [person.customer_id for person in resolve_persons(session, shop_id, persons)]
