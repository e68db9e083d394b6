"""Wishes that Japanese shop apps write into Shopify's note attributes: delivery date and slot, wrapping, のし, message.

Pure.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from orders.channels.shopify.settings import (
    DESIRED_ON,
    DESIRED_SLOT,
    GIFT_MESSAGE,
    GIFT_NOSHI,
    GIFT_NOSHI_NAME,
    GIFT_WRAPPING,
    SUBSCRIPTION_CYCLE,
    SUBSCRIPTION_ID,
)
from orders.normalised import GiftWishes
from orders.reading import Reader


def read_wishes(data: Reader) -> dict[str, Any]:
    """Every note attribute is kept as it is; those we know are read as well.

    A date we cannot read stays an attribute.
    """
    pairs = ((entry.text("name"), entry.text("value", limit=5000)) for entry in data.items("note_attributes"))
    attributes = {name: value for name, value in pairs if name and value}
    gift = GiftWishes(
        wrapping=_find(attributes, GIFT_WRAPPING),
        noshi=_find(attributes, GIFT_NOSHI),
        noshi_name=_find(attributes, GIFT_NOSHI_NAME),
        message=_find(attributes, GIFT_MESSAGE),
    )
    return {
        "attributes": attributes,
        "desired_on": _read_day(_find(attributes, DESIRED_ON)),
        "desired_slot": _find(attributes, DESIRED_SLOT),
        "subscription_id": _find(attributes, SUBSCRIPTION_ID),
        "subscription_cycle": _read_cycle(_find(attributes, SUBSCRIPTION_CYCLE)),
        "gift": gift if gift != GiftWishes() else None,
    }


def _find(attributes: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((attributes[name] for name in names if name in attributes), None)


def _read_cycle(text: str | None) -> int | None:
    number = text.strip().removesuffix("回目").removesuffix("回") if text else ""
    return int(number) if number.isdecimal() and int(number) > 0 else None


def _read_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10].replace("/", "-")) if text else None
    except ValueError:
        return None
