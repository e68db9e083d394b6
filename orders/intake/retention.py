"""Bodies that no order came of are not kept for ever: nobody's erasure would reach them."""

from datetime import timedelta
from typing import Final

from sqlalchemy import null, select, update

from core import clock
from core.db import system_scope
from orders.intake.models import RawEvent
from orders.kinds import EventState

KEEP_BODIES: Final = timedelta(days=90)
_MOST: Final = 1000


def purge_bodies() -> int:
    """Empty the bodies of events that failed or were ignored long ago; what is left says when and why.

    Returns how many.
    """
    with system_scope() as session:
        old = (
            select(RawEvent.id)
            .where(
                RawEvent.state.in_((EventState.FAILED, EventState.IGNORED)),
                RawEvent.received_at < clock.now() - KEEP_BODIES,
                RawEvent.body.is_not(None),
            )
            .limit(_MOST)
            .with_for_update(skip_locked=True)
        )
        emptied = session.execute(
            update(RawEvent)
            .where(RawEvent.id.in_(old.scalar_subquery()))
            .values(body=null())
            .returning(RawEvent.id)
            .execution_options(synchronize_session=False)
        )
        return len(emptied.all())
