"""What a customer's page shows in words: one contact for each that differs, products by their names."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from crm_link.models import Contact
from orders.catalogue.queries import find_products_by_code, load_products
from warehouse_ui.i18n import get_language

_TOLD = ("company", "phone_e164", "email_norm", "postal_norm", "region", "address1", "address2")


def drop_repeated_cards(cards: Sequence[Contact]) -> list[Contact]:
    """Return the cards that say something the newer ones above them do not; several systems often say the same."""
    kept: list[Contact] = []
    for card in cards:
        told = {name: getattr(card, name) for name in _TOLD if getattr(card, name)}
        if told and not any(all(getattr(other, name) == value for name, value in told.items()) for other in kept):
            kept.append(card)
    return kept


def name_goods(session: Session, shop_id: UUID, skus: Collection[str]) -> dict[str, str]:
    """Return the names of products by the SKUs that touchpoints hold; unknown ones are left out."""
    found = find_products_by_code(session, shop_id, skus)
    products = load_products(session, shop_id, set(found.values()))
    english = get_language() == "en"
    return {
        sku: (products[id_].name_en if english else None) or products[id_].name
        for sku, id_ in found.items()
        if id_ in products
    }
