"""JSON endpoints of a shop's doors and of what came in through them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from core.audit.service import record
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from orders.intake import channels, queries
from orders.intake.schemas import (
    ChannelIn,
    ChannelMadeOut,
    ChannelOut,
    ChannelPatch,
    EventBodyOut,
    EventOut,
    EventPageOut,
    RetryIn,
    RetryOut,
    SecretIn,
)
from orders.intake.service import retry_events

router = APIRouter(prefix="/api", tags=["intake"])
Office = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]
Operator = Annotated[Access, require(Role.OPERATOR)]
Administrator = Annotated[Access, require(Role.ADMINISTRATOR)]
PAGE = 50


@router.get("/order-events/failed")
def list_failed(access: Office, session: SessionDep, before: UUID | None = None) -> EventPageOut:
    """List the events that wait for a person, latest first, each with field and reason."""
    page = queries.list_failed_events(session, access.shop_id, before=before, limit=PAGE)
    last = page[-1].id if len(page) == PAGE else None
    return EventPageOut(events=[EventOut.from_row(event) for event in page], before=last)


@router.post("/order-events/retry")
def post_retry(sent: RetryIn, access: Operator, session: SessionDep) -> RetryOut:
    """Work failed events again; those that are no longer failed are left out of the answer."""
    return RetryOut(retried=retry_events(session, access.shop_id, sent.event_ids))


@router.get("/order-events/{raw_event_id}")
def show_event(raw_event_id: UUID, access: Office, session: SessionDep) -> EventOut:
    return EventOut.from_row(queries.get_event(session, access.shop_id, raw_event_id))


@router.get("/order-events/{raw_event_id}/body")
def show_body(raw_event_id: UUID, access: Operator, session: SessionDep) -> EventBodyOut:
    """The body as it was received; empty once erased. The reading is on record."""
    event = queries.get_event(session, access.shop_id, raw_event_id)
    record(session, "orders:event:body_read", shop_id=access.shop_id, subject_id=raw_event_id)
    body = queries.read_event_body(session, event)
    return EventBodyOut(body=None if body is None else body.decode("utf-8", "replace"))


@router.get("/channels")
def list_channels(access: Administrator, session: SessionDep) -> list[ChannelOut]:
    return [ChannelOut.from_row(channel) for channel in channels.list_channels(session, access.shop_id)]


@router.post("/channels", status_code=201)
def post_channel(sent: ChannelIn, access: Administrator, session: SessionDep) -> ChannelMadeOut:
    """Open a webhook door; the answer holds its address and, this once, its secret."""
    made = channels.create_channel(
        session, access.shop_id, sent.kind, name=sent.name, secret=sent.secret, settings=sent.settings
    )
    return ChannelMadeOut(channel_id=made.channel_id, path=made.path, secret=made.secret)


@router.patch("/channels/{channel_id}", status_code=204)
def patch_channel(channel_id: UUID, sent: ChannelPatch, access: Administrator, session: SessionDep) -> Response:
    channels.set_enabled(session, access.shop_id, channel_id, sent.enabled)
    return Response(status_code=204)


@router.post("/channels/{channel_id}/secret")
def post_secret(channel_id: UUID, sent: SecretIn, access: Administrator, session: SessionDep) -> ChannelMadeOut:
    """Give a door a new secret; the one before stays valid until the next change."""
    secret = channels.rotate_secret(session, access.shop_id, channel_id, sent.secret)
    channel = channels.get_channel(session, access.shop_id, channel_id)
    return ChannelMadeOut(channel_id=channel_id, path=ChannelOut.from_row(channel).path, secret=secret)
