"""Sets of values that one fact may have, for reasoning about conditions. Pure.

A domain holds every value that is still possible, never too few: what is empty here is empty in truth. The reverse need
not hold: what cannot be told apart counts as possible.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

INF = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    low: float = -INF
    high: float = INF
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def holds(self, number: float) -> bool:
        above = self.low < number or (self.low == number and not self.low_open)
        return above and (number < self.high or (number == self.high and not self.high_open))

    def intersect(self, other: "Interval") -> "Interval":
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        # Of two equal bounds the open one is the stricter.
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A union of intervals. Numbers, money, and dates as days since 1970-01-01."""

    intervals: tuple[Interval, ...] = (Interval(),)

    @property
    def is_empty(self) -> bool:
        return not self.intervals

    @property
    def low(self) -> float:
        return min((interval.low for interval in self.intervals), default=INF)

    @property
    def high(self) -> float:
        return max((interval.high for interval in self.intervals), default=-INF)

    def intersect(self, other: "Numbers") -> "Numbers":
        pairs = (mine.intersect(theirs) for mine in self.intervals for theirs in other.intervals)
        return Numbers(tuple(interval for interval in pairs if not interval.is_empty))


def make_numbers(intervals: Iterable[Interval], *, whole: bool) -> Numbers:
    """Return the union; of a fact whose values are whole numbers, bounds are drawn to the nearest inside."""
    drawn = (_draw_in(interval) if whole else interval for interval in intervals)
    return Numbers(tuple(interval for interval in drawn if not interval.is_empty))


def _draw_in(interval: Interval) -> Interval:
    low, high = interval.low, interval.high
    if math.isfinite(low):
        low = math.floor(low) + 1 if interval.low_open else math.ceil(low)
    if math.isfinite(high):
        high = math.ceil(high) - 1 if interval.high_open else math.floor(high)
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class Words:
    """Texts, choices, and booleans as "true" and "false". `allowed` None: any text."""

    allowed: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    contains: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    starts_not: frozenset[str] = frozenset()

    def has(self, word: str) -> bool:
        return (self.allowed is None or word in self.allowed) and self.accepts(word)

    def accepts(self, word: str) -> bool:
        return (
            word not in self.excluded
            and all(part in word for part in self.contains)
            and all(word.startswith(part) for part in self.starts)
            and not any(part in word for part in self.lacks)
            and not any(word.startswith(part) for part in self.starts_not)
        )

    @property
    def is_empty(self) -> bool:
        if self.allowed is not None:
            return not any(self.accepts(word) for word in self.allowed)
        longest = max(self.starts, key=len, default="")
        if not all(longest.startswith(part) for part in self.starts):
            return True
        demanded = (*self.contains, longest)
        return any(part in word for part in self.lacks for word in demanded) or any(
            longest.startswith(part) for part in self.starts_not
        )

    def intersect(self, other: "Words") -> "Words":
        both = [each for each in (self.allowed, other.allowed) if each is not None]
        return Words(
            frozenset.intersection(*both) if both else None,
            self.excluded | other.excluded,
            self.contains | other.contains,
            self.starts | other.starts,
            self.lacks | other.lacks,
            self.starts_not | other.starts_not,
        )


@dataclass(frozen=True, slots=True)
class Members:
    """Sets of texts: what must be in, what must not, of which lists at least one is in, which lists are not all in."""

    must: frozenset[str] = frozenset()
    must_not: frozenset[str] = frozenset()
    any_of: frozenset[frozenset[str]] = frozenset()
    not_all: frozenset[frozenset[str]] = frozenset()
    is_void: bool = False
    is_filled: bool = False
    universe: frozenset[str] | None = None

    @property
    def is_empty(self) -> bool:
        if self.must & self.must_not or (self.is_void and (self.must or self.any_of or self.is_filled)):
            return True
        if self.universe is not None and not self.must <= self.universe:
            return True
        possible = None if self.universe is None else self.universe - self.must_not
        if possible is not None and not possible and self.is_filled:
            return True
        unmet = any(not (each - self.must_not if possible is None else each & possible) for each in self.any_of)
        return unmet or any(each <= self.must for each in self.not_all)

    def intersect(self, other: "Members") -> "Members":
        return Members(
            self.must | other.must,
            self.must_not | other.must_not,
            self.any_of | other.any_of,
            self.not_all | other.not_all,
            self.is_void or other.is_void,
            self.is_filled or other.is_filled,
            self.universe if other.universe is None else other.universe,
        )


Values = Numbers | Words | Members


@dataclass(frozen=True, slots=True)
class Domain:
    """`known` None: no known value is possible."""

    missing: bool = True
    known: Values | None = None

    @property
    def is_empty(self) -> bool:
        return not self.missing and self.known is None

    def intersect(self, other: "Domain") -> "Domain":
        known = None
        if self.known is not None and other.known is not None:
            known = _intersect(self.known, other.known)
        return Domain(self.missing and other.missing, known)


def make_domain(*, missing: bool, known: Values | None) -> Domain:
    return Domain(missing, None if known is None or known.is_empty else known)


def _intersect(mine: Values, theirs: Values) -> Values | None:
    match mine, theirs:
        case (Numbers(), Numbers()) | (Words(), Words()) | (Members(), Members()):
            both: Values = mine.intersect(theirs)  # type: ignore[arg-type] # (of one kind, as the cases say)
            return None if both.is_empty else both
    return mine
