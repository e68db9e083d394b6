"""Finding customers by what a person on the telephone says: equality and prefix ranges on normalised columns only."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, text, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm_link.models import Contact, IdentityLink, SourceIdentity
from crm_link.normalisation import (
    fold_text,
    normalise_kana,
    normalise_name,
    normalise_phone,
    normalise_postal_code,
)

# The highest code point: no text with the prefix sorts after prefix + this.
_LAST: Final = "\U0010ffff"
_NUMBERISH: Final = re.compile(r"[+0-9()\- ]+")
_KANA: Final = re.compile(r"[ぁ-ゖァ-ヺー]+")
CARDS = text(
    """
    SELECT DISTINCT ON (customer_id) customer_id, name, kana, company, email, phone, postal_code, region, address1,
    address2
      FROM contacts WHERE shop_id = :shop_id AND customer_id = ANY(:ids)
     ORDER BY customer_id, known_at DESC, id
    """
)
PAGE: Final = 50
NEWEST = text(
    """
    SELECT id FROM customers
     WHERE shop_id = :shop_id AND id < coalesce(:before, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
       AND erased_at IS NULL AND joined_into_id IS NULL
     ORDER BY shop_id DESC, id DESC LIMIT :limit
    """
)

LOOKALIKES = text(
    """
    SELECT DISTINCT o.customer_id FROM contacts c
      JOIN contacts o ON o.shop_id = :shop_id AND o.customer_id <> c.customer_id
                     AND (o.phone_e164 = c.phone_e164 OR o.email_norm = c.email_norm)
     WHERE c.shop_id = :shop_id AND c.customer_id = :customer_id LIMIT :limit
    """
)


@dataclass(frozen=True)
class CustomerRow:
    """A customer in a list, with the newest card."""

    customer_id: UUID
    name: str | None = None
    kana: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    postal_code: str | None = None
    region: str | None = None
    address1: str | None = None
    address2: str | None = None


@dataclass(frozen=True)
class CustomerPage:
    """`after` asks for the next page; none: this is the last."""

    rows: list[CustomerRow]
    after: tuple[str, UUID] | None = None


def list_newest(session: Session, shop_id: UUID, *, before: UUID | None = None, limit: int = PAGE) -> list[CustomerRow]:
    """Return the customers made last; `before` is the last one shown."""
    ids = session.execute(NEWEST, {"shop_id": shop_id, "before": before, "limit": limit}).scalars().all()
    cards = cards_of(session, shop_id, ids)
    return [cards.get(customer_id, CustomerRow(customer_id)) for customer_id in ids]


def search_customers(
    session: Session, shop_id: UUID, query: str, *, after: tuple[str, UUID] | None = None, limit: int = PAGE
) -> CustomerPage:
    """Find by e-mail, telephone or postal number, external id, name or reading; names and addresses by their
    beginning."""
    column = _choose_column(query)
    if column is None:
        return CustomerPage(_find_exactly(session, shop_id, query, limit))
    start = _normalise(query, column)
    conditions: list[ColumnElement[bool]] = [Contact.shop_id == shop_id, column >= start, column < start + _LAST]
    if after is not None:
        conditions.append(tuple_(column, Contact.id) > tuple_(*after))
    found = session.execute(
        select(column, Contact.id, Contact.customer_id).where(*conditions).order_by(column, Contact.id).limit(limit)
    ).all()
    following = (str(found[-1][0]), found[-1][1]) if len(found) == limit else None
    exact = _find_by_external_id(session, shop_id, query) if after is None else []
    ids = list(dict.fromkeys([*exact, *(customer_id for _, _, customer_id in found)]))
    cards = cards_of(session, shop_id, ids)
    return CustomerPage([cards.get(customer_id, CustomerRow(customer_id)) for customer_id in ids], following)


def list_customers(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> list[CustomerRow]:
    """Return these customers with their newest cards, in the order given."""
    cards = cards_of(session, shop_id, customer_ids)
    return [cards.get(customer_id, CustomerRow(customer_id)) for customer_id in customer_ids]


def _choose_column(query: str) -> InstrumentedAttribute[str | None] | None:
    """Return the column that a prefix search goes to; None for numbers, which are looked up whole."""
    folded = fold_text(query)
    if _NUMBERISH.fullmatch(folded):
        return None
    if "@" in folded:
        return Contact.email_norm
    return Contact.kana_norm if _KANA.fullmatch(folded.replace(" ", "")) else Contact.name_norm


def _normalise(query: str, column: InstrumentedAttribute[str | None]) -> str:
    if column is Contact.email_norm:
        return fold_text(query).lower()
    normalised = normalise_kana(query) if column is Contact.kana_norm else normalise_name(query)
    return normalised or _LAST


def _find_exactly(session: Session, shop_id: UUID, query: str, limit: int) -> list[CustomerRow]:
    phone, postal = normalise_phone(query), normalise_postal_code(query)
    wanted = [
        *([Contact.phone_e164 == phone] if phone else []),
        *([Contact.postal_norm == postal] if postal else []),
    ]
    ids = _find_by_external_id(session, shop_id, query)
    if wanted:
        matching = select(Contact.customer_id).where(and_(Contact.shop_id == shop_id, or_(*wanted))).limit(limit)
        ids += session.execute(matching).scalars().all()
    cards = cards_of(session, shop_id, ids)
    return [cards.get(customer_id, CustomerRow(customer_id)) for customer_id in dict.fromkeys(ids)]


def _find_by_external_id(session: Session, shop_id: UUID, query: str) -> list[UUID]:
    rows = session.execute(
        select(IdentityLink.customer_id)
        .join(SourceIdentity, SourceIdentity.id == IdentityLink.identity_id)
        .where(
            SourceIdentity.shop_id == shop_id,
            SourceIdentity.external_id == fold_text(query),
            IdentityLink.shop_id == shop_id,
            IdentityLink.valid_until.is_(None),
        )
    )
    return list(rows.scalars())


def find_lookalikes(session: Session, shop_id: UUID, customer_id: UUID, *, limit: int = 20) -> list[CustomerRow]:
    """Return other customers with the same address or number: perhaps the same person, for somebody to judge and
    join."""
    asked = {"shop_id": shop_id, "customer_id": customer_id, "limit": limit}
    ids = session.execute(LOOKALIKES, asked).scalars().all()
    cards = cards_of(session, shop_id, ids)
    return [cards[found] for found in sorted(ids)]


def cards_of(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, CustomerRow]:
    """Return the newest card of each customer that has one."""
    rows = session.execute(CARDS, {"shop_id": shop_id, "ids": list(customer_ids)})
    return {row.customer_id: CustomerRow(*row) for row in rows}
