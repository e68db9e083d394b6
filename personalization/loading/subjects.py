"""Whom and when a batch asks about: one row per request, handed to SQL as one parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from personalization.columns import Column, FactType, Value, make_column
from personalization.facts.fact import AsOf
from personalization.requests import DecisionRequest

# `ordered_at` and `number` are of the shipment's first order: purchases before it are history.
SUBJECT_COLUMNS: Final = {
    "position": "integer",
    "customer_id": "uuid",
    "moment": "timestamptz",
    "today": "date",
    "ordered_at": "timestamptz",
    "number": "text",
}
SUBJECTS: Final = rowset("subjects", SUBJECT_COLUMNS)


@dataclass(frozen=True, slots=True)
class Subjects:
    """`rows` leaves out requests whose person is unknown; their facts are missing. `size` is that of the batch."""

    session: Session
    shop_id: UUID
    zone: ZoneInfo
    as_of: AsOf
    size: int
    rows: Sequence[dict[str, Any]]

    @property
    def parameters(self) -> dict[str, Any]:
        return {"shop_id": self.shop_id, "zone": str(self.zone), "subjects": pack_rows(self.rows)}

    def fill(self, kind: FactType, found: dict[int, Any], default: Value = None) -> Column:
        """Return a column from position → value; a known person without a value has `default`."""
        values: list[Any] = [None] * self.size
        for row in self.rows:
            values[row["position"]] = found.get(row["position"], default)
        return make_column(kind, values)


def make_subject(
    position: int, customer_id: UUID, request: DecisionRequest, first_order: tuple[datetime, str], zone: ZoneInfo
) -> dict[str, Any]:
    return {
        "position": position,
        "customer_id": customer_id,
        "moment": request.moment,
        "today": request.moment.astimezone(zone).date(),
        "ordered_at": first_order[0],
        "number": first_order[1],
    }
