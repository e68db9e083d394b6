"""Which session a row means: by its code, or by venue and date where these say it alone. Pure."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.tabular.importer import Problem
from fulfillment.bulk_events.models import BulkSession

UNKNOWN = Problem("session", "session_unknown", "この公演回はありません。", "There is no such session.")
MISSING = Problem(
    "session",
    "session_missing",
    "公演回、または会場と公演日が必要です。",
    "A session, or venue and date, is needed.",
)
AMBIGUOUS = Problem(
    "session",
    "session_ambiguous",
    "会場と公演日だけでは公演回が一つに決まりません。",
    "Venue and date do not tell one session.",
)
CONTRADICTORY = Problem(
    "held_on",
    "session_contradictory",
    "公演回と、会場または公演日が食い違っています。",
    "The session has another venue or date than the row says.",
)


def fold_word(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class SessionFinder:
    """Finds sessions of one event."""

    def __init__(self, sessions: Sequence[BulkSession]) -> None:
        self._by_key = {fold_word(each.key): each for each in sessions}
        self._by_word: dict[object, list[BulkSession]] = defaultdict(list)
        for each in sessions:
            for word in {fold_word(each.venue), fold_word(each.venue_en)}:
                self._by_word[word].append(each)
                self._by_word[word, each.held_on].append(each)
            self._by_word[each.held_on].append(each)

    def find(self, values: Mapping[str, Any]) -> BulkSession | Problem:
        """Return the one session that a row means, or why there is none."""
        key, venue, held_on = values.get("session"), values.get("venue"), values.get("held_on")
        if key:
            found = self._by_key.get(fold_word(key))
            return UNKNOWN if found is None else _confirm(found, venue, held_on)
        if not venue and not held_on:
            return MISSING
        word = fold_word(venue) if venue else None
        known = self._by_word.get((word, held_on) if word and held_on else word or held_on, [])
        if len(known) == 1:
            return known[0]
        return AMBIGUOUS if known else UNKNOWN


def _confirm(found: BulkSession, venue: str | None, held_on: date | None) -> BulkSession | Problem:
    """A code beside another date or venue is a slip of somebody's hand: nobody may get another night's parcel."""
    venues = {fold_word(found.venue), fold_word(found.venue_en)}
    if (held_on and held_on != found.held_on) or (venue and fold_word(venue) not in venues):
        return CONTRADICTORY
    return found
