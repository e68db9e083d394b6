"""What each request sees of its person's events: pairs of request and event, and what is counted over them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.facts.fact import AsOf
from personalization.loading.events import Events, Reader
from personalization.loading.moments import Ints
from personalization.loading.sending import NO_AMOUNT, Mask

# So many pairs are looked at together: all their masks fit the processor's memory.
PAIRS: Final = 100_000
NEVER: Final = np.iinfo(np.int32).max
# Days of many thousand years, before 1970 too.
DAY_BITS: Final = 32


@dataclass
class Sight:
    """Some subjects and the events of one kind that they see, by subject and time.

    `event[k]` is the event of pair k; subject `first + i` has the pairs from `starts[i]` up to `starts[i + 1]`.
    """

    events: Events
    first: int
    event: Ints
    starts: Ints
    age: NDArray[np.int32]  # days

    @property
    def size(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def subject(self) -> Ints:
        """The subject of each pair, counted from 0 within this sight."""
        return np.repeat(np.arange(self.size), np.diff(self.starts))

    @cached_property
    def filled(self) -> Ints:
        """The subjects that see anything: the others have no segment to sum over."""
        return np.flatnonzero(np.diff(self.starts))

    def fold(self, combine: np.ufunc, values: NDArray[Any], empty: float) -> NDArray[np.float64]:
        """Combine the values (… × pairs) of each subject's pairs; `empty` for a subject without any."""
        found = np.full((*values.shape[:-1], self.size), empty, dtype=np.float64)
        if len(self.filled):
            found[..., self.filled] = combine.reduceat(values, self.starts[self.filled], axis=-1)
        return found

    def read(self, column: str) -> NDArray[Any]:
        return self.events.columns[column][self.event]


# What is counted over the pairs that each mask (masks × pairs) leaves, as (masks × subjects); None: over all of them,
# as one row. NaN where nothing is known.
Kernel = Callable[[Sight, Mask | None], NDArray[np.float64]]


def count(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    if mask is None:
        return np.diff(sight.starts).astype(np.float64)
    return sight.fold(np.add, mask.astype(np.int32), 0)


def exist(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    return np.minimum(count(sight, mask), 1)


def add_amounts(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    amounts = sight.read("amount")
    return sight.fold(np.add, np.where(_with_amount(amounts, mask), amounts, 0), 0)


def add_quantities(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    quantities = sight.read("quantity").astype(np.int64)
    return sight.fold(np.add, quantities if mask is None else np.where(mask, quantities, 0), 0)


def average_amount(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    amounts = sight.read("amount")
    there = _with_amount(amounts, mask)
    counted = sight.fold(np.add, there.astype(np.int32), 0)
    return divide(sight.fold(np.add, np.where(there, amounts, 0), 0), counted)


def largest_amount(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    amounts = sight.read("amount")
    largest = sight.fold(np.maximum, np.where(_with_amount(amounts, mask), amounts, NO_AMOUNT), NO_AMOUNT)
    return np.where(largest == NO_AMOUNT, np.nan, largest)


def youngest_age(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    ages = sight.age if mask is None else np.where(mask, sight.age, NEVER)
    found = sight.fold(np.minimum, ages, NEVER)
    return np.where(found == NEVER, np.nan, found)


def oldest_age(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    ages = sight.age if mask is None else np.where(mask, sight.age, -NEVER)
    found = sight.fold(np.maximum, ages, -NEVER)
    return np.where(found == -NEVER, np.nan, found)


def last_score(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    scores = sight.read("score")
    there = _with_score(scores, mask)
    last = sight.fold(np.maximum, np.where(there, np.arange(len(scores)), -1), -1).astype(np.int64)
    return np.where(last < 0, np.nan, scores[last] if len(scores) else np.nan)


def average_score(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    scores = sight.read("score")
    there = _with_score(scores, mask)
    counted = sight.fold(np.add, there.astype(np.int32), 0)
    return divide(sight.fold(np.add, np.where(there, scores, 0), 0), counted)


def lowest_score(sight: Sight, mask: Mask | None) -> NDArray[np.float64]:
    scores = sight.read("score")
    found = sight.fold(np.minimum, np.where(_with_score(scores, mask), scores, np.inf), np.inf)
    return np.where(np.isinf(found), np.nan, found)


def divide(total: NDArray[np.float64], counted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share; NaN of nothing."""
    share: NDArray[np.float64] = np.divide(total, counted, out=np.full(total.shape, np.nan), where=counted > 0)
    return share


def _with_amount(amounts: NDArray[Any], mask: Mask | None) -> Mask:
    there: Mask = amounts != NO_AMOUNT
    return there if mask is None else there & mask


def _with_score(scores: NDArray[Any], mask: Mask | None) -> Mask:
    there: Mask = ~np.isnan(scores)
    return there if mask is None else there & mask


@dataclass(frozen=True, slots=True)
class Span:
    """Of each subject the events of its person, from `begins` up to `ends`, that are not too old to count."""

    begins: Ints
    ends: Ints


def find_span(reader: Reader, events: Events, most: int = NEVER) -> Span:
    """`most`: the greatest age in days that counts."""
    begins, ends = events.ends[reader.person - 1], events.ends[reader.person]
    if most == NEVER:
        return Span(begins, ends)
    # Persons and days as one number, which rises from event to event.
    days = (events.person << DAY_BITS) + events.day
    return Span(np.searchsorted(days, (reader.person << DAY_BITS) + (reader.today - most)), ends)


def cut(*spans: Span) -> list[int]:
    """Return where to cut the subjects into runs that have so few pairs that they are looked at together."""
    pairs = np.sum([span.ends - span.begins for span in spans], axis=0)
    ends = np.cumsum(pairs)
    total = int(ends[-1]) if len(ends) else 0
    within = np.searchsorted(ends, np.arange(PAIRS, total, PAIRS)) + 1
    return sorted({0, *within.tolist(), len(pairs)})


def look(reader: Reader, events: Events, span: Span, cuts: Sequence[int], *, is_purchase: bool) -> Iterator[Sight]:
    """Yield what the subjects see, some of them at a time: those between two cuts.

    A purchase is history when it is before the order itself: by time, and at one instant by its number.
    """
    for first, last in pairwise(cuts):
        chosen = slice(first, last)
        begins, lengths = span.begins[chosen], (span.ends - span.begins)[chosen]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        subject = np.repeat(np.arange(len(begins)), lengths)
        event = np.arange(starts[-1]) - np.repeat(starts[:-1] - begins, lengths)
        seen = _find_seen(reader, events, subject + first, event)
        if is_purchase:
            seen &= _find_earlier(reader, events, subject + first, event)
        subject, event = subject[seen], event[seen]
        starts = np.concatenate(([0], np.cumsum(np.bincount(subject, minlength=len(begins)))))
        age = reader.today[chosen][subject] - events.day[event]
        yield Sight(events, first, event, starts, age)


def _find_seen(reader: Reader, events: Events, subject: Ints, event: Ints) -> Mask:
    moment = reader.moment[subject]
    if reader.subjects.as_of is AsOf.KNOWN:
        seen: Mask = events.columns["since"][event] <= moment
        return seen & (events.columns["retired"][event] > moment)
    happened: Mask = events.columns["at"][event] <= moment
    return happened


def _find_earlier(reader: Reader, events: Events, subject: Ints, event: Ints) -> Mask:
    at, ordered_at = events.columns["at"][event], reader.ordered_at[subject]
    earlier: Mask = at < ordered_at
    # The order's own purchase is the rule among them; it is not before itself.
    tied = np.flatnonzero((at == ordered_at) & (events.columns["name"][event] != reader.name[subject]))
    if len(tied):
        places, names = reader.find_ties(np.unique(subject[tied]))
        before = set(zip(places.tolist(), names.tolist(), strict=True))
        pairs = zip(subject[tied].tolist(), events.columns["name"][event[tied]].tolist(), strict=True)
        earlier[tied] = [pair in before for pair in pairs]
    return earlier
