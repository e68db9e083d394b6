"""Outgoing messages over HTTP: what has not arrived, and sending it again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from core.auth.roles import Access, Role
from core.outbox import service
from core.outbox.models import MessageState
from core.web import SessionDep, require

router = APIRouter(prefix="/api/outbox", tags=["outbox"])
Operator = Annotated[Access, require(Role.OPERATOR)]


class UndeliveredOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sender: str
    state: MessageState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    error_code: str | None
    error: str | None


@router.get("")
def list_undelivered(session: SessionDep, access: Operator, after: UUID | None = None) -> list[UndeliveredOut]:
    """What has not arrived yet, oldest first; `after` is the last id of the page before."""
    found = service.undelivered_messages(session, access.shop_id, after=after)
    return [UndeliveredOut.model_validate(message) for message in found]


@router.post("/{message_id}/send-again", status_code=204)
def send_again(message_id: UUID, session: SessionDep, access: Operator) -> None:
    service.send_one_again(session, access.shop_id, message_id)
