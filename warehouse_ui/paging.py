"""Pages by key: the address of the first and of the next page."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class PageLinks:
    first: str | None
    after: str | None


def make_links(path: str, filters: Mapping[str, object], *, current: object, following: object) -> PageLinks:
    """Return the links under a list. `current` is the key this page began after, `following` the next page's; none: no more."""
    kept = {name: str(value) for name, value in filters.items() if value not in (None, "", [])}
    first = f"{path}?{urlencode(kept)}" if kept else path
    after = f"{path}?{urlencode({**kept, 'before': str(following)})}" if following else None
    return PageLinks(first if current else None, after)
