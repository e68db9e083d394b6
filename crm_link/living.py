"""Which customers data may still be written for: neither erased nor joined into another.

Writers take a share of the customer's row; erasing and joining take it whole. So nothing is written behind their back.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_link.errors import CustomerErasedError, CustomerNotFoundError

LOCK_SHARED = text(
    """
    SELECT id FROM customers
     WHERE shop_id = :shop_id AND id = ANY(:ids) AND erased_at IS NULL AND joined_into_id IS NULL
     ORDER BY id FOR KEY SHARE
    """
)
FOLLOW_JOINS = text(
    """
    WITH RECURSIVE followed(asked, id, next) AS (
        SELECT id, id, joined_into_id FROM customers WHERE shop_id = :shop_id AND id = ANY(:ids)
        UNION ALL
        SELECT followed.asked, c.id, c.joined_into_id
          FROM followed JOIN customers c ON c.shop_id = :shop_id AND c.id = followed.next
    )
    SELECT asked, id FROM followed WHERE next IS NULL
    """
)
LOCK_WHOLE = text(
    """
    SELECT id, erased_at, joined_into_id, key_id FROM customers
     WHERE shop_id = :shop_id AND id = ANY(:ids) ORDER BY id FOR UPDATE
    """
)


def lock_living(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> set[UUID]:
    """Return those that live, and keep them so until the end of the transaction."""
    if not customer_ids:
        return set()
    found = session.execute(LOCK_SHARED, {"shop_id": shop_id, "ids": list(customer_ids)})
    return set(found.scalars())


def follow_joins(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return for each customer the one that stands for it now: itself, or the one it was joined into."""
    if not customer_ids:
        return {}
    found = session.execute(FOLLOW_JOINS, {"shop_id": shop_id, "ids": list(customer_ids)})
    return {row.asked: row.id for row in found}


def lock_followed(session: Session, shop_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return for each customer the living one that stands for it, locked as by `lock_living`; erased ones are
    absent."""
    wanted = set(customer_ids)
    living = lock_living(session, shop_id, wanted)
    followed = {customer_id: customer_id for customer_id in living}
    if rest := wanted - living:
        current = follow_joins(session, shop_id, rest)
        still = lock_living(session, shop_id, set(current.values()))
        followed |= {asked: found for asked, found in current.items() if found in still}
    return followed


def require_living(session: Session, shop_id: UUID, customer_id: UUID) -> UUID:
    """Return the living customer that stands for this one; raises when there is none or it was erased."""
    followed = lock_followed(session, shop_id, [customer_id])
    if customer_id in followed:
        return followed[customer_id]
    if customer_id in follow_joins(session, shop_id, [customer_id]):
        raise CustomerErasedError(customer_id)
    raise CustomerNotFoundError(customer_id)
