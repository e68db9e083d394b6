"""Why a shipment is on hold, in words: codes and places of a paper that cannot be drawn as a sentence."""

from collections.abc import Mapping
from typing import Any

from documents.catalogue import load_slots
from documents.errors import DocumentError, Refusal
from warehouse_ui.i18n import get_language


def tell_hold(details: Mapping[str, Any]) -> str:
    """Return the details of a hold; what we have no sentence for is named as it is."""
    if details.get("code") in set(Refusal):
        error = DocumentError(
            Refusal(details["code"]), _name_slot(str(details.get("field", ""))), character=details.get("character", "")
        )
        # The note is not kept with the hold: sentences with one end in empty brackets.
        return error.message_in(get_language()).replace(" ()", "").replace("()", "")
    return " · ".join(f"{key}: {value}" for key, value in details.items() if value not in ("", None))


def _name_slot(field: str) -> str:
    slot, _, rest = field.partition("[")
    label = load_slots().get(slot, {}).get("label", {})
    name = str(label.get(get_language(), slot))
    return f"{name}[{rest}" if rest else name
