"""Whether two contacts are the same person, and whether a parcel can reach one. Pure."""

import re
import unicodedata

from orders.normalised import Contact

_SPACES = re.compile(r"\s+")
_DASHES = re.compile(r"[-‐‑‒–—―ー−ｰ－]")
_HONORIFIC = re.compile(r"(様|さま|御中|殿)$")


def fold(text: str | None) -> str:
    """Return text for comparing: NFKC, lower case, no spaces, one kind of dash."""
    folded = unicodedata.normalize("NFKC", text or "").casefold()
    return _DASHES.sub("-", _SPACES.sub("", folded))


def _fold_name(contact: Contact) -> str:
    return _HONORIFIC.sub("", fold(contact.name))


def _fold_address(contact: Contact) -> str:
    parts = (contact.region, contact.city, contact.address1, contact.address2)
    return "".join(fold(part) for part in parts)


def is_same_person(one: Contact, other: Contact) -> bool:
    """True for one name, or, where a name is missing, one address.

    An equal phone or e-mail alone proves nothing in a gift.
    """
    if one.name and other.name:
        return _fold_name(one) == _fold_name(other)
    return _fold_address(one) == _fold_address(other)


def is_empty(contact: Contact | None) -> bool:
    return contact is None or all(getattr(contact, name) is None for name in Contact.__slots__)


def has_identity(contact: Contact | None) -> bool:
    """True when something other than a name says who this is."""
    return contact is not None and bool(contact.external_id or contact.email or contact.phone)


def list_address_gaps(contact: Contact) -> list[str]:
    """Return the fields without which no carrier delivers."""
    gaps = [name for name in ("name", "address1") if not getattr(contact, name)]
    if not contact.name and contact.company:
        gaps.remove("name")
    if not contact.address1 and contact.city and contact.address2:
        gaps.remove("address1")
    if (contact.country or "JP") == "JP" and len(re.sub(r"\D", "", fold(contact.postal_code))) != 7:
        gaps.append("postal_code")
    return gaps
