"""Whom a described person may be, without making or changing anybody: for lists that a person has to judge first."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import clock
from core.db import is_among
from core.ids import new_id
from core.rowsets import pack_rows, rowset
from crm_link.cards import Card, make_card
from crm_link.kinds import KeyKind
from crm_link.matching import IdentityKey
from crm_link.models import Contact
from crm_link.records import PersonIn
from crm_link.resolution import ADD_IDENTITIES, ADD_LINKS, FIND_IDENTITIES, FIND_KEYS

ADDRESS: Final = ("company", "postal_code", "region", "address1", "address2", "phone", "email")

FIND_LOOK_ALIKES = text(
    f"""
    SELECT DISTINCT wanted.position, c.customer_id
      FROM {rowset("wanted", {"position": "integer", "name": "text", "postal": "text"})}
      JOIN contacts c ON c.shop_id = :shop_id AND c.name_norm = wanted.name AND c.postal_norm = wanted.postal
     ORDER BY wanted.position, c.customer_id
    """
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Which customers the id, the e-mail address and the telephone number of one person find; `look_alikes` have the
    same name and postal code. A number that several persons share finds nobody.
    """

    name_key: str
    email: str | None = None
    phone: str | None = None
    by_id: UUID | None = None
    by_email: UUID | None = None
    by_phone: UUID | None = None
    look_alikes: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """What a customer is known by: every normalised name, and the latest name and address (fields of a contact)."""

    names: frozenset[str] = frozenset()
    name: str | None = None
    kana: str | None = None
    address: dict[str, str | None] = field(default_factory=dict)


def find_sightings(session: Session, shop_id: UUID, persons: Sequence[PersonIn]) -> list[Sighting]:
    """Return what each person's keys find, in three statements whatever their number; persons without any key too."""
    now = clock.now()
    cards = [make_card(person, now) for person in persons]
    identities = _find_identities(session, shop_id, {(p.source, p.external_id) for p in persons if p.external_id})
    owners = _find_owners(session, shop_id, [card for card in cards if card])
    alike = _find_look_alikes(session, shop_id, cards)
    found = []
    for position, (person, card) in enumerate(zip(persons, cards, strict=True)):
        if card is None:
            found.append(Sighting(""))
            continue
        email, phone = card.values["email_norm"], card.values["phone_e164"]
        found.append(
            Sighting(
                card.values["name_norm"] or "",
                email,
                phone,
                identities.get((person.source, person.external_id or "")),
                owners[KeyKind.EMAIL].get(email),
                owners[KeyKind.PHONE].get(phone),
                tuple(alike[position]),
            )
        )
    return found


def _find_identities(session: Session, shop_id: UUID, wanted: set[tuple[str, str]]) -> dict[IdentityKey, UUID]:
    rows = pack_rows({"source": source, "external_id": external_id} for source, external_id in sorted(wanted))
    found = session.execute(FIND_IDENTITIES, {"shop_id": shop_id, "wanted": rows})
    return {(source, external_id): customer_id for source, external_id, _, customer_id in found}


def _find_owners(session: Session, shop_id: UUID, cards: Sequence[Card]) -> dict[str, dict[str | None, UUID]]:
    columns = ((KeyKind.EMAIL, "email_norm"), (KeyKind.PHONE, "phone_e164"))
    wanted = [
        {"kind": kind, "value": value}
        for kind, column in columns
        for value in sorted({card.values[column] for card in cards} - {None})
    ]
    owners: dict[str, dict[str | None, UUID]] = {KeyKind.EMAIL: {}, KeyKind.PHONE: {}}
    for kind, value, customer_id, shared in session.execute(
        FIND_KEYS, {"shop_id": shop_id, "wanted": pack_rows(wanted)}
    ):
        if not shared:
            owners[kind][value] = customer_id
    return owners


def _find_look_alikes(session: Session, shop_id: UUID, cards: Sequence[Card | None]) -> dict[int, list[UUID]]:
    wanted = [
        {"position": position, "name": card.values["name_norm"], "postal": card.values["postal_norm"]}
        for position, card in enumerate(cards)
        if card and card.values["name_norm"] and card.values["postal_norm"]
    ]
    alike: dict[int, list[UUID]] = defaultdict(list)
    for position, customer_id in session.execute(FIND_LOOK_ALIKES, {"shop_id": shop_id, "wanted": pack_rows(wanted)}):
        alike[position].append(customer_id)
    return alike


def load_faces(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, Face]:
    """Return what these customers are known by; those without a card are absent."""
    columns = (Contact.customer_id, Contact.name_norm, Contact.name, Contact.kana)
    statement = (
        select(*columns, *(getattr(Contact, name) for name in ADDRESS))
        .where(Contact.shop_id == shop_id, is_among(Contact.customer_id, customer_ids))
        .order_by(Contact.known_at, Contact.id)
    )
    cards = defaultdict(list)
    for card in session.execute(statement) if customer_ids else ():
        cards[card.customer_id].append(card)
    return {customer_id: _make_face([dict(card._mapping) for card in told]) for customer_id, told in cards.items()}


def _make_face(cards: Sequence[dict[str, str | None]]) -> Face:
    """The latest card that has a thing says it; an address is taken whole."""
    named = next((card for card in reversed(cards) if card["name"]), {})
    located = next((card for card in reversed(cards) if card["address1"]), {})
    return Face(
        frozenset(name for card in cards if (name := card["name_norm"])),
        named.get("name"),
        named.get("kana"),
        {name: located[name] for name in ADDRESS if located.get(name)},
    )


def tie_identities(session: Session, shop_id: UUID, ties: Sequence[tuple[str, str, UUID]]) -> None:
    """Make (source, external id) name a known customer. Identities that exist keep whom they name."""
    now = clock.now()
    owners = {(source, external_id): customer_id for source, external_id, customer_id in ties}
    ids = {key: new_id() for key in owners}
    rows = [{"id": ids[key], "source": key[0], "external_id": key[1]} for key in owners]
    parameters = {"shop_id": shop_id, "now": now}
    added = set(session.execute(ADD_IDENTITIES, {**parameters, "wanted": pack_rows(rows)}).scalars())
    links = [
        {"id": new_id(), "identity_id": ids[key], "customer_id": customer_id, "reason": "list"}
        for key, customer_id in owners.items()
        if ids[key] in added
    ]
    session.execute(ADD_LINKS, {**parameters, "wanted": pack_rows(links)})
