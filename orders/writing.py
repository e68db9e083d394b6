"""Writes what was told of orders: keys and their locks, snapshots with their rows, refunds, cancellations.

Set by set.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text, Uuid

from core import clock
from core.ids import new_id
from orders.bulk import assign_excluded, insert_rows
from orders.folding import Folded, OrderRef, digest_refund
from orders.layout import OrderRows
from orders.models import Cancellation, Order, OrderContact, OrderDiscount, OrderFee, OrderKey, OrderLine, Refund


@dataclass(frozen=True, slots=True)
class Head:
    """What stands of an order before this batch."""

    id: UUID
    number: str
    source_updated_at: datetime
    snapshot_cancelled_at: datetime | None
    content_digest: bytes | None
    accepted_at: datetime
    cancelled_at: datetime | None
    refunded_total: int
    version: int


def lock_orders(session: Session, shop_id: UUID, refs: Sequence[OrderRef]) -> dict[OrderRef, UUID]:
    """Make the missing keys and lock all until the transaction ends; `refs` are sorted, so that nobody deadlocks."""
    rows = [{"id": new_id(), "shop_id": shop_id, "source": source, "external_id": ref} for source, ref in refs]
    insert_rows(session, OrderKey, rows, then="ON CONFLICT (shop_id, source, external_id) DO NOTHING")
    found = session.execute(
        text(
            "SELECT k.source, k.external_id, k.id FROM order_keys k"
            " JOIN unnest(:sources, :refs) AS wanted(source, external_id) USING (source, external_id)"
            ' WHERE k.shop_id = :shop_id ORDER BY k.source COLLATE "C", k.external_id COLLATE "C" FOR UPDATE OF k'
        ).bindparams(bindparam("sources", type_=ARRAY(Text)), bindparam("refs", type_=ARRAY(Text))),
        {"shop_id": shop_id, "sources": [source for source, _ in refs], "refs": [ref for _, ref in refs]},
    )
    return {(row.source, row.external_id): row.id for row in found}


def lock_order_ids(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> None:
    """Lock known orders, in the same sequence as `lock_orders`."""
    session.execute(
        text(
            "SELECT id FROM order_keys WHERE shop_id = :shop_id AND id = ANY(:ids)"
            ' ORDER BY source COLLATE "C", external_id COLLATE "C" FOR UPDATE'
        ).bindparams(bindparam("ids", type_=ARRAY(Uuid))),
        {"shop_id": shop_id, "ids": list(order_ids)},
    )


def read_heads(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> dict[UUID, Head]:
    columns = [getattr(Order, name) for name in Head.__slots__]
    rows = session.execute(select(*columns).where(Order.shop_id == shop_id, Order.id.in_(order_ids)))
    return {row.id: Head(*row) for row in rows}


def write_orders(session: Session, rows: OrderRows, known: Collection[UUID]) -> None:
    """Insert or replace orders and all that belongs to them. `known` are those that stood before."""
    _upsert(session, Order, rows.orders, ("id",), skip={"accepted_at"}, more=", version = orders.version + 1")
    _upsert(session, OrderContact, rows.contacts, ("shop_id", "order_id", "role"))
    _upsert(session, OrderLine, rows.lines, ("shop_id", "order_id", "external_id"), more=", removed_at = NULL")
    if known:
        _drop_old_parts(session, rows, known)
    insert_rows(session, OrderFee, rows.fees)
    insert_rows(session, OrderDiscount, rows.discounts)


def _upsert(
    session: Session,
    table: type[Order | OrderContact | OrderLine],
    rows: Sequence[dict[str, object]],
    key: tuple[str, ...],
    *,
    skip: Collection[str] = (),
    more: str = "",
) -> None:
    if rows:
        columns = [column for column in rows[0] if column not in ("id", *key, *skip)]
        then = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {assign_excluded(columns)}{more}"
        insert_rows(session, table, rows, then=then)


def _drop_old_parts(session: Session, rows: OrderRows, known: Collection[UUID]) -> None:
    """Take away what the new state lacks. A line is only marked: shipments may point to it."""
    kept_lines = [f"{row['order_id']} {row['external_id']}" for row in rows.lines if row["order_id"] in known]
    kept_roles = [f"{row['order_id']} {row['role']}" for row in rows.contacts if row["order_id"] in known]
    given = {"ids": list(known), "lines": kept_lines, "roles": kept_roles}
    types = [bindparam("ids", type_=ARRAY(Uuid))]
    removed = (
        "UPDATE order_lines SET removed_at = now() WHERE order_id = ANY(:ids) AND removed_at IS NULL"
        " AND order_id || ' ' || external_id <> ALL(:lines)"
    )
    gone = "DELETE FROM order_contacts WHERE order_id = ANY(:ids) AND order_id || ' ' || role <> ALL(:roles)"
    session.execute(text(removed).bindparams(*types, bindparam("lines", type_=ARRAY(Text))), given)
    session.execute(text(gone).bindparams(*types, bindparam("roles", type_=ARRAY(Text))), given)
    for table in (OrderFee, OrderDiscount):
        delete = text(f"DELETE FROM {table.__tablename__} WHERE order_id = ANY(:ids)")
        session.execute(delete.bindparams(*types), given)


def touch_orders(session: Session, shop_id: UUID, moments: Sequence[tuple[UUID, datetime, datetime]]) -> None:
    """Note a later `source_updated_at` and an earlier `accepted_at` of orders whose content stays."""
    if not moments:
        return
    rows = [{"id": order_id, "updated": updated, "accepted": accepted} for order_id, updated, accepted in moments]
    session.execute(
        text(
            "UPDATE orders o SET source_updated_at = greatest(o.source_updated_at, new.updated),"
            " accepted_at = least(o.accepted_at, new.accepted)"
            " FROM unnest(:ids, :updated, :accepted) AS new(id, updated, accepted)"
            " WHERE o.shop_id = :shop_id AND o.id = new.id"
            " AND (o.source_updated_at < new.updated OR o.accepted_at > new.accepted)"
        ).bindparams(bindparam("ids", type_=ARRAY(Uuid))),
        {
            "shop_id": shop_id,
            "ids": [row["id"] for row in rows],
            "updated": [row["updated"] for row in rows],
            "accepted": [row["accepted"] for row in rows],
        },
    )


def write_refunds(session: Session, shop_id: UUID, folded: Folded, ids: dict[OrderRef, UUID]) -> set[UUID]:
    """Keep each refund once; of two versions the later told one. Returns the orders whose refunds changed."""
    rows = [
        {
            "id": new_id(),
            "shop_id": shop_id,
            "source": refund.source,
            "external_id": refund.external_id,
            "order_id": ids[refund.source, refund.order_external_id],
            "refunded_at": refund.refunded_at,
            "amount": refund.amount,
            "lines": [
                {"line": line.line_external_id, "quantity": line.quantity, "amount": line.amount}
                for line in refund.lines
            ],
            "content_digest": digest_refund(refund),
            "recorded_at": clock.now(),
        }
        for _, refund in sorted(folded.refunds.items())
    ]
    changed = insert_rows(
        session,
        Refund,
        rows,
        then=(
            "ON CONFLICT (shop_id, source, external_id) DO UPDATE SET "
            + assign_excluded(["refunded_at", "amount", "lines", "content_digest"])
            + " WHERE (refunds.refunded_at, refunds.content_digest) < (excluded.refunded_at, excluded.content_digest)"
            " RETURNING order_id"
        ),
    )
    return {row.order_id for row in changed}


def write_cancellations(session: Session, shop_id: UUID, folded: Folded, ids: dict[OrderRef, UUID]) -> set[UUID]:
    """Keep the earliest notice per order. Returns the orders whose cancellation changed."""
    rows = [
        {
            "id": new_id(),
            "shop_id": shop_id,
            "order_id": ids[ref],
            "cancelled_at": notice.cancelled_at,
            "reason": notice.reason,
            "recorded_at": clock.now(),
        }
        for ref, notice in sorted(folded.cancellations.items())
    ]
    changed = insert_rows(
        session,
        Cancellation,
        rows,
        then=(
            "ON CONFLICT (shop_id, order_id) DO UPDATE SET cancelled_at = excluded.cancelled_at,"
            " reason = excluded.reason WHERE (cancellations.cancelled_at, coalesce(cancellations.reason, ''))"
            " > (excluded.cancelled_at, coalesce(excluded.reason, '')) RETURNING order_id"
        ),
    )
    return {row.order_id for row in changed}
