"""Complaints that a person of the shop takes down, and closing a ticket, whoever opened it."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.errors import NotFoundError
from core.ids import new_id
from crm_link.kinds import TouchpointKind, TouchpointState
from crm_link.living import require_living
from crm_link.models import Touchpoint
from crm_link.records import TouchpointIn
from crm_link.touchpoints import record_touchpoints

STAFF: Final = "staff"
COMPLAINT: Final = "complaint"
CLOSED: Final = "closed"


def open_complaint(session: Session, shop_id: UUID, customer_id: UUID, *, title: str) -> None:
    """Take down a complaint; it is open until somebody closes it."""
    current, now = require_living(session, shop_id, customer_id), clock.now()
    complaint = TouchpointIn(
        customer_id=current,
        kind=TouchpointKind.SUPPORT_TICKET,
        source=STAFF,
        external_id=str(new_id()),
        occurred_at=now,
        known_at=now,
        status="open",
        categories=(COMPLAINT,),
        title=title,
    )
    record_touchpoints(session, shop_id, [complaint])
    record(session, "crm_link:complaint:open", shop_id=shop_id, subject_id=current)


def close_ticket(session: Session, shop_id: UUID, touchpoint_id: UUID) -> UUID:
    """Close a support ticket as of now; returns its customer. Its own system may open it again."""
    found = session.get(Touchpoint, touchpoint_id)
    is_ticket = found is not None and found.kind is TouchpointKind.SUPPORT_TICKET
    if found is None or found.shop_id != shop_id or not is_ticket or found.state is TouchpointState.SUPERSEDED:
        raise NotFoundError("There is no such ticket.", touchpoint_id=str(touchpoint_id))
    closed = TouchpointIn(
        customer_id=found.customer_id,
        kind=found.kind,
        source=found.source,
        external_id=found.external_id,
        occurred_at=found.occurred_at,
        known_at=clock.now(),
        identity_id=found.identity_id,
        amount=found.amount,
        currency=found.currency,
        quantity=found.quantity,
        channel=found.channel,
        campaign=found.campaign,
        status=CLOSED,
        score=found.score,
        skus=tuple(found.skus),
        categories=tuple(found.categories),
        title=found.title,
        attributes=found.attributes,
        cancelled=found.state is TouchpointState.CANCELLED,
    )
    record_touchpoints(session, shop_id, [closed])
    record(session, "crm_link:complaint:close", shop_id=shop_id, subject_id=found.customer_id)
    return found.customer_id
