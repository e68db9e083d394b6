"""Pages by key: the address of the first and of the next page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID


@dataclass(frozen=True)
class PageLinks:
    first: str | None
    after: str | None


def make_links(path: str, filters: Mapping[str, object], *, current: object, following: object) -> PageLinks:
    """Return the links under a list: `current` is the key this page began after, `following` the next page's."""
    kept = {name: str(value) for name, value in filters.items() if value not in (None, "", [])}
    first = f"{path}?{urlencode(kept)}" if kept else path
    after = f"{path}?{urlencode({**kept, 'before': str(following)})}" if following else None
    return PageLinks(first if current else None, after)


def write_key(moment: datetime, key: UUID) -> str:
    """Return the key of a list by time as it stands in an address."""
    return f"{moment.isoformat()}~{key}"


def read_key(text: str) -> tuple[datetime, UUID] | None:
    """Return the key of an address; None for the first page, and for what is no key."""
    moment, _, key = text.rpartition("~")
    try:
        return datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        return None
