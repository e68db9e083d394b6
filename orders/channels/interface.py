"""What a door must be able to do: check a delivery by its signature, sign one (for tests and the demo), read its
body.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from orders.normalised import OrderEvent


class Refusal(StrEnum):
    """Why a delivery is not even kept. The value is the code in the answer."""

    MISSING_HEADERS = "missing_headers"
    MALFORMED_HEADERS = "malformed_headers"
    WRONG_SIGNATURE = "wrong_signature"
    STALE = "stale"
    OTHER_SHOP = "other_shop"


REFUSAL_STATUS: Mapping[Refusal, int] = {
    Refusal.MISSING_HEADERS: 400,
    Refusal.MALFORMED_HEADERS: 400,
    Refusal.WRONG_SIGNATURE: 401,
    Refusal.STALE: 401,
    Refusal.OTHER_SHOP: 403,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified delivery. `delivery_id` is the sender's own and the same on every repeat;
    `headers` are those worth keeping.
    """

    delivery_id: str
    topic: str | None = None
    triggered_at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body holds. No events: it is nothing we work, for example a notice about something else."""

    topic: str
    events: tuple[OrderEvent, ...] = ()


class ChannelKind(Protocol):
    slug: str
    label: str
    label_en: str

    def check(
        self,
        headers: Mapping[bytes, bytes],
        body: bytes,
        secrets: Sequence[bytes],
        settings: Mapping[str, Any],
        now: datetime,
    ) -> Delivery | Refusal:
        """Verify the raw body. Header names are lower-case; any of the secrets may fit."""
        ...

    def sign(self, body: bytes, secret: bytes, delivery_id: str, topic: str, now: datetime) -> dict[str, str]:
        """Return the headers with which a real sender would send this body."""
        ...

    def read(self, topic: str | None, document: Any, source: str) -> Reading:
        """Turn a parsed body into order events of `source`. Raises FaultyInputError naming every field at fault."""
        ...

    def check_secret(self, secret: str) -> None:
        """Raise ValueError with the reason when signatures cannot be checked with this secret."""
        ...

    def new_secret(self) -> str:
        """Return a fresh secret in the sender's notation; empty when the sender makes it."""
        ...
