"""Moments as people enter them: a local date and time in the shop's time zone. Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from personalization.errors import MomentError


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of "2026-12-01T09:00". Of an hour that comes twice (clocks go back) it is the first.

    Raises MomentError for what is no date and time, and for one that the clocks skip.
    """
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise MomentError("unreadable") from None
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise MomentError("does not exist")
    return moment


def show_moment(moment: datetime, zone: ZoneInfo) -> str:
    """Return the local date and time as an input field holds it."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
