"""The CDNOW summaries of the `lifetimes` package: read from it, never kept here."""

import csv
from importlib.metadata import distribution

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def read_summaries(name: str, *columns: str) -> list[Array]:
    """Return columns of one of its data files, without importing the package."""
    path = distribution("lifetimes").locate_file(f"lifetimes/datasets/{name}")
    with open(str(path), encoding="utf-8") as file:  # noqa: PTH123 (locate_file promises a path-like only)
        rows = list(csv.DictReader(file))
    return [np.array([float(row[column]) for row in rows]) for column in columns]
