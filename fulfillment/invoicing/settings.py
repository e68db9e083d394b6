"""How a shop invoices: what its profile says, read and checked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from core.errors import InvalidInputError
from documents.invoice_law import read_registration_number
from orders.money import Rounding


class InvoiceForm(StrEnum):
    """What the slip in a parcel is: a packing slip only, 適格請求書, or 適格簡易請求書 (retail)."""

    NONE = "none"
    QUALIFIED = "qualified"
    SIMPLIFIED = "simplified"


class InvoiceScope(StrEnum):
    """What one invoice is about: an order, or what one shipment holds of it."""

    ORDER = "order"
    SHIPMENT = "shipment"


@dataclass(frozen=True)
class InvoiceSettings:
    """`number` is T and thirteen digits, None while the shop has none."""

    form: InvoiceForm = InvoiceForm.NONE
    scope: InvoiceScope = InvoiceScope.ORDER
    rounding: Rounding = Rounding.FLOOR
    number: str | None = None

    @property
    def on_slips(self) -> bool:
        """Whether the slip in the parcel is the invoice."""
        return self.form is not InvoiceForm.NONE and self.number is not None


def read_settings(profile: Mapping[str, Any]) -> InvoiceSettings:
    """Return the settings of a profile; what is not set is at its default."""
    names = ("invoice_form", "invoice_scope", "tax_rounding", "registration_number")
    return _read(*(str(profile.get(name) or "") for name in names))


@lru_cache(maxsize=256)
def _read(form: str, scope: str, rounding: str, number: str) -> InvoiceSettings:
    return InvoiceSettings(
        form=InvoiceForm(form or InvoiceForm.NONE),
        scope=InvoiceScope(scope or InvoiceScope.ORDER),
        rounding=Rounding(rounding or Rounding.FLOOR),
        number=read_registration_number(number),
    )


def check_profile(values: Mapping[str, str]) -> dict[str, str]:
    """Return what a person entered as the profile keeps it; raises InvalidInputError naming the field."""
    entered = {name: value.strip() for name, value in values.items()}
    written = entered.get("registration_number", "")
    number = read_registration_number(written)
    if written and number is None:
        raise InvalidInputError(
            "A registration number is T and 13 digits.", field="registration_number", code="registration_number"
        )
    for name, allowed in (("invoice_form", InvoiceForm), ("invoice_scope", InvoiceScope), ("tax_rounding", Rounding)):
        if entered.get(name, "") not in {"", *(choice.value for choice in allowed)}:
            raise InvalidInputError("There is no such choice.", field=name)
    if entered.get("invoice_form") in (InvoiceForm.QUALIFIED, InvoiceForm.SIMPLIFIED) and number is None:
        raise InvalidInputError("An invoice needs the registration number.", field="registration_number")
    return entered | {"registration_number": number or ""}
