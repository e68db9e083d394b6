"""What fulfillment does when orders, customers or scarce things change; subscribed in `app/wiring.py`."""

from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.jobs.service import enqueue_many
from core.sealing import destroy_keys
from core.storage.models import StoredFile
from core.storage.service import delete_file
from crm_link.events import CustomerChanged, CustomerErased, CustomersMoved
from fulfillment.deciding import enqueue_decisions
from fulfillment.holds import HoldIn, place_holds
from fulfillment.interrupting import enqueue_reviews, stop_flagged
from fulfillment.models import HoldReason, Parcel, Rearrangement, Return, Shipment, ShipmentHold
from fulfillment.packing.models import Copy, CopyState, PackingException, PrintFile, Scan
from fulfillment.standing import is_decidable, is_frozen
from fulfillment.states import PENDING
from orders.events import OrdersRecorded
from personalization.events import ExperimentChanged, RulesetPublished, ShipmentsDisplaced


def plan_recorded_orders(session: Session, event: OrdersRecorded) -> None:
    batch = [({"order_id": str(change.order_id)}, str(change.order_id)) for change in event.orders]
    enqueue_many(session, "fulfillment.plan_orders", shop_id=event.shop_id, batch=batch)


def decide_displaced(session: Session, event: ShipmentsDisplaced) -> None:
    enqueue_decisions(session, event.shop_id, event.shipment_ids)


def decide_by_new_rules(session: Session, event: RulesetPublished | ExperimentChanged) -> None:
    """Decide again everything that is not printed yet: new rules hold for the next box, not for the next order."""
    statement = select(Shipment.id).where(Shipment.shop_id == event.shop_id, is_decidable())
    enqueue_decisions(session, event.shop_id, list(session.scalars(statement)))


def decide_for_customers(session: Session, event: CustomerChanged) -> None:
    """Decide again what is not printed yet. What is printed is looked at again (decision 0096); a flag that forbids the
    parcel stops it at once.
    """
    people = event.customer_ids
    of_people = or_(Shipment.customer_id.in_(people), Shipment.recipient_customer_id.in_(people))
    pending = select(Shipment.id, Shipment.customer_id, Shipment.recipient_customer_id)
    pending = pending.where(Shipment.shop_id == event.shop_id, of_people)
    undecided = session.scalars(pending.where(is_decidable())).all()
    enqueue_decisions(session, event.shop_id, undecided, interrupting=event.interrupts)
    printed = session.execute(pending.where(is_frozen())).all()
    if event.interrupts:
        enqueue_reviews(session, event.shop_id, [row.id for row in printed])
    stop_flagged(session, event.shop_id, [row.id for row in printed])


def move_customer(session: Session, event: CustomersMoved) -> None:
    """Let shipments follow a customer whose identities all went to another one."""
    if not event.whole:
        return
    for column in (Shipment.customer_id, Shipment.recipient_customer_id):
        session.execute(
            update(Shipment)
            .where(Shipment.shop_id == event.shop_id, column == event.from_customer_id)
            .values({column: event.to_customer_id})
        )


def forget_customer(session: Session, event: CustomerErased) -> None:
    """Empty every personal column of this customer's shipments, hold what is not sent, delete print files that show
    them.
    """
    ids = _find_shipments(session, event.shop_id, event.customer_id)
    pending = select(Shipment.id).where(Shipment.id.in_(ids), Shipment.state.in_(list(PENDING)))
    place_holds(session, event.shop_id, [HoldIn(id_, HoldReason.ERASED) for id_ in session.scalars(pending)])
    _delete_print_files(session, ids)
    session.execute(
        update(Shipment)
        .where(Shipment.id.in_(ids))
        .values(
            recipient_name=None,
            recipient_key=None,
            recipient=None,
            sender=None,
            content_digest=None,
            resend_reason=None,
        )
    )
    session.execute(
        update(Copy).where(Copy.shipment_id.in_(ids)).values(spec=None, state=CopyState.VOID, void_reason="erased")
    )
    for table in (ShipmentHold, Return):
        session.execute(update(table).where(table.shipment_id.in_(ids)).values(note=None))
    of_people = or_(Rearrangement.kept_id.in_(ids), Rearrangement.other_id.in_(ids))
    session.execute(update(Rearrangement).where(of_people).values(reason=None))
    parcels = select(Parcel.id).where(Parcel.shipment_id.in_(ids))
    session.execute(update(PackingException).where(PackingException.parcel_id.in_(parcels)).values(note=None))
    session.execute(update(Scan).where(Scan.parcel_id.in_(parcels)).values(reason=None))


def _find_shipments(session: Session, shop_id: UUID, customer_id: UUID) -> list[UUID]:
    statement = select(Shipment.id).where(
        Shipment.shop_id == shop_id,
        or_(Shipment.customer_id == customer_id, Shipment.recipient_customer_id == customer_id),
    )
    return list(session.scalars(statement))


def _delete_print_files(session: Session, shipment_ids: list[UUID]) -> None:
    """A file of a wave shows many people: all of it goes, and what is still needed is printed again."""
    printings = select(Copy.print_job_id).where(Copy.shipment_id.in_(shipment_ids))
    files = session.execute(
        select(StoredFile.id, StoredFile.key_id)
        .join(PrintFile, PrintFile.file_id == StoredFile.id)
        .where(PrintFile.print_job_id.in_(printings))
    ).all()
    for file_id, _ in files:
        delete_file(session, file_id)
    destroy_keys(session, [key_id for _, key_id in files if key_id])
