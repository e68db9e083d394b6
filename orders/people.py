"""Who the roles of an order are, as customers: asked of crm_link once for a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from crm_link.cards import is_identifiable
from crm_link.records import PersonIn
from crm_link.service import resolve_customers
from orders.contacts import fold, has_identity, is_same_person
from orders.folding import OrderRef, Snapshot
from orders.layout import People
from orders.models import OrderContact
from orders.normalised import Contact, NormalisedOrder

_Seat = tuple[OrderRef, str]
# Malls forward mail by addresses made for one order: they name nobody.
_RELAYS: Final = (".rakuten.ne.jp", "@marketplace.amazon.co.jp", "@marketplace.amazon.com")


def resolve_people(session: Session, shop_id: UUID, snapshots: Mapping[OrderRef, Snapshot]) -> dict[OrderRef, People]:
    """Return the customers of each order. A contact that nothing but its name tells stays without one."""
    wanted: dict[_Seat, PersonIn] = {}
    for ref, snapshot in snapshots.items():
        for role, contact in _list_seats(snapshot.order):
            person = make_person(snapshot.order.source, contact, snapshot.order.source_updated_at)
            if is_identifiable(person):
                wanted[ref, role] = person
    found = dict(zip(wanted, resolve_customers(session, shop_id, list(wanted.values())), strict=True))
    return {ref: _seat_people(ref, snapshot.order, found) for ref, snapshot in snapshots.items()}


def _list_seats(order: NormalisedOrder) -> Sequence[tuple[str, Contact]]:
    """List the contacts to be asked for: the buyer, and others only by an identity that is not the buyer's.

    A gift often bears the buyer's telephone number or e-mail beside the recipient's name; that finds the wrong person.
    """
    seats = []
    if order.buyer is not None and has_identity(order.buyer):
        seats.append(("buyer", order.buyer))
    for role, contact in (("recipient", order.recipient), ("sender", order.sender)):
        if contact is not None and not _is_buyer(order, contact) and has_identity(contact):
            own = _without_buyers(order.buyer, contact)
            if has_identity(own):
                seats.append((role, own))
    return seats


def _is_buyer(order: NormalisedOrder, contact: Contact) -> bool:
    return order.buyer is not None and is_same_person(order.buyer, contact)


def _without_buyers(buyer: Contact | None, contact: Contact) -> Contact:
    if buyer is None:
        return contact
    shared = {fold(buyer.phone), fold(buyer.email), fold(buyer.external_id)}
    values = {name: getattr(contact, name) for name in Contact.__slots__}
    for name in ("external_id", "phone", "email"):
        if fold(values[name]) in shared:
            values[name] = None
    return Contact(**values)


def make_person(source: str, contact: Contact | OrderContact, known_at: datetime) -> PersonIn:
    """Return a contact of an order, told or kept, as `crm_link` is asked for it."""
    return PersonIn(
        source=source,
        external_id=contact.external_id,
        name=contact.name,
        kana=contact.name_kana,
        company=contact.company,
        email=None if (contact.email or "").casefold().endswith(_RELAYS) else contact.email,
        phone=contact.phone,
        country=contact.country or "JP",
        postal_code=contact.postal_code,
        region=contact.region,
        address1="".join(filter(None, (contact.city, contact.address1))) or None,
        address2=contact.address2,
        known_at=known_at,
    )


def _seat_people(ref: OrderRef, order: NormalisedOrder, found: Mapping[_Seat, UUID]) -> People:
    buyer = found.get((ref, "buyer"))

    def find(role: str, contact: Contact | None) -> UUID | None:
        if contact is None:
            return None
        return buyer if _is_buyer(order, contact) else found.get((ref, role))

    return People(buyer, find("recipient", order.recipient), find("sender", order.sender))
