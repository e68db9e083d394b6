"""How a lower package tells a higher one: published here, wired in `app/wiring.py`, handled in the same transaction."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

Handler = Callable[[Session, Any], None]
_handlers: dict[type, list[Handler]] = defaultdict(list)


def subscribe(event_type: type, handler: Handler) -> None:
    """Call `handler(session, event)` for every event of this type. Subscribing twice changes nothing."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def publish(session: Session, event: object) -> None:
    """Run every handler now; what one raises reaches the caller and undoes the transaction."""
    for handler in _handlers[type(event)]:
        handler(session, event)
