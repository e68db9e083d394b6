"""Whom and when a batch asks about: one row per request, which SQL reads as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from core.rowsets import PackedRows, pack_rows
from personalization.columns import EPOCH, FactType, ScalarColumn, SetColumn, TextColumn
from personalization.facts.fact import AsOf
from personalization.loading.blocks import make_set_column, make_text_column
from personalization.loading.staging import stage
from personalization.requests import DecisionRequest


class FirstOrder(NamedTuple):
    """Of a shipment: what came before it is history. `name`: its number as the purchase is named in `Reader`."""

    placed_at: datetime
    number: str = ""
    name: int = 0


# `ordered_at` and `number` are of the shipment's first order: purchases before it are history.
SUBJECT_COLUMNS: Final = {
    "position": "integer",
    "customer_id": "uuid",
    "moment": "timestamptz",
    "today": "date",
    "ordered_at": "timestamptz",
    "number": "text",
}


@dataclass(frozen=True)
class Subjects:
    """`rows` leaves out requests whose person is unknown; their facts are missing. `size` is that of the batch."""

    session: Session
    shop_id: UUID
    zone: ZoneInfo
    as_of: AsOf
    size: int
    rows: Sequence[dict[str, Any]]
    # What was begun to be fetched, by what was wanted.
    ahead: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    # What one reader found and another needs too.
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _packed(self) -> PackedRows:
        return pack_rows(self.rows)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"shop_id": self.shop_id, "zone": str(self.zone), "subjects": self._packed}

    @cached_property
    def table(self) -> str:
        """Return what stands in FROM for the subjects, under this name; bound by `parameters`."""
        return stage(self.session, "subjects", SUBJECT_COLUMNS, self.parameters, len(self.rows))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Return which requests have a person."""
        known = np.zeros(self.size, dtype=np.bool_)
        known[[row["position"] for row in self.rows]] = True
        return known

    @cached_property
    def todays(self) -> NDArray[np.float64]:
        """Return each request's day in the shop's time zone, in days since 1970-01-01; NaN without a person."""
        todays = np.full(self.size, np.nan)
        for row in self.rows:
            todays[row["position"]] = row["today"].toordinal() - EPOCH
        return todays

    @cached_property
    def order_days(self) -> NDArray[np.float64]:
        """Return the day of each request's first order, as `todays` counts them."""
        days = np.full(self.size, np.nan)
        for row in self.rows:
            days[row["position"]] = row["ordered_at"].astimezone(self.zone).toordinal() - EPOCH
        return days

    def spread(
        self,
        kind: FactType,
        positions: NDArray[np.int64],
        values: NDArray[np.float64],
        default: float | None = None,
    ) -> ScalarColumn:
        """Return the column of values at positions; a known person without one has `default`."""
        column = np.full(self.size, np.nan)
        if default is not None:
            column[self.known] = default
        column[positions] = values
        return ScalarColumn(kind, column)

    def make_texts(self, kind: FactType, words: Mapping[str, NDArray[np.int64]]) -> TextColumn:
        return make_text_column(kind, words, self.size)

    def make_sets(self, words: Mapping[str, NDArray[np.int64]]) -> SetColumn:
        """Return the column of sets: empty for a known person without any, missing for an unknown one."""
        return make_set_column(words, self.known)


def make_subject(
    position: int, customer_id: UUID, request: DecisionRequest, first_order: FirstOrder, today: date
) -> dict[str, Any]:
    return {
        "position": position,
        "customer_id": customer_id,
        "moment": request.moment,
        "today": today,
        "ordered_at": first_order.placed_at,
        "number": first_order.number,
        "name": first_order.name,
    }
