"""What a shop's papers say of it, and how it invoices: one form, checked, kept in the shop's profile."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.service import record
from core.errors import NotFoundError
from core.tenancy import Shop
from fulfillment.invoicing.settings import check_profile

# In the order in which they are asked; those in both languages have a twin that ends in `_en`.
SPOKEN: Final = ("tagline", "address", "signature", "contents")
PLAIN: Final = ("postal_code", "phone", "email", "url")
INVOICING: Final = ("registration_number", "invoice_form", "invoice_scope", "tax_rounding")
FIELDS: Final = (*(name for each in SPOKEN for name in (each, f"{each}_en")), *PLAIN, *INVOICING)


def save_profile(session: Session, shop_id: UUID, values: Mapping[str, str]) -> None:
    """Keep what was entered; other settings in the profile stay. Raises InvalidInputError naming the field."""
    checked = check_profile({name: values.get(name, "") for name in FIELDS})
    # Others write into the same profile: locked, so that nobody's setting is lost.
    shop = session.get(Shop, shop_id, with_for_update=True, populate_existing=True)
    if shop is None:
        raise NotFoundError("There is no such shop.", shop_id=str(shop_id))
    changed = sorted(name for name, value in checked.items() if (shop.profile.get(name) or "") != value)
    if not changed:
        return
    shop.profile = {**shop.profile, **checked}
    record(session, "fulfillment:profile:save", shop_id=shop_id, subject_id=shop_id, details={"fields": changed})
