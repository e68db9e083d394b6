"""People of lists: as crm_link describes persons, as orders address them, as they are kept while they wait. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from crm_link.records import PersonIn
from crm_link.sightings import Face, Sighting
from orders.contacts import list_address_gaps
from orders.normalised import Contact

# The source under which every attendee is an identity of its customer: orders find the same person by it.
SOURCE: Final = "bulk_event"
SAID: Final = (
    "name",
    "kana",
    "company",
    "email",
    "phone",
    "postal_code",
    "region",
    "address1",
    "address2",
    "member_id",
    "ticket",
)
_PERSON: Final = SAID[:9]
_PLACE: Final = ("postal_code", "region", "address1", "address2")


def list_said(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row says of a person, without what it leaves empty."""
    return {name: str(values[name]) for name in SAID if values.get(name)}


def digest_row(session_id: UUID, said: Mapping[str, str], sighting: Sighting) -> bytes:
    """Return a digest of all that a row says: the same words again, in whatever list, are the same row."""
    told = [str(session_id), sighting.name_key, sighting.email, sighting.phone, *(said.get(name) for name in SAID)]
    return hashlib.sha256(orjson.dumps(told)).digest()


def describe_person(said: Mapping[str, str], country: str, source: str, external_id: str | None) -> PersonIn:
    told: dict[str, Any] = {name: said.get(name) for name in _PERSON}
    return PersonIn(source=source, external_id=external_id, country=country, **told)


def make_contact(said: Mapping[str, str], country: str, face: Face | None) -> dict[str, str]:
    """Return whom to address, in the fields of an order's contact: what the row says, the member's card for what it
    leaves out. An address is one or the other's, never a mixture.
    """
    card = face.address if face else {}
    place = said if said.get("address1") else card
    names = {"name": said.get("name") or (face.name if face else None), "name_kana": said.get("kana")}
    if face and not names["name_kana"] and names["name"] == face.name:
        names["name_kana"] = face.kana
    reach = {name: said.get(name) or card.get(name) for name in ("email", "phone")}
    company = said.get("company") if place is said else card.get("company")
    filled = {**names, "company": company, "country": country, **{name: place.get(name) for name in _PLACE}, **reach}
    return {name: value for name, value in filled.items() if value}


def list_gaps(contact: Mapping[str, str]) -> list[str]:
    """Return the fields without which no carrier delivers."""
    return list_address_gaps(Contact(**contact))
