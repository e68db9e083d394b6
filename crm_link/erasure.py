"""Erases a customer: the key is destroyed, every personal column emptied, and upper packages are told to do the same.

Purchases and parcels stay as figures of nobody (tax law: seven years; 法人税法施行規則 59条); all other history is
deleted.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.events import publish
from core.sealing import destroy_keys
from core.tabular.forgetting import forget_values
from crm_link.errors import CustomerNotFoundError
from crm_link.events import CustomerErased
from crm_link.living import LOCK_WHOLE, follow_joins
from crm_link.models import Customer

# What was joined into the customer, directly or by way of others, is the same person.
FIND_FAMILY = text(
    """
    WITH RECURSIVE family(id) AS (
        SELECT CAST(:id AS uuid)
        UNION SELECT c.id FROM customers c JOIN family f ON c.joined_into_id = f.id WHERE c.shop_id = :shop_id
    )
    SELECT id FROM family
    """
)
FIND_WRITTEN = text(
    """
    SELECT unnest(ARRAY[name, kana, email, phone, email_norm]) FROM contacts
     WHERE shop_id = :shop_id AND customer_id = ANY(:ids)
    UNION SELECT i.external_id FROM source_identities i
      JOIN identity_links l ON l.shop_id = :shop_id AND l.identity_id = i.id AND l.valid_until IS NULL
     WHERE i.shop_id = :shop_id AND l.customer_id = ANY(:ids)
    """
)
# In this order: what refers to others first.
EMPTY: Final = tuple(
    text(statement)
    for statement in (
        """UPDATE source_identities i SET external_id = 'erased:' || i.id
             FROM identity_links l
            WHERE i.shop_id = :shop_id AND l.shop_id = :shop_id AND l.identity_id = i.id AND l.valid_until IS NULL
              AND l.customer_id = ANY(:ids)""",
        "DELETE FROM contacts WHERE shop_id = :shop_id AND customer_id = ANY(:ids)",
        "DELETE FROM contact_keys WHERE shop_id = :shop_id AND customer_id = ANY(:ids)",
        "DELETE FROM attributes WHERE shop_id = :shop_id AND customer_id = ANY(:ids)",
        "DELETE FROM tags WHERE shop_id = :shop_id AND customer_id = ANY(:ids)",
        "DELETE FROM ranks WHERE shop_id = :shop_id AND customer_id = ANY(:ids)",
        "DELETE FROM care_flags WHERE shop_id = :shop_id AND customer_id = ANY(:ids)",
        "UPDATE consents SET evidence = NULL WHERE shop_id = :shop_id AND customer_id = ANY(:ids)",
        """DELETE FROM touchpoints
            WHERE shop_id = :shop_id AND customer_id = ANY(:ids) AND kind NOT IN ('purchase', 'parcel')""",
        """UPDATE touchpoints SET title = NULL, attributes = '{}', digest = NULL
            WHERE shop_id = :shop_id AND customer_id = ANY(:ids)""",
        """DELETE FROM moved_rows m USING customer_joins j
            WHERE m.shop_id = :shop_id AND j.shop_id = :shop_id AND m.join_id = j.id
              AND (j.from_customer_id = ANY(:ids) OR j.to_customer_id = ANY(:ids))""",
        """UPDATE customer_joins SET reason = ''
            WHERE shop_id = :shop_id AND (from_customer_id = ANY(:ids) OR to_customer_id = ANY(:ids))""",
    )
)


def erase_customer(session: Session, shop_id: UUID, customer_id: UUID) -> None:
    """Erase the customer, and those joined into the same person, for good. Repeating it changes nothing.

    Waits for transactions that are writing for the customer, and keeps later ones from it. Publishes CustomerErased
    for each record of the person, so that every package empties its own columns in this transaction.
    """
    current = _lock_current(session, shop_id, customer_id)
    family = list(session.execute(FIND_FAMILY, {"shop_id": shop_id, "id": current}).scalars())
    rows = session.execute(LOCK_WHOLE, {"shop_id": shop_id, "ids": family}).all()
    living = [row for row in rows if row.erased_at is None]
    if not living:
        return
    ids = [row.id for row in living]
    written = session.execute(FIND_WRITTEN, {"shop_id": shop_id, "ids": ids}).scalars().all()
    forget_values(session, shop_id, [value for value in written if value])
    for statement in EMPTY:
        session.execute(statement, {"shop_id": shop_id, "ids": ids})
    destroy_keys(session, [row.key_id for row in living if row.key_id])
    _mark_erased(session, shop_id, ids)


def _lock_current(session: Session, shop_id: UUID, customer_id: UUID) -> UUID:
    """Lock the customer that stands for this one, so that nothing is joined into or out of it from now on."""
    while True:
        current = follow_joins(session, shop_id, [customer_id]).get(customer_id)
        if current is None:
            raise CustomerNotFoundError(customer_id)
        row = session.execute(LOCK_WHOLE, {"shop_id": shop_id, "ids": [current]}).one()
        if row.joined_into_id is None:
            return current


def _mark_erased(session: Session, shop_id: UUID, ids: Sequence[UUID]) -> None:
    now = clock.now()
    session.execute(
        update(Customer)
        .where(Customer.shop_id == shop_id, Customer.id.in_(ids), Customer.erased_at.is_(None))
        .values(erased_at=now, updated_at=now, version=Customer.version + 1)
    )
    for customer_id in sorted(ids):
        record(session, "crm_link:customer:erase", shop_id=shop_id, subject_id=customer_id)
        publish(session, CustomerErased(shop_id, customer_id))
