"""Named reads of customers: for screens, for decisions, for the telephone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from core import clock
from core.sealing import unseal
from crm_link.errors import CustomerNotFoundError
from crm_link.kinds import CareKind, ConsentState, Purpose, TouchpointKind, TouchpointState
from crm_link.living import follow_joins
from crm_link.models import CareFlag, Contact, Customer, CustomerJoin, IdentityLink, SourceIdentity, Touchpoint

PURPOSES = text(
    """
    SELECT DISTINCT ON (customer_id, purpose) customer_id, purpose, state FROM consents
     WHERE shop_id = :shop_id AND customer_id = ANY(:ids) AND known_at <= :at
     ORDER BY customer_id, purpose, occurred_at DESC, (state = 'denied') DESC, recorded_at DESC
    """
)
FLAGS = text(
    """
    SELECT id, customer_id, kind, subject, valid_from, source FROM care_flags
     WHERE shop_id = :shop_id AND customer_id = ANY(:ids)
       AND valid_from <= :at AND (valid_until IS NULL OR valid_until > :at)
     ORDER BY customer_id, valid_from, id
    """
)
TAGS = text(
    """
    SELECT customer_id, tag FROM (
        SELECT DISTINCT ON (customer_id, tag) customer_id, tag, present FROM tags
         WHERE shop_id = :shop_id AND customer_id = ANY(:ids) AND known_at <= :at
         ORDER BY customer_id, tag, known_at DESC, recorded_at DESC, id DESC
    ) latest WHERE present ORDER BY tag
    """
)
RANKS = text(
    """
    SELECT DISTINCT ON (customer_id, scheme) customer_id, scheme, rank FROM ranks
     WHERE shop_id = :shop_id AND customer_id = ANY(:ids) AND known_at <= :at
     ORDER BY customer_id, scheme, known_at DESC, recorded_at DESC, id DESC
    """
)
ATTRIBUTES = text(
    """
    SELECT DISTINCT ON (customer_id, name)
           customer_id, name, text_value, number_value, boolean_value, date_value FROM attributes
     WHERE shop_id = :shop_id AND customer_id = ANY(:ids) AND known_at <= :at
     ORDER BY customer_id, name, known_at DESC, recorded_at DESC, id DESC
    """
)
AttributeValue = str | bool | Decimal | date


@dataclass(frozen=True)
class ActiveFlag:
    id: UUID
    kind: CareKind
    subject: str | None
    valid_from: datetime
    source: str


@dataclass(frozen=True)
class Identity:
    """How one system calls the customer; `join_id` when a join or separation brought it."""

    id: UUID
    source: str
    external_id: str
    valid_from: datetime
    reason: str
    join_id: UUID | None


@dataclass(frozen=True)
class Profile:
    """All that is known of one customer as of now, but for the history."""

    customer: Customer
    cards: Sequence[Contact]
    identities: Sequence[Identity]
    joins: Sequence[CustomerJoin]
    purposes: dict[Purpose, ConsentState]
    flags: Sequence[ActiveFlag]
    tags: Sequence[str]
    ranks: dict[str, str]
    attributes: dict[str, AttributeValue]


def get_profile(session: Session, shop_id: UUID, customer_id: UUID) -> Profile:
    """Return the customer that stands for this id now (it may have been joined into another). Newest card first."""
    current = follow_joins(session, shop_id, [customer_id]).get(customer_id)
    if current is None:
        raise CustomerNotFoundError(customer_id)
    customer = session.execute(select(Customer).where(Customer.shop_id == shop_id, Customer.id == current)).scalar_one()
    cards = session.execute(
        select(Contact)
        .where(Contact.shop_id == shop_id, Contact.customer_id == current)
        .order_by(Contact.known_at.desc(), Contact.id)
    ).scalars()
    return Profile(
        customer,
        list(cards),
        list_identities(session, shop_id, current),
        list_joins(session, shop_id, current),
        purposes_of(session, shop_id, [current]).get(current, {}),
        care_flags_of(session, shop_id, [current]).get(current, []),
        tags_of(session, shop_id, [current]).get(current, []),
        ranks_of(session, shop_id, [current]).get(current, {}),
        attributes_of(session, shop_id, [current]).get(current, {}),
    )


def list_identities(session: Session, shop_id: UUID, customer_id: UUID) -> list[Identity]:
    rows = session.execute(
        select(
            SourceIdentity.id,
            SourceIdentity.source,
            SourceIdentity.external_id,
            IdentityLink.valid_from,
            IdentityLink.reason,
            IdentityLink.join_id,
        )
        .join(IdentityLink, IdentityLink.identity_id == SourceIdentity.id)
        .where(
            IdentityLink.shop_id == shop_id, IdentityLink.customer_id == customer_id, IdentityLink.valid_until.is_(None)
        )
        .order_by(IdentityLink.valid_from, SourceIdentity.id)
    )
    return [Identity(*row) for row in rows]


# Each next source is the first one after the last in the index: a shop has few, however many people they name.
LIST_SOURCES = text(
    """
    WITH RECURSIVE found AS (
        (SELECT source FROM source_identities WHERE shop_id = :shop_id ORDER BY source LIMIT 1)
        UNION ALL
        SELECT (SELECT i.source FROM source_identities i WHERE i.shop_id = :shop_id AND i.source > found.source
                 ORDER BY i.source LIMIT 1)
          FROM found WHERE found.source IS NOT NULL
    )
    SELECT source FROM found WHERE source IS NOT NULL
    """
)


def list_sources(session: Session, shop_id: UUID) -> list[str]:
    """Return the systems whose numbers this shop knows people by."""
    return list(session.scalars(LIST_SOURCES, {"shop_id": shop_id}))


def list_joins(session: Session, shop_id: UUID, customer_id: UUID) -> list[CustomerJoin]:
    """Return the joins and separations this customer took part in, newest first."""
    rows = session.execute(
        select(CustomerJoin)
        .where(
            CustomerJoin.shop_id == shop_id,
            (CustomerJoin.from_customer_id == customer_id) | (CustomerJoin.to_customer_id == customer_id),
        )
        .order_by(CustomerJoin.made_at.desc(), CustomerJoin.id.desc())
    )
    return list(rows.scalars())


def list_timeline(
    session: Session,
    shop_id: UUID,
    customer_id: UUID,
    *,
    before: tuple[datetime, UUID] | None = None,
    kinds: Collection[TouchpointKind] = (),
    limit: int = 50,
) -> list[Touchpoint]:
    """Return touchpoints in force or cancelled, newest first; `before` is (occurred_at, id) of the last one shown."""
    query = select(Touchpoint).where(
        Touchpoint.shop_id == shop_id,
        Touchpoint.customer_id == customer_id,
        Touchpoint.state != TouchpointState.SUPERSEDED,
    )
    if before is not None:
        query = query.where(tuple_(Touchpoint.occurred_at, Touchpoint.id) < tuple_(*before))
    if kinds:
        query = query.where(Touchpoint.kind.in_(kinds))
    newest_first = query.order_by(Touchpoint.occurred_at.desc(), Touchpoint.id.desc()).limit(limit)
    return list(session.execute(newest_first).scalars())


def _asked(shop_id: UUID, customer_ids: Collection[UUID], at: datetime | None) -> dict[str, Any]:
    return {"shop_id": shop_id, "ids": list(customer_ids), "at": at or clock.now()}


def purposes_of(
    session: Session, shop_id: UUID, customer_ids: Collection[UUID], at: datetime | None = None
) -> dict[UUID, dict[Purpose, ConsentState]]:
    """Return what each customer allows, as known at `at` (none: now). Every purpose is there; unsaid is UNKNOWN."""
    found = {customer_id: dict.fromkeys(Purpose, ConsentState.UNKNOWN) for customer_id in customer_ids}
    for customer_id, purpose, state in session.execute(PURPOSES, _asked(shop_id, customer_ids, at)):
        found[customer_id][Purpose(purpose)] = ConsentState(state)
    return found


def care_flags_of(
    session: Session, shop_id: UUID, customer_ids: Collection[UUID], at: datetime | None = None
) -> dict[UUID, list[ActiveFlag]]:
    """Return the flags in force; customers without any are absent. Notes stay sealed: `read_care_note`."""
    found: dict[UUID, list[ActiveFlag]] = {}
    for row in session.execute(FLAGS, _asked(shop_id, customer_ids, at)):
        flag = ActiveFlag(row.id, CareKind(row.kind), row.subject, row.valid_from, row.source)
        found.setdefault(row.customer_id, []).append(flag)
    return found


def read_care_note(session: Session, shop_id: UUID, flag_id: UUID) -> str | None:
    """Return the note of a flag; raises ErasedError when the customer was erased."""
    row = session.execute(
        select(CareFlag.note_sealed, Customer.key_id)
        .join(Customer, Customer.id == CareFlag.customer_id)
        .where(CareFlag.shop_id == shop_id, CareFlag.id == flag_id)
    ).one_or_none()
    if row is None or row.note_sealed is None or row.key_id is None:
        return None
    return unseal(session, row.key_id, row.note_sealed).decode()


def tags_of(
    session: Session, shop_id: UUID, customer_ids: Collection[UUID], at: datetime | None = None
) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for customer_id, tag in session.execute(TAGS, _asked(shop_id, customer_ids, at)):
        found.setdefault(customer_id, []).append(tag)
    return found


def ranks_of(
    session: Session, shop_id: UUID, customer_ids: Collection[UUID], at: datetime | None = None
) -> dict[UUID, dict[str, str]]:
    """Return scheme → rank in force for each customer that has any."""
    found: dict[UUID, dict[str, str]] = {}
    for customer_id, scheme, rank in session.execute(RANKS, _asked(shop_id, customer_ids, at)):
        if rank is not None:
            found.setdefault(customer_id, {})[scheme] = rank
    return found


def attributes_of(
    session: Session, shop_id: UUID, customer_ids: Collection[UUID], at: datetime | None = None
) -> dict[UUID, dict[str, AttributeValue]]:
    """Return name → typed value in force for each customer that has any."""
    found: dict[UUID, dict[str, AttributeValue]] = {}
    for customer_id, name, *typed in session.execute(ATTRIBUTES, _asked(shop_id, customer_ids, at)):
        values = [value for value in typed if value is not None]
        if values:
            found.setdefault(customer_id, {})[name] = values[0]
    return found
