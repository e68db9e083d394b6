"""Contact cards: what a described person becomes, and what a newer description changes on the card. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crm_link.matching import IdentityKey, Probe
from crm_link.normalisation import (
    normalise_email,
    normalise_kana,
    normalise_name,
    normalise_phone,
    normalise_postal_code,
)
from crm_link.records import PersonIn

GIVEN: Final = (
    "name",
    "kana",
    "company",
    "email",
    "phone",
    "country",
    "postal_code",
    "region",
    "address1",
    "address2",
)
NORMAL: Final = ("email_norm", "phone_e164", "name_norm", "kana_norm", "postal_norm")


@dataclass(frozen=True)
class Card:
    """One person's values in the columns of `contacts`, and how they are to be found."""

    identity: IdentityKey
    values: Mapping[str, Any]
    known_at: datetime
    # The source itself said as of when; otherwise `known_at` is merely when we heard.
    dated: bool = False

    @property
    def probe(self) -> Probe:
        values = self.values
        return Probe(self.identity, values["email_norm"], values["phone_e164"], values["name_norm"])


def make_card(person: PersonIn, now: datetime) -> Card | None:
    """Return the card, or None for a person whom nothing could ever find again."""
    given = {name: _trim(getattr(person, name)) for name in GIVEN}
    country = given["country"] = (given["country"] or "JP").upper()
    normal = {
        "email_norm": normalise_email(given["email"]),
        "phone_e164": normalise_phone(given["phone"], country),
        "name_norm": normalise_name(given["name"]),
        "kana_norm": normalise_kana(given["kana"]),
        "postal_norm": normalise_postal_code(given["postal_code"], country),
    }
    identity = _identify(person, normal)
    dated = person.known_at is not None
    return Card(identity, given | normal, person.known_at or now, dated) if identity else None


def is_identifiable(person: PersonIn) -> bool:
    """Tell whether the person has an external id, or a usable e-mail address or telephone number."""
    return bool(
        _trim(person.external_id) or normalise_email(person.email) or normalise_phone(person.phone, person.country)
    )


def _identify(person: PersonIn, normal: Mapping[str, str | None]) -> IdentityKey | None:
    """Without an id of its system, a person is known there by address, or by number and name together."""
    if external_id := _trim(person.external_id):
        return person.source, external_id
    if normal["email_norm"]:
        return person.source, f"email:{normal['email_norm']}"
    if normal["phone_e164"]:
        return person.source, f"phone:{normal['phone_e164']}:{normal['name_norm'] or ''}"
    return None


def _trim(text: str | None) -> str | None:
    return (text or "").replace("\0", "").strip() or None


def merge_cards(cards: Iterable[Card]) -> dict[IdentityKey, Card]:
    """Return one card per identity: later descriptions win value by value, an absent value empties nothing."""
    merged: dict[IdentityKey, Card] = {}
    for card in sorted(cards, key=lambda card: card.known_at):
        before = merged.get(card.identity)
        merged[card.identity] = card if before is None else overlay(before, card)
    return merged


def overlay(before: Card, newer: Card) -> Card:
    values = {**before.values, **{name: value for name, value in newer.values.items() if value is not None}}
    return Card(before.identity, values, newer.known_at, newer.dated)
