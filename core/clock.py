"""The time. Tests fix it with `freeze`; a demo of the past sets it back by `SOEGAKI_CLOCK_OFFSET_SECONDS`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

from core.settings import get_settings

_frozen: datetime | None = None


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return _frozen or datetime.now(UTC) + _offset()


@cache
def _offset() -> timedelta:
    return timedelta(seconds=get_settings().clock_offset_seconds)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Let the time stand still at `moment` (aware) for the whole process."""
    global _frozen
    before, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
