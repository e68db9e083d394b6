"""Personal data that waits in uploads: forgotten when a person is erased, and when its time has passed."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.db import system_scope
from core.sealing import destroy_keys

# A rejected row that names the person, in the very words known of them.
FORGET = text(
    """
    UPDATE upload_rows SET cells = NULL, problems = '[]'
     WHERE shop_id = :shop_id AND state = 'rejected' AND cells && CAST(:values AS text[])
    """
)
PURGE = text(
    """
    WITH due AS (
        UPDATE uploads SET purge_after = NULL WHERE purge_after < :now RETURNING shop_id, id
    )
    UPDATE upload_rows r SET cells = NULL, problems = '[]'
      FROM due WHERE r.shop_id = due.shop_id AND r.upload_id = due.id AND r.cells IS NOT NULL
    """
)

# A file that nobody started: without its key the bytes say nothing.
ABANDON = text(
    """
    UPDATE uploads SET state = 'failed', error_code = 'abandoned', error = 'Nobody started this upload.',
           finished_at = :now
     WHERE state = 'received' AND created_at < :before RETURNING key_id
    """
)
KEEP_UNSTARTED: Final = timedelta(days=7)


def forget_values(session: Session, shop_id: UUID, values: Collection[str]) -> None:
    """Empty every rejected row that has one of these cells. Rows not yet stored are left: they are on their way in."""
    if values:
        session.execute(FORGET, {"shop_id": shop_id, "values": sorted(set(values))})


def purge_uploads() -> int:
    """Empty rejected rows whose time to be mended has passed, and forget files that nobody started in a week.

    A sweeper's duty; returns 0: there is never more to do at once.
    """
    now = clock.now()
    with system_scope() as session:
        session.execute(PURGE, {"now": now})
        abandoned = session.execute(ABANDON, {"now": now, "before": now - KEEP_UNSTARTED}).scalars().all()
        if abandoned:
            destroy_keys(session, abandoned)
    return 0
