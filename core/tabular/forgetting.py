"""Personal data that waits in uploads: forgotten when a person is erased, and when its time has passed."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# A rejected row that names the person, in the very words known of them.
FORGET = text(
    """
    UPDATE upload_rows SET cells = NULL
     WHERE shop_id = :shop_id AND state = 'rejected' AND cells && CAST(:values AS text[])
    """
)


def forget_values(session: Session, shop_id: UUID, values: Collection[str]) -> None:
    """Empty every rejected row that has one of these cells. Rows not yet stored are left: they are on their way in."""
    if values:
        session.execute(FORGET, {"shop_id": shop_id, "values": sorted(set(values))})
