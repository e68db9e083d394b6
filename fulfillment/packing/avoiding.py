"""What must not go into a customer's box: inserts against a care flag of buyer or recipient."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import clock
from crm_link.kinds import CareKind
from crm_link.models import CareFlag
from fulfillment.models import Shipment
from fulfillment.packing.scan_rows import CARE_KINDS, LockedShipment
from personalization.models import Insert


def load_avoided(session: Session, shipments: Sequence[Shipment | LockedShipment]) -> dict[UUID, frozenset[str]]:
    """Return, per shipment, the keys of inserts that its people's care flags forbid now. Nearly always nothing."""
    people = {person for shipment in shipments for person in _people(shipment)}
    flags = _load_flags(session, people)
    if not flags:
        return {}
    shops = {shipment.shop_id for shipment in shipments}
    inserts = session.scalars(select(Insert).where(Insert.shop_id.in_(shops))).all()
    avoided = {}
    for shipment in shipments:
        mine = [flag for person in _people(shipment) for flag in flags.get(person, ())]
        against = [insert for insert in inserts if insert.shop_id == shipment.shop_id and is_against(insert, mine)]
        avoided[shipment.id] = frozenset(key for insert in against for key in insert_keys(insert))
    return avoided


def insert_keys(insert: Insert) -> list[str]:
    """Return what a scanner may read off an insert."""
    return [key for key in (insert.gtin, insert.key.upper()) if key]


def is_against(insert: Insert, flags: Collection[CareFlag]) -> bool:
    """Tell whether one of the flags forbids this insert."""
    for flag in flags:
        if flag.kind is CareKind.NO_INSERTS:
            return True
        if flag.kind is CareKind.NO_SAMPLES and insert.kind == "sample":
            return True
        if flag.kind is CareKind.ALLERGY and flag.subject in insert.allergens:
            return True
    return False


def _people(shipment: Shipment | LockedShipment) -> list[UUID]:
    return [person for person in {shipment.customer_id, shipment.recipient_customer_id} if person]


def _load_flags(session: Session, people: Collection[UUID]) -> dict[UUID, list[CareFlag]]:
    now = clock.now()
    statement = select(CareFlag).where(
        CareFlag.customer_id.in_(people),
        CareFlag.kind.in_(CARE_KINDS),
        CareFlag.valid_from <= now,
        or_(CareFlag.valid_until.is_(None), CareFlag.valid_until > now),
    )
    flags: dict[UUID, list[CareFlag]] = defaultdict(list)
    for flag in session.scalars(statement) if people else ():
        flags[flag.customer_id].append(flag)
    return flags
