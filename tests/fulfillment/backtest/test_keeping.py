"""How rows are written."""

import numpy as np

from fulfillment.backtest.keeping import write_arrays
from personalization.resolver.events import Ragged


def test_rows_of_numbers_are_written_as_postgresql_reads_arrays() -> None:
    assert list(write_arrays(Ragged(np.array([7, -1, 300]), np.array([0, 0, 2, 3, 3])))) == [
        "{}",
        "{7,-1}",
        "{300}",
        "{}",
    ]
    assert list(write_arrays(Ragged(np.array([], dtype=np.int64), np.array([0, 0])))) == ["{}"]
    assert list(write_arrays(Ragged(np.array([], dtype=np.int64), np.array([0])))) == []
