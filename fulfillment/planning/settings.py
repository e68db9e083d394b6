"""The shop's own rule for merging: orders of one customer to one address, placed within so many hours."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.service import record
from core.errors import InvalidInputError
from core.tenancy import Shop, get_shop

KEY: Final = "merge_within_hours"
MOST_HOURS: Final = 168


def read_merge_hours(shop: Shop) -> float:
    """Return within how many hours the shop's orders are merged; 0: they are not."""
    hours = shop.profile.get(KEY)
    return float(hours) if isinstance(hours, int | float) and hours > 0 else 0


def set_merge_hours(session: Session, shop_id: UUID, hours: int) -> None:
    """Switch it on, or off with 0. It holds for orders that come from now on. Raises InvalidInputError."""
    if not 0 <= hours <= MOST_HOURS:
        raise InvalidInputError(f"The hours must be from 0 to {MOST_HOURS}.", field=KEY)
    shop = get_shop(session, shop_id)
    shop.profile = {**shop.profile, KEY: hours}
    record(session, "fulfillment:merging:set", shop_id=shop_id, subject_id=shop_id, details={"hours": hours})
