"""A shop's doors: made, given a new secret, closed. The secret is told once, when it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.errors import ConflictError, InvalidInputError
from core.ids import new_id, new_token
from core.sealing import new_key, wrap
from orders.bulk import insert_rows
from orders.channels.registry import CHANNELS
from orders.errors import ChannelNotFoundError
from orders.intake.models import Channel

# Doors without an address: what comes in there is checked by sign-in, not by signature.
API: Final = "api"


@dataclass(frozen=True, slots=True)
class NewChannel:
    """`path` follows the program's public address; `secret` is what the other side signs with."""

    channel_id: UUID
    path: str
    secret: str


def create_channel(
    session: Session,
    shop_id: UUID,
    kind: str,
    *,
    name: str | None = None,
    secret: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> NewChannel:
    """Open a webhook door. `name` is the source of its orders (default: the kind); it cannot change later.

    Raises InvalidInputError for an unknown kind or an unusable secret, ConflictError when the name is taken.
    """
    if kind not in CHANNELS:
        raise InvalidInputError(
            f"There is no kind of channel {kind}: it is one of {', '.join(sorted(CHANNELS))}.", kind=kind
        )
    if name == API:
        raise ConflictError("This name is kept for orders handed in through the API.", name=name)
    given = secret or CHANNELS[kind].new_secret()
    check_secret(kind, given)
    channel = _add_channel(session, shop_id, kind, name or kind, given, dict(settings or {}))
    if channel is None:
        raise ConflictError(f"There is a channel {name or kind} already.", name=name or kind)
    return NewChannel(channel.id, f"/hooks/{kind}/{channel.address_token}", given)


def check_secret(kind: str, secret: str) -> None:
    """Raise InvalidInputError when the door could not check signatures with this secret."""
    try:
        CHANNELS[kind].check_secret(secret)
    except ValueError as error:
        raise InvalidInputError(f"This secret cannot be used: {error}.", field="secret") from None


def ensure_channel(session: Session, shop_id: UUID, kind: str) -> Channel:
    """Return the shop's door of a kind that needs no address, made at its first use."""
    found = session.scalars(select(Channel).where(Channel.shop_id == shop_id, Channel.name == kind)).one_or_none()
    if found is not None:
        return found
    made = _add_channel(session, shop_id, kind, kind, "", {})
    # Of two who make it at once the second finds the first one's.
    return made or session.scalars(select(Channel).where(Channel.shop_id == shop_id, Channel.name == kind)).one()


def _add_channel(
    session: Session, shop_id: UUID, kind: str, name: str, secret: str, settings: dict[str, Any]
) -> Channel | None:
    row = {
        "id": new_id(),
        "shop_id": shop_id,
        "kind": kind,
        "name": name,
        "address_token": new_token(24),
        "secret_wrapped": wrap(secret.encode()) if secret else None,
        "key_id": new_key(session, shop_id),
        "settings": settings,
        "enabled": True,
        "refusals": 0,
        "created_at": clock.now(),
    }
    added = insert_rows(session, Channel, [row], then="ON CONFLICT (shop_id, name) DO NOTHING RETURNING id")
    if not added:
        return None
    record(session, "orders:channel:created", shop_id=shop_id, subject_id=added[0].id, details={"kind": kind})
    return session.get_one(Channel, added[0].id)


def rotate_secret(session: Session, shop_id: UUID, channel_id: UUID, secret: str | None = None) -> str:
    """Give a door a new secret; the one before stays valid until the next rotation. Returns the new one."""
    channel = get_channel(session, shop_id, channel_id)
    given = secret or CHANNELS[channel.kind].new_secret()
    check_secret(channel.kind, given)
    session.execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.shop_id == shop_id)
        .values(previous_secret_wrapped=Channel.secret_wrapped, secret_wrapped=wrap(given.encode()))
    )
    record(session, "orders:channel:secret_rotated", shop_id=shop_id, subject_id=channel_id)
    return given


def set_enabled(session: Session, shop_id: UUID, channel_id: UUID, enabled: bool) -> None:
    """Open or close a door; the running web processes notice within seconds."""
    get_channel(session, shop_id, channel_id)
    session.execute(update(Channel).where(Channel.id == channel_id, Channel.shop_id == shop_id).values(enabled=enabled))
    tag = "orders:channel:opened" if enabled else "orders:channel:closed"
    record(session, tag, shop_id=shop_id, subject_id=channel_id)


def get_channel(session: Session, shop_id: UUID, channel_id: UUID) -> Channel:
    found = session.scalars(select(Channel).where(Channel.shop_id == shop_id, Channel.id == channel_id)).one_or_none()
    if found is None:
        raise ChannelNotFoundError
    return found


def list_channels(session: Session, shop_id: UUID) -> list[Channel]:
    return list(session.scalars(select(Channel).where(Channel.shop_id == shop_id).order_by(Channel.name)))
