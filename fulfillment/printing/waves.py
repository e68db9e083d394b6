"""Waves: which parcels are worked together, and in which order; printing them in parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, func, literal, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.errors import ConflictError, InvalidInputError
from core.jobs.service import enqueue
from core.tenancy import Shop, get_shop
from fulfillment.errors import EmptyWaveError, WaveNotFoundError
from fulfillment.models import Shipment
from fulfillment.packing.models import PrintJob, PrintKind, Wave, WaveState
from fulfillment.states import ShipmentAct, ShipmentState
from fulfillment.transitions import change_states

# About so many shipments are frozen and printed in one transaction, into one set of files; a shop may say otherwise.
# Each part costs some hundred statements and its fonts, however few its shipments are; a wave is still shared by two.
PART_SIZE, SMALLEST_PART, LARGEST_PART = 400, 50, 500
PART_SETTING = "shipments_per_file"
LARGEST_WAVE = 2000


@dataclass(frozen=True, kw_only=True)
class WaveChoice:
    """Which planned shipments a wave takes; None: any."""

    warehouse_id: UUID | None = None
    delivery_service: str | None = None
    temperature_zone: str | None = None
    shipment_ids: Sequence[UUID] | None = None
    limit: int = 200


def get_wave(session: Session, shop_id: UUID, wave_id: UUID) -> Wave:
    wave = session.get(Wave, wave_id)
    if wave is None or wave.shop_id != shop_id:
        raise WaveNotFoundError(wave_id)
    return wave


def find_wave_shop(session: Session, wave_id: UUID) -> UUID:
    """Return whose wave this is, among the shops of the session."""
    wave = session.get(Wave, wave_id)
    if wave is None:
        raise WaveNotFoundError(wave_id)
    return wave.shop_id


def create_wave(session: Session, shop_id: UUID, choice: WaveChoice) -> Wave:
    """Gather shipments that may go today, the most urgent and the oldest first. Raises EmptyWaveError when there are
    none. Those of one shop who gather at once take turns: one has all of it, also when the other's answer was lost
    and the same person asks again.
    """
    session.execute(select(Shop.id).where(Shop.id == shop_id).with_for_update(key_share=True))
    rows = _choose_shipments(session, shop_id, choice)
    if not rows:
        raise EmptyWaveError
    warehouse_id = rows[0].warehouse_id
    ids = [row.id for row in rows if row.warehouse_id == warehouse_id]
    wave = Wave(shop_id=shop_id, warehouse_id=warehouse_id, created_by=get_context().actor.id)
    session.add(wave)
    session.flush()  # Its shipments refer to it in a plain statement.
    positions = func.array_position(literal(ids, ARRAY(Uuid)), Shipment.id)
    joined = change_states(session, shop_id, ids, ShipmentAct.JOIN_WAVE, wave_id=wave.id, wave_position=positions)
    wave.shipment_count = len(joined)
    record(session, "fulfillment:wave:create", shop_id=shop_id, subject_id=wave.id, details={"shipments": len(joined)})
    return wave


def _choose_shipments(session: Session, shop_id: UUID, choice: WaveChoice) -> Sequence[Row[UUID, UUID]]:
    """Return (id, warehouse) of what joins, in packing order."""
    today = clock.now().astimezone(get_shop(session, shop_id).zone).date()
    statement = (
        select(Shipment.id, Shipment.warehouse_id)
        .where(Shipment.shop_id == shop_id, Shipment.state == ShipmentState.PLANNED)
        .where(Shipment.decision_id.is_not(None))
        .where(or_(Shipment.ship_not_before.is_(None), Shipment.ship_not_before <= today))
        .order_by(Shipment.priority.desc(), Shipment.delivery_service, Shipment.accepted_at, Shipment.id)
        .limit(min(choice.limit, LARGEST_WAVE))
        # What is being decided or changed right now goes with a later wave.
        .with_for_update(skip_locked=True)
    )
    for column, wanted in (
        (Shipment.warehouse_id, choice.warehouse_id),
        (Shipment.delivery_service, choice.delivery_service),
        (Shipment.temperature_zone, choice.temperature_zone),
    ):
        statement = statement.where(column == wanted) if wanted is not None else statement
    if choice.shipment_ids is not None:
        statement = statement.where(Shipment.id.in_(choice.shipment_ids))
    return session.execute(statement).all()


def print_wave(session: Session, shop_id: UUID, wave_id: UUID) -> list[PrintJob]:
    """Ask for a wave to be frozen and printed, in parts that several workers share. Exactly one of two racing callers
    wins.
    """
    claimed = session.execute(
        update(Wave)
        .where(Wave.id == wave_id, Wave.shop_id == shop_id, Wave.state == WaveState.OPEN)
        .values(state=WaveState.PRINTING)
        .returning(Wave.id)
    ).scalar_one_or_none()
    if claimed is None:
        raise ConflictError(f"Wave {get_wave(session, shop_id, wave_id).number} is printed or being printed.")
    last = session.scalar(select(func.max(Shipment.wave_position)).where(Shipment.wave_id == wave_id)) or 0
    actor = get_context().actor
    ends = list(accumulate(share_wave(get_shop(session, shop_id), last)))
    prints = [
        PrintJob(
            shop_id=shop_id,
            wave_id=wave_id,
            part=part,
            first_position=before + 1,
            last_position=end,
            kind=PrintKind.WAVE,
            created_by=actor.id,
        )
        for part, (before, end) in enumerate(pairwise([0, *ends]), 1)
    ]
    session.add_all(prints)
    session.flush()  # The jobs name them.
    for printing in prints:
        enqueue(session, "fulfillment.print_part", shop_id=shop_id, args={"print_job_id": str(printing.id)})
    record(session, "fulfillment:wave:print", shop_id=shop_id, subject_id=wave_id, details={"parts": len(prints)})
    return prints


def read_part_size(shop: Shop) -> int | None:
    """Return how many shipments the shop wants in one file; None where it leaves that to `share_wave`."""
    size = shop.profile.get(PART_SETTING)
    return min(max(size, 1), LARGEST_PART) if isinstance(size, int) else None


def share_wave(shop: Shop, shipments: int) -> list[int]:
    """Return how many shipments each part of a wave holds, in order."""
    wanted = read_part_size(shop)
    if wanted is not None:
        return _cut(shipments, wanted)
    if shipments <= PART_SIZE:
        return _cut(shipments, max(SMALLEST_PART, -(-shipments // 2)))
    # Large and small by turns: parts that begin together are not decided at the same moment, when one would wait for
    # the other. The last in a half and quarters: who ends first takes one more, and nobody waits long at the end.
    count = -(-shipments // PART_SIZE)
    size = -(-shipments // count)
    pairs, single = divmod(count - 1, 2)
    sizes = [size + size // 4, size - size // 4] * pairs + [size] * single
    rest = shipments - sum(sizes)
    half = min(rest, max(SMALLEST_PART, -(-rest // 2)))
    return [*sizes, half, *_cut(rest - half, max(SMALLEST_PART, -(-(rest - half) // 2)))]


def _cut(shipments: int, size: int) -> list[int]:
    return [min(size, shipments - start) for start in range(0, shipments, size)]


def set_part_size(session: Session, shop_id: UUID, size: int | None) -> None:
    """Change how many shipments go into one file, for waves that are printed from now on; None: as suits the wave."""
    if size is not None and not 1 <= size <= LARGEST_PART:
        raise InvalidInputError(f"A file holds 1 to {LARGEST_PART} shipments.", field=PART_SETTING)
    shop = get_shop(session, shop_id)
    others = {name: value for name, value in shop.profile.items() if name != PART_SETTING}
    shop.profile = others if size is None else {**others, PART_SETTING: size}
    record(session, "fulfillment:part_size:set", shop_id=shop_id, subject_id=shop_id, details={"size": size})


def finish_part(session: Session, printing: PrintJob) -> None:
    """Mark a part printed, and the wave with its last part. The wave's row makes parts that end together take turns."""
    printing.printed_at = clock.now()
    session.flush()  # Counted by the statement below.
    # No more than an update takes: rows of the part, written just now, refer to the wave.
    session.execute(select(Wave.id).where(Wave.id == printing.wave_id).with_for_update(key_share=True))
    waiting = select(func.count()).where(PrintJob.wave_id == printing.wave_id, PrintJob.printed_at.is_(None))
    if session.scalar(waiting) == 0:
        session.execute(
            update(Wave)
            .where(Wave.id == printing.wave_id, Wave.state == WaveState.PRINTING)
            .values(state=WaveState.PRINTED, printed_at=clock.now())
        )
