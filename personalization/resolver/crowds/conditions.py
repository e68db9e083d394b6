"""What holds for each parcel of a crowd, whichever rule asks: persons, laws of the day, boxes and what is in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from personalization.facts.question import Audience
from personalization.insert_info import InsertInfo
from personalization.models import InsertKind
from personalization.plan import Reason
from personalization.requests import DecisionRequest
from personalization.resolver.batch import Batch, get_person
from personalization.resolver.enclosing import Load, count_pieces, find_excess, find_letter_obstacle
from personalization.resolver.events import Rows
from personalization.resolver.resolve import LawOfDay, Terms
from personalization.rulesets.ruleset import BoxLimits

# In the order in which a parcel asks.
BUDGETS: Final = (
    ("pieces", Reason.BOX_PIECES),
    ("grams", Reason.BOX_GRAMS),
    ("millimetres", Reason.BOX_MILLIMETRES),
    ("cost", Reason.BOX_COST),
)


@dataclass
class Conditions:
    """`rows` are those of the batch; arrays have one row for each of them."""

    batch: Batch
    rows: Sequence[int]
    terms: Terms

    @cached_property
    def requests(self) -> list[DecisionRequest]:
        return [self.batch.requests[row] for row in self.rows]

    @cached_property
    def persons(self) -> Mapping[Audience, list[UUID | None]]:
        return {audience: [get_person(request, audience) for request in self.requests] for audience in Audience}

    @cached_property
    def laws(self) -> list[LawOfDay]:
        """The law of each row."""
        return [self.terms.find_law(row) for row in self.rows]

    @cached_property
    def kinds_of_law(self) -> tuple[list[LawOfDay], Rows]:
        """The laws that there are, and the place of each row's: few days, few services."""
        distinct = {id(law): law for law in self.laws}
        places = {key: place for place, key in enumerate(distinct)}
        return list(distinct.values()), np.array([places[id(law)] for law in self.laws], dtype=np.int64)

    @cached_property
    def gift_limits(self) -> NDArray[np.int64]:
        """The most that the free gifts of each parcel may be worth."""
        totals = self.terms.totals
        found = [law.limit.for_transaction(totals[row]) for law, row in zip(self.laws, self.rows, strict=True)]
        return np.array(found, dtype=np.int64)

    @cached_property
    def boxes(self) -> list[BoxLimits]:
        return [self.terms.find_space(request.space) for request in self.requests]

    @cached_property
    def budgets(self) -> Mapping[str, NDArray[np.float64]]:
        """Budget → what each parcel may hold; what no parcel limits is left out."""
        found = {}
        for name, _ in BUDGETS:
            most = [getattr(box, name) for box in self.boxes]
            if any(each is not None for each in most):
                found[name] = np.array([np.inf if each is None else each for each in most], dtype=np.float64)
        return found

    def lets_in(self, row: int, insert: InsertInfo, quantity: int) -> bool:
        """Whether nothing but stock could keep the insert out of a parcel that is still empty."""
        law, is_gift = self.laws[row], insert.kind is InsertKind.GIFT
        if not insert.active or (is_gift and insert.market_value * quantity > self.gift_limits[row]):
            return False
        if find_letter_obstacle(insert.key, insert.letter_class, insert.sealed, law.service) is not None:
            return False
        return find_excess(insert, quantity, NOTHING, self.boxes[row]) is None


NOTHING: Final = Load()


@dataclass
class Loads:
    """What was put into each parcel so far; grams, millimetres of thickness, money in the smallest unit."""

    size: int
    budgets: Mapping[str, NDArray[np.float64]]

    def __post_init__(self) -> None:
        self._sums = {name: np.zeros(self.size, dtype=np.float64) for name in self.budgets}
        self.gift_value = np.zeros(self.size, dtype=np.int64)

    def add(self, insert: InsertInfo, quantity: int, rows: Rows) -> None:
        for name, sums in self._sums.items():
            sums[rows] += _measure(insert, quantity, name)
        if insert.kind is InsertKind.GIFT:
            self.gift_value[rows] += insert.market_value * quantity

    def list_needs(
        self, insert: InsertInfo, quantity: int, rows: Rows
    ) -> Iterator[tuple[str, Reason, NDArray[np.float64], NDArray[np.bool_]]]:
        """Yield each budget that limits a parcel, why the insert would be lost, what would be needed with it, and where
        that is too much.
        """
        for name, reason in BUDGETS:
            if name in self.budgets:
                needed = self._sums[name][rows] + _measure(insert, quantity, name)
                yield name, reason, needed, needed > self.budgets[name][rows]


def _measure(insert: InsertInfo, quantity: int, budget: str) -> float:
    match budget:
        case "pieces":
            return count_pieces(insert, quantity)
        case "grams":
            return insert.weight_g * quantity
        case "millimetres":
            return insert.thickness_mm * quantity
    return insert.unit_cost * quantity
