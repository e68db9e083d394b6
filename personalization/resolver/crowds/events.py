"""What happens to parcels, as pairs of arrays: the row, and the number of a value that many rows share."""

from collections.abc import Callable, Hashable
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

    def list_by_row(self, size: int, values: list[Any]) -> list[tuple[Any, ...]]:
        """Return what each of `size` rows has."""
        if not self._rows:
            return [()] * size
        rows, numbers = np.concatenate(self._rows), np.concatenate(self._numbers)
        order = np.argsort(rows, kind="stable")
        found = [values[number] for number in numbers[order].tolist()]
        return [tuple(found[start:stop]) for start, stop in pairwise(list_bounds(rows, size))]


def list_bounds(rows: Rows, size: int) -> list[int]:
    """Return where each row's part begins among pairs in the order of rows, and where the last one ends."""
    bounds: list[int] = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=size)))).tolist()
    return bounds
