"""By whom figures are told apart: how often a customer has ordered, this order included."""

from typing import Final

import numpy as np

from personalization.columns import ScalarColumn
from personalization.facts.question import ask
from personalization.resolver.batch import Batch

SEGMENT_QUESTION: Final = ask("customer.nth_order")
# First order of the segment → its name; guests have none. F1, F2 転換, then those who stay.
SEGMENTS: Final = ((1, "first"), (2, "second"), (3, "repeat"), (10, "loyal"))
GUEST: Final = "guest"


def name_segments(batch: Batch) -> list[str]:
    """Return the segment of every row."""
    column = batch.columns[SEGMENT_QUESTION]
    assert isinstance(column, ScalarColumn)
    bounds = np.array([first for first, _ in SEGMENTS])
    names = [GUEST, *(name for _, name in SEGMENTS)]
    places = np.where(np.isnan(column.values), 0, np.searchsorted(bounds, np.nan_to_num(column.values), side="right"))
    return [names[place] for place in places]
