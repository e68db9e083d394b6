"""Care flags: allergies, no samples, do not send. Set and ended by named sources, never overwritten."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.errors import NotFoundError
from core.events import publish
from core.ids import new_id
from core.sealing import seal
from crm_link.events import CustomerChanged
from crm_link.keys import get_customer_key
from crm_link.kinds import CareKind
from crm_link.living import require_living
from crm_link.models import CareFlag
from crm_link.normalisation import fold_text


def set_care_flag(
    session: Session,
    shop_id: UUID,
    customer_id: UUID,
    kind: CareKind,
    *,
    subject: str | None = None,
    note: str | None = None,
    source: str = "staff",
) -> UUID:
    """Put a flag on from now; returns its id, or that of the same flag already on (then only its note is renewed).

    `subject` says what an allergy is against. The note is sealed under the customer's key.
    """
    current = require_living(session, shop_id, customer_id)
    folded = fold_text(subject) if subject else None
    sealed = seal(session, get_customer_key(session, shop_id, current), note.encode()) if note else None
    if (flag_id := _renew(session, shop_id, current, kind, folded, sealed)) is None:
        flag_id = new_id()
        session.add(
            CareFlag(
                id=flag_id,
                shop_id=shop_id,
                customer_id=current,
                kind=kind,
                subject=folded,
                note_sealed=sealed,
                valid_from=clock.now(),
                source=source,
            )
        )
        session.flush()  # Handlers of the event read the flags in plain SQL.
    record(session, "crm_link:care_flag:set", shop_id=shop_id, subject_id=current, details={"kind": kind.value})
    publish(session, CustomerChanged(shop_id, (current,)))
    return flag_id


def _renew(
    session: Session, shop_id: UUID, customer_id: UUID, kind: CareKind, subject: str | None, sealed: bytes | None
) -> UUID | None:
    flag = session.execute(
        select(CareFlag)
        .where(
            CareFlag.shop_id == shop_id,
            CareFlag.customer_id == customer_id,
            CareFlag.kind == kind,
            CareFlag.subject.is_not_distinct_from(subject),
            CareFlag.valid_until.is_(None),
        )
        .limit(1)
    ).scalar_one_or_none()
    if flag is None:
        return None
    flag.note_sealed = sealed or flag.note_sealed
    return flag.id


def end_care_flag(session: Session, shop_id: UUID, flag_id: UUID) -> None:
    """Take a flag off from now on. Ending it twice is an error: somebody else was first."""
    ended = session.execute(
        update(CareFlag)
        .where(CareFlag.shop_id == shop_id, CareFlag.id == flag_id, CareFlag.valid_until.is_(None))
        .values(valid_until=clock.now())
        .returning(CareFlag.customer_id, CareFlag.kind)
    ).one_or_none()
    if ended is None:
        raise NotFoundError("There is no such care flag in force.", flag_id=str(flag_id))
    details = {"kind": ended.kind.value}
    record(session, "crm_link:care_flag:end", shop_id=shop_id, subject_id=ended.customer_id, details=details)
    publish(session, CustomerChanged(shop_id, (ended.customer_id,)))
