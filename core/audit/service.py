"""Appends audit entries in the transaction of what they record."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.audit.models import AuditEntry
from core.context import get_context
from core.entering import enter_rows
from core.ids import new_ids


def name_actor() -> str:
    """Return who acts, as one text: to know them again without a name."""
    actor = get_context().actor
    return f"{actor.kind}:{actor.id}" if actor.id else actor.kind


def record(
    session: Session,
    tag: str,
    *,
    shop_id: UUID | None,
    subject_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append one entry: who (from the context), when, what, on which subject."""
    record_many(session, tag, shop_id=shop_id, subjects=[(subject_id, details or {})])


def record_many(
    session: Session, tag: str, *, shop_id: UUID | None, subjects: Iterable[tuple[UUID | None, dict[str, Any]]]
) -> None:
    """Append one entry per subject in one statement."""
    context, told = get_context(), list(subjects)
    rows = [
        {"id": entry_id, "subject_id": subject_id, "details": details}
        for entry_id, (subject_id, details) in zip(new_ids(len(told)), told, strict=True)
    ]
    common = {
        "shop_id": shop_id,
        "at": clock.now(),
        "tag": tag,
        "actor_kind": context.actor.kind,
        "actor_id": context.actor.id,
        "request_id": context.request_id,
    }
    enter_rows(session, AuditEntry, rows, common)
