"""What happens to parcels, as pairs of arrays: the row, and the number of a value that many rows share."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(slots=True)
class Values:
    """Numbers what rules chose or lost. Each is made once."""

    listed: list[Any] = field(default_factory=list)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, key: Hashable, make: Callable[[], Any]) -> int:
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.listed)
            self.listed.append(make())
        return found


@dataclass(frozen=True, slots=True)
class Ragged:
    """Numbers of many rows, one row after the other: those of row i stand from `bounds[i]` to `bounds[i + 1]`."""

    numbers: Rows
    bounds: Rows

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def of(self, row: int) -> list[int]:
        found: list[int] = self.numbers[self.bounds[row] : self.bounds[row + 1]].tolist()
        return found

    def __iter__(self) -> Iterator[list[int]]:
        numbers: list[int] = self.numbers.tolist()
        return (numbers[start:stop] for start, stop in pairwise(self.bounds.tolist()))

    @property
    def rows(self) -> Rows:
        """The row of each number."""
        return np.repeat(np.arange(len(self)), np.diff(self.bounds))

    def take(self, rows: Rows) -> "Ragged":
        """Return these rows, in this order."""
        sizes = np.diff(self.bounds)[rows]
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        places = np.arange(bounds[-1]) + np.repeat(self.bounds[:-1][rows] - bounds[:-1], sizes)
        return Ragged(self.numbers[places], bounds)


@dataclass(slots=True)
class Events:
    """Collects pairs; a row has its own in the order in which they came."""

    _rows: list[Rows] = field(default_factory=list)
    _numbers: list[Rows] = field(default_factory=list)

    def add(self, rows: Rows, number: int) -> None:
        """Note the same for all these rows."""
        if rows.size:
            self._rows.append(rows)
            self._numbers.append(np.full(rows.size, number, dtype=np.int64))

    def add_each(self, rows: Rows, numbers: Rows) -> None:
        if rows.size:
            self._rows.append(rows)
            self._numbers.append(numbers)

    def gather(self, size: int) -> Ragged:
        """Return what each of `size` rows has."""
        if not self._rows:
            return Ragged(np.zeros(0, dtype=np.int64), np.zeros(size + 1, dtype=np.int64))
        rows, numbers = np.concatenate(self._rows), np.concatenate(self._numbers)
        order = np.argsort(rows, kind="stable")
        return Ragged(numbers[order], find_bounds(rows, size))


def find_bounds(rows: Rows, size: int) -> Rows:
    """Return where each row's part begins among pairs in the order of rows, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=size))))
