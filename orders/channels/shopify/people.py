"""Shopify's customer and addresses → buyer and recipient. Pure."""

from typing import Any

from orders.contacts import is_empty
from orders.normalised import Contact
from orders.reading import Reader


def read_people(data: Reader) -> dict[str, Any]:
    """A guest has no customer; goods that are picked up or downloaded have no shipping address."""
    customer, billing = data.inside("customer"), data.inside("billing_address")
    shipping = data.inside("shipping_address")
    recipient = _read_address(shipping) if shipping else None
    buyer_address = billing or (customer.inside("default_address") if customer else None)
    address = (_read_address(buyer_address) if buyer_address else None) or Contact()
    buyer = Contact(
        external_id=customer.text("id") if customer else None,
        name=address.name or (_read_name(customer) if customer else None) or (recipient.name if recipient else None),
        company=address.company,
        postal_code=address.postal_code,
        country=address.country,
        region=address.region,
        city=address.city,
        address1=address.address1,
        address2=address.address2,
        phone=data.text("phone", limit=40) or (customer.text("phone", limit=40) if customer else None) or address.phone,
        email=_read_email(data, customer),
    )
    return {"buyer": None if is_empty(buyer) else buyer, "recipient": recipient}


def _read_email(data: Reader, customer: Reader | None) -> str | None:
    own = data.text("email", limit=320) or data.text("contact_email", limit=320)
    return own or (customer.text("email", limit=320) if customer else None)


def _read_name(person: Reader) -> str | None:
    """Family name first where the country, or the script of the name, is Japanese."""
    first, last = person.text("first_name", limit=100), person.text("last_name", limit=100)
    if not first or not last:
        return first or last or person.text("name", limit=200)
    family_first = person.text("country_code", limit=2) == "JP" or not (first + last).isascii()
    return f"{last} {first}" if family_first else f"{first} {last}"


def _read_address(address: Reader) -> Contact | None:
    contact = Contact(
        name=_read_name(address),
        company=address.text("company", limit=200),
        postal_code=address.text("zip", limit=20),
        country=address.text("country_code", limit=2),
        region=address.text("province", limit=100),
        city=address.text("city", limit=200),
        address1=address.text("address1", limit=300),
        address2=address.text("address2", limit=300),
        phone=address.text("phone", limit=40),
    )
    return None if is_empty(contact) else contact
