"""Named reads of audit entries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from core.audit.models import AuditEntry


def list_entries(
    session: Session,
    shop_id: UUID,
    *,
    tag: str | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Sequence[AuditEntry]:
    """Return a shop's entries, newest first; `before` is (at, id) of the last one shown."""
    statement = select(AuditEntry).where(AuditEntry.shop_id == shop_id)
    if tag is not None:
        statement = statement.where(AuditEntry.tag == tag)
    if before is not None:
        statement = statement.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(*before))
    return session.scalars(statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)).all()
