"""Use cases of orders. Callers own the transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.events import publish
from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from orders.catalogue.models import Product
from orders.catalogue.queries import find_products_by_code
from orders.events import OrderChange, OrdersRecorded
from orders.folding import Folded, OrderRef, Snapshot, fold_events
from orders.kinds import OrderChangeKind
from orders.layout import OrderRows, lay_out_order
from orders.normalised import NormalisedOrder, OrderEvent
from orders.people import resolve_people
from orders.queries import OrderRecord
from orders.settling import Told, settle_orders
from orders.touchpoints import make_purchase
from orders.writing import (
    Head,
    lock_orders,
    read_heads,
    touch_orders,
    write_cancellations,
    write_orders,
    write_refunds,
)


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """`change` is empty when nothing changed; `exists` is false while only refunds or cancellations were told."""

    order_id: UUID
    exists: bool
    change: OrderChangeKind | None


def record_order(session: Session, shop_id: UUID, order: NormalisedOrder) -> UUID:
    """Record one order; returns its id, the same however often it is told."""
    return record_orders(session, shop_id, [order])[order.key].order_id


def record_orders(session: Session, shop_id: UUID, events: Sequence[OrderEvent]) -> dict[OrderRef, RecordedOrder]:
    """Record orders, refunds and cancellations, set by set; returns what became of each order by (source, external id).

    Any sequence, repetition or division into batches gives the same records. Orders are locked until the transaction
    ends.
    """
    folded = fold_events(events, clock.now())
    refs = folded.list_refs()
    if not refs:
        return {}
    ids = lock_orders(session, shop_id, refs)
    heads = read_heads(session, shop_id, ids.values())
    written = _write_snapshots(session, shop_id, folded, ids, heads)
    refunded = write_refunds(session, shop_id, folded, ids)
    cancelled = write_cancellations(session, shop_id, folded, ids)
    changes = finish_orders(
        session, shop_id, {ids[ref] for ref in written}, heads, refunded=refunded, cancelled=cancelled
    )
    present = heads.keys() | {ids[ref] for ref in folded.snapshots}
    return {ref: RecordedOrder(ids[ref], ids[ref] in present, changes.get(ids[ref])) for ref in refs}


def _write_snapshots(
    session: Session, shop_id: UUID, folded: Folded, ids: Mapping[OrderRef, UUID], heads: Mapping[UUID, Head]
) -> dict[OrderRef, Snapshot]:
    """Write the snapshots that say something new; of the others only the moments count."""
    newer = {ref: snap for ref, snap in folded.snapshots.items() if _is_newer(snap, heads.get(ids[ref]))}
    written = {ref: snap for ref, snap in newer.items() if _says_more(snap, heads.get(ids[ref]))}
    people = resolve_people(session, shop_id, written)
    skus = {line.sku for snap in written.values() for line in snap.order.lines if line.sku}
    products = find_products_by_code(session, shop_id, skus)
    rows = OrderRows()
    for ref, snapshot in sorted(written.items()):
        head = {
            "id": ids[ref],
            "shop_id": shop_id,
            "accepted_at": folded.accepted[ref],
            "recorded_at": clock.now(),
            "content_digest": snapshot.digest,
        }
        lay_out_order(rows, snapshot.order, head, people[ref], products)
    write_orders(session, rows, [ids[ref] for ref in written if ids[ref] in heads])
    touch_orders(session, shop_id, _list_moments(folded, newer, ids, heads))
    return written


def _is_newer(snapshot: Snapshot, head: Head | None) -> bool:
    if head is None:
        return True
    known = (head.source_updated_at, head.snapshot_cancelled_at is not None, head.content_digest or b"")
    return snapshot.precedence > known


def _says_more(snapshot: Snapshot, head: Head | None) -> bool:
    return head is None or snapshot.digest != head.content_digest


def _list_moments(
    folded: Folded, newer: Collection[OrderRef], ids: Mapping[OrderRef, UUID], heads: Mapping[UUID, Head]
) -> list[tuple[UUID, datetime, datetime]]:
    return [
        (
            ids[ref],
            snapshot.order.source_updated_at if ref in newer else heads[ids[ref]].source_updated_at,
            folded.accepted[ref],
        )
        for ref, snapshot in folded.snapshots.items()
        if ids[ref] in heads
    ]


def finish_orders(
    session: Session,
    shop_id: UUID,
    order_ids: Collection[UUID],
    heads: Mapping[UUID, Head],
    *,
    refunded: Collection[UUID] = (),
    cancelled: Collection[UUID] = (),
) -> dict[UUID, OrderChangeKind]:
    """Settle these orders, bring their purchases up to date, and tell upwards what changed."""
    told_more = {*refunded, *cancelled}
    records, told, rechecked = settle_orders(session, shop_id, {*order_ids, *told_more}, told_more)
    record_touchpoints(session, shop_id, _list_purchases(session, shop_id, records, told, heads))
    changes = {record.order.id: _name_change(record, heads.get(record.order.id), refunded) for record in records}
    published = {
        order_id: change
        for order_id, change in changes.items()
        if change is not OrderChangeKind.RECHECKED or order_id in rechecked
    }
    _tell(session, shop_id, records, published)
    return published


def _tell(
    session: Session, shop_id: UUID, records: Sequence[OrderRecord], changes: Mapping[UUID, OrderChangeKind]
) -> None:
    if not changes:
        return
    told = [record.order for record in records if record.order.id in changes]
    record_many(
        session,
        "orders:order:recorded",
        shop_id=shop_id,
        subjects=[(order.id, {"change": changes[order.id], "version": order.version}) for order in told],
    )
    listed = tuple(OrderChange(order.id, changes[order.id], order.version) for order in told)
    publish(session, OrdersRecorded(shop_id, listed))


def _name_change(record: OrderRecord, head: Head | None, refunded: Collection[UUID]) -> OrderChangeKind:
    order = record.order
    if head is None:
        return OrderChangeKind.CREATED
    if order.cancelled_at is not None and head.cancelled_at is None:
        return OrderChangeKind.CANCELLED
    if order.id in refunded:
        return OrderChangeKind.REFUNDED
    return OrderChangeKind.UPDATED if order.version != head.version else OrderChangeKind.RECHECKED


def _list_purchases(
    session: Session,
    shop_id: UUID,
    records: Sequence[OrderRecord],
    told: Mapping[UUID, Told],
    heads: Mapping[UUID, Head],
) -> list[TouchpointIn]:
    product_ids = {line.product_id for record in records for line in record.lines if line.product_id}
    rows = session.execute(
        select(Product.id, Product.category).where(Product.shop_id == shop_id, Product.id.in_(product_ids))
    )
    categories = {row.id: row.category for row in rows}
    purchases = []
    for record in records:
        order = record.order
        refunded_at = told[order.id].refunded_at if order.id in told else None
        purchase = make_purchase(record, refunded_at, categories)
        if purchase is None:
            continue
        head = heads.get(order.id)
        if head is not None and head.number != order.number:
            purchases.append(_retire_purchase(purchase, head.number))
        purchases.append(purchase)
    return purchases


def _retire_purchase(purchase: TouchpointIn, number: str) -> TouchpointIn:
    """Return the cancellation of a purchase that was recorded under the order's former number."""
    return TouchpointIn(
        customer_id=purchase.customer_id,
        kind=TouchpointKind.PURCHASE,
        source=purchase.source,
        external_id=number,
        occurred_at=purchase.occurred_at,
        known_at=purchase.known_at,
        cancelled=True,
    )
