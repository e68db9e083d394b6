"""Finds or creates the customers that described persons are, set by set, safely beside others who do the same.

Two transactions that would make the same customer collide on a unique key; the later one starts over and finds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.events import publish
from core.ids import new_id
from core.rowsets import pack_rows, rowset
from crm_link.cards import GIVEN, NORMAL, Card, make_card, merge_cards, overlay
from crm_link.errors import OvertakenError, UnidentifiablePersonError
from crm_link.events import CustomerChanged
from crm_link.kinds import KeyKind
from crm_link.living import lock_living
from crm_link.matching import IdentityKey, Known, PhoneOwner, Plan, plan_matches
from crm_link.records import CardState, PersonIn, ResolvedPerson

MAX_TRIES: Final = 5
CHUNK: Final = 10_000

_IDENTITIES = rowset("wanted", {"source": "text", "external_id": "text"})
_KEYS = rowset("wanted", {"kind": "text", "value": "text"})
_CARD_TYPES = dict.fromkeys((*GIVEN, *NORMAL), "text")
_CARDS = rowset(
    "cards", {"id": "uuid", "identity_id": "uuid", "customer_id": "uuid", "known_at": "timestamptz", **_CARD_TYPES}
)

FIND_IDENTITIES = text(
    f"""
    SELECT i.source, i.external_id, i.id, l.customer_id
      FROM {_IDENTITIES}
      JOIN source_identities i
        ON i.shop_id = :shop_id AND i.source = wanted.source AND i.external_id = wanted.external_id
      JOIN identity_links l ON l.shop_id = :shop_id AND l.identity_id = i.id AND l.valid_until IS NULL
    """
)
FIND_KEYS = text(
    f"""
    SELECT k.kind, k.value, k.customer_id, k.shared
      FROM {_KEYS}
      JOIN contact_keys k ON k.shop_id = :shop_id AND k.kind = wanted.kind AND k.value = wanted.value
    """
)
FIND_SPEAKING = text(
    """
    SELECT customer_id, email_norm, name_norm FROM contacts WHERE shop_id = :shop_id AND customer_id =
    ANY(:customer_ids)
    """
)
FIND_CARDS = text(
    f"""
    SELECT identity_id, known_at, {", ".join((*GIVEN, *NORMAL))}
      FROM contacts WHERE shop_id = :shop_id AND identity_id = ANY(:identity_ids)
    """
)
# Sorted, so that two transactions with the same keys wait for each other in one order.
ADD_KEYS = text(
    f"""
    INSERT INTO contact_keys (id, shop_id, kind, value, customer_id, shared)
    SELECT wanted.id, :shop_id, wanted.kind, wanted.value, wanted.customer_id, false
      FROM {rowset("wanted", {"id": "uuid", "kind": "text", "value": "text", "customer_id": "uuid"})}
     ORDER BY wanted.kind, wanted.value
    ON CONFLICT DO NOTHING RETURNING value
    """
)
ADD_IDENTITIES = text(
    f"""
    INSERT INTO source_identities (id, shop_id, source, external_id, created_at)
    SELECT wanted.id, :shop_id, wanted.source, wanted.external_id, :now
      FROM {rowset("wanted", {"id": "uuid", "source": "text", "external_id": "text"})}
     ORDER BY wanted.source, wanted.external_id
    ON CONFLICT DO NOTHING RETURNING id
    """
)
ADD_LINKS = text(
    f"""
    INSERT INTO identity_links (id, shop_id, identity_id, customer_id, valid_from, made_by, reason)
    SELECT wanted.id, :shop_id, wanted.identity_id, wanted.customer_id, :now, 'resolution', wanted.reason
      FROM {rowset("wanted", {"id": "uuid", "identity_id": "uuid", "customer_id": "uuid", "reason": "text"})}
    """
)
ADD_CUSTOMERS = text(
    """
    INSERT INTO customers (id, shop_id, created_at, updated_at, version)
    SELECT id, :shop_id, :now, :now, 1 FROM unnest(CAST(:ids AS uuid[])) AS id
    """
)
MARK_SHARED = text(
    """
    UPDATE contact_keys SET shared = true
     WHERE shop_id = :shop_id AND kind = 'phone' AND value = ANY(:values) AND NOT shared
    """
)
PUT_CARDS = text(
    f"""
    INSERT INTO contacts (id, shop_id, identity_id, customer_id, known_at, recorded_at, {", ".join(_CARD_TYPES)})
    SELECT cards.id, :shop_id, cards.identity_id, cards.customer_id, cards.known_at, :now,
           {", ".join(f"cards.{name}" for name in _CARD_TYPES)}
      FROM {_CARDS}
     ORDER BY cards.identity_id
    ON CONFLICT (shop_id, identity_id) DO UPDATE
       SET known_at = excluded.known_at, recorded_at = excluded.recorded_at,
           {", ".join(f"{name} = coalesce(excluded.{name}, contacts.{name})" for name in _CARD_TYPES)}
     WHERE contacts.known_at <= excluded.known_at
    """
)
TOUCH_CUSTOMERS = text(
    """
    UPDATE customers SET version = version + 1, updated_at = :now
     WHERE shop_id = :shop_id AND id = ANY(:customer_ids)
    """
)


@dataclass(frozen=True)
class _Identity:
    id: UUID
    customer_id: UUID


def resolve_persons(session: Session, shop_id: UUID, persons: Sequence[PersonIn]) -> list[ResolvedPerson]:
    """Find or create the customer of each person, and bring their cards up to date.

    Raises UnidentifiablePersonError with the position of a person who has no external id, e-mail address or number.
    Repeating it changes nothing. Publishes CustomerChanged for known customers whose card changed.
    """
    cards = [_require_card(person, position) for position, person in enumerate(persons)]
    resolved: list[ResolvedPerson] = []
    for start in range(0, len(cards), CHUNK):
        resolved.extend(_resolve_chunk(session, shop_id, cards[start : start + CHUNK]))
    changed = sorted({r.customer_id for r in resolved if r.card is CardState.CHANGED and not r.is_new})
    if changed:
        session.execute(TOUCH_CUSTOMERS, {"shop_id": shop_id, "customer_ids": changed, "now": clock.now()})
        publish(session, CustomerChanged(shop_id, tuple(changed)))
    return resolved


def _require_card(person: PersonIn, position: int) -> Card:
    card = make_card(person, clock.now())
    if card is None:
        raise UnidentifiablePersonError(position)
    return card


def _resolve_chunk(session: Session, shop_id: UUID, cards: Sequence[Card]) -> list[ResolvedPerson]:
    for _ in range(MAX_TRIES - 1):
        try:
            return _try_chunk(session, shop_id, cards)
        except OvertakenError:
            continue
    return _try_chunk(session, shop_id, cards)


def _try_chunk(session: Session, shop_id: UUID, cards: Sequence[Card]) -> list[ResolvedPerson]:
    identities = _find_identities(session, shop_id, {card.identity for card in cards})
    known = _find_known(session, shop_id, cards, identities)
    plan = plan_matches([card.probe for card in cards], known, new_id)
    existing = set(plan.customers) - set(plan.new_customers)
    if lock_living(session, shop_id, existing) != existing:
        raise OvertakenError  # One was erased or joined since we read its identities; read again.
    if plan.identities or plan.emails or plan.phones:
        with session.begin_nested():
            identities |= _add_planned(session, shop_id, plan)
    if plan.shared:
        session.execute(MARK_SHARED, {"shop_id": shop_id, "values": sorted(plan.shared)})
    states = _put_cards(session, shop_id, cards, identities)
    created = set(plan.new_customers)
    return [
        ResolvedPerson(
            identities[card.identity].customer_id,
            identities[card.identity].id,
            is_new=identities[card.identity].customer_id in created,
            card=states[card.identity],
        )
        for card in cards
    ]


def _find_identities(session: Session, shop_id: UUID, wanted: set[IdentityKey]) -> dict[IdentityKey, _Identity]:
    rows = pack_rows({"source": source, "external_id": external_id} for source, external_id in wanted)
    found = session.execute(FIND_IDENTITIES, {"shop_id": shop_id, "wanted": rows})
    return {(source, ext): _Identity(identity_id, customer_id) for source, ext, identity_id, customer_id in found}


def _find_known(
    session: Session, shop_id: UUID, cards: Sequence[Card], identities: Mapping[IdentityKey, _Identity]
) -> Known:
    """Read who owns the addresses and numbers of these cards, and what speaks for or against the numbers' owners."""
    emails = {card.values["email_norm"] for card in cards} - {None}
    phones = {card.values["phone_e164"] for card in cards} - {None}
    wanted = [{"kind": KeyKind.EMAIL, "value": value} for value in emails]
    wanted += [{"kind": KeyKind.PHONE, "value": value} for value in phones]
    owners: dict[str, dict[str, Any]] = {KeyKind.EMAIL: {}, KeyKind.PHONE: {}}
    for kind, value, customer_id, shared in session.execute(
        FIND_KEYS, {"shop_id": shop_id, "wanted": pack_rows(wanted)}
    ):
        owners[kind][value] = (customer_id, shared)
    speaking = _find_speaking(session, shop_id, {customer_id for customer_id, _ in owners[KeyKind.PHONE].values()})
    return Known(
        {key: identity.customer_id for key, identity in identities.items()},
        {value: customer_id for value, (customer_id, _) in owners[KeyKind.EMAIL].items()},
        {
            value: PhoneOwner(customer_id, shared, *speaking.get(customer_id, (frozenset(), frozenset())))
            for value, (customer_id, shared) in owners[KeyKind.PHONE].items()
        },
    )


def _find_speaking(
    session: Session, shop_id: UUID, customer_ids: set[UUID]
) -> dict[UUID, tuple[frozenset[str], frozenset[str]]]:
    if not customer_ids:
        return {}
    emails: dict[UUID, set[str]] = {customer_id: set() for customer_id in customer_ids}
    names: dict[UUID, set[str]] = {customer_id: set() for customer_id in customer_ids}
    rows = session.execute(FIND_SPEAKING, {"shop_id": shop_id, "customer_ids": list(customer_ids)})
    for customer_id, email, name in rows:
        emails[customer_id] |= {email} - {None}
        names[customer_id] |= {name} - {None}
    return {
        customer_id: (frozenset(emails[customer_id]), frozenset(names[customer_id])) for customer_id in customer_ids
    }


def _add_planned(session: Session, shop_id: UUID, plan: Plan) -> dict[IdentityKey, _Identity]:
    """Insert what the plan makes; raises OvertakenError when another transaction was first with any of it."""
    now = clock.now()
    session.execute(ADD_CUSTOMERS, {"shop_id": shop_id, "ids": plan.new_customers, "now": now})
    keys = [
        {"id": new_id(), "kind": kind, "value": value, "customer_id": owner}
        for kind, owners in ((KeyKind.EMAIL, plan.emails), (KeyKind.PHONE, plan.phones))
        for value, owner in owners.items()
    ]
    added = {key: _Identity(new_id(), owner) for key, owner in plan.identities.items()}
    rows = [{"id": identity.id, "source": source, "external_id": ext} for (source, ext), identity in added.items()]
    for statement, wanted in ((ADD_KEYS, keys), (ADD_IDENTITIES, rows)):
        parameters = {"shop_id": shop_id, "now": now, "wanted": pack_rows(wanted)}
        if len(session.execute(statement, parameters).all()) != len(wanted):
            raise OvertakenError
    links = [
        {"id": new_id(), "identity_id": i.id, "customer_id": i.customer_id, "reason": plan.reasons[key]}
        for key, i in added.items()
    ]
    session.execute(ADD_LINKS, {"shop_id": shop_id, "now": now, "wanted": pack_rows(links)})
    return added


def _put_cards(
    session: Session, shop_id: UUID, cards: Sequence[Card], identities: Mapping[IdentityKey, _Identity]
) -> dict[IdentityKey, CardState]:
    """Write the cards that say something new, and tell for each identity whether its card is new, changed or the
    same."""
    merged = merge_cards(cards)
    stored = _find_cards(session, shop_id, {identities[key].id: key for key in merged})
    states, written = {}, []
    for key, card in merged.items():
        before = stored.get(key)
        states[key] = _compare_cards(before, card)
        # The same card, confirmed by its source at a later moment, outdoes what was said in between.
        confirmed = before is not None and card.dated and before.known_at < card.known_at
        if states[key] is not CardState.SAME or confirmed:
            written.append({**card.values, "known_at": card.known_at, "id": new_id(), **_refer(identities[key])})
    if written:
        session.execute(PUT_CARDS, {"shop_id": shop_id, "now": clock.now(), "cards": pack_rows(written)})
    return states


def _refer(identity: _Identity) -> dict[str, UUID]:
    return {"identity_id": identity.id, "customer_id": identity.customer_id}


def _find_cards(session: Session, shop_id: UUID, keys: Mapping[UUID, IdentityKey]) -> dict[IdentityKey, Card]:
    rows = session.execute(FIND_CARDS, {"shop_id": shop_id, "identity_ids": list(keys)})
    return {
        keys[identity_id]: Card(keys[identity_id], dict(zip((*GIVEN, *NORMAL), values, strict=True)), known_at)
        for identity_id, known_at, *values in rows
    }


def _compare_cards(before: Card | None, card: Card) -> CardState:
    if before is None:
        return CardState.NEW
    if card.known_at < before.known_at or overlay(before, card).values == before.values:
        return CardState.SAME
    return CardState.CHANGED
