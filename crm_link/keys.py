"""The key that seals one customer's personal values; made when first needed, destroyed when the customer is erased."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from core.sealing import destroy_keys, new_keys
from crm_link.errors import CustomerErasedError, CustomerNotFoundError

FIND_KEYS = text(
    """
    SELECT id, key_id, erased_at IS NOT NULL FROM customers WHERE shop_id = :shop_id AND id = ANY(:ids) ORDER BY id
    """
)
CLAIM = text(
    f"""
    UPDATE customers c SET key_id = wanted.key_id
      FROM {rowset("wanted", {"id": "uuid", "key_id": "uuid"})}
     WHERE c.shop_id = :shop_id AND c.id = wanted.id AND c.key_id IS NULL AND c.erased_at IS NULL
    RETURNING c.id, c.key_id
    """
)


def get_customer_key(session: Session, shop_id: UUID, customer_id: UUID) -> UUID:
    """Return the id of the customer's key, made now if there is none. Raises CustomerErasedError after erasure."""
    keys = get_customer_keys(session, shop_id, [customer_id])
    if customer_id not in keys:
        raise CustomerErasedError(customer_id)
    return keys[customer_id]


def get_customer_keys(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return customer → key id; erased customers are absent. Of two who make one at once, both get the first."""
    wanted = set(customer_ids)
    found, missing = _find_keys(session, shop_id, wanted)
    if not missing:
        return found
    drawn = dict(zip(missing, new_keys(session, shop_id, len(missing)), strict=True))
    rows = pack_rows({"id": customer_id, "key_id": key_id} for customer_id, key_id in drawn.items())
    claimed = {row.id: row.key_id for row in session.execute(CLAIM, {"shop_id": shop_id, "wanted": rows})}
    if lost := [drawn[customer_id] for customer_id in missing if customer_id not in claimed]:
        destroy_keys(session, lost)
        found, _ = _find_keys(session, shop_id, wanted)
    return found | claimed


def _find_keys(session: Session, shop_id: UUID, wanted: set[UUID]) -> tuple[dict[UUID, UUID], list[UUID]]:
    """Return the keys there are, and the living customers without one."""
    rows = session.execute(FIND_KEYS, {"shop_id": shop_id, "ids": list(wanted)}).all()
    if absent := wanted - {customer_id for customer_id, _, _ in rows}:
        raise CustomerNotFoundError(min(absent))
    living = [(customer_id, key_id) for customer_id, key_id, erased in rows if not erased]
    return {c: key_id for c, key_id in living if key_id}, [c for c, key_id in living if not key_id]
