"""Facts about the orders of each shipment: per basis (orders, lines, fees, discounts) one query for what it tells of
the whole shipment, one for sets of words; all of them one statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows
from personalization.columns import Column, FactType, ScalarColumn
from personalization.facts.question import Question
from personalization.loading.bases import FILTERS, FIRST_ORDERS, SQL, WANTED_COLUMNS, Basis
from personalization.loading.blocks import Asking, Loader, load_together, make_set_column, make_text_column
from personalization.loading.order_readings import READINGS
from personalization.loading.staging import stage
from personalization.loading.subjects import FirstOrder
from personalization.requests import DecisionRequest

TEXTS: Final = (FactType.TEXT, FactType.CHOICE)


@dataclass(frozen=True)
class Baskets:
    """The orders of a batch. `wanted` names them in SQL. `firsts`: position → when the first order was placed and its
    number; a shipment without an order has none.
    """

    session: Session
    wanted: str
    parameters: Mapping[str, Any]
    firsts: Mapping[int, FirstOrder]
    size: int

    def find_first_order(self, position: int, request: DecisionRequest) -> FirstOrder:
        """Return the first order, or for a shipment without one the moment of its acceptance."""
        return self.firsts.get(position) or FirstOrder(request.accepted_at)

    def make_columns(self, questions: Sequence[Question]) -> dict[Question, Column]:
        of_basis = {
            basis: [question for question in questions if READINGS[question.key].basis is basis] for basis in Basis
        }
        loaders = [self._load(basis, asked) for basis, asked in of_basis.items() if asked]
        return load_together(self.session, loaders, self.parameters)

    def _load(self, basis: Basis, questions: Sequence[Question]) -> Loader:
        """Load what is told by shipment (numbers, single words), and what each row tells (sets)."""
        names = {f"{basis}{index}": question for index, question in enumerate(questions)}
        sets = {name: READINGS[q.key] for name, q in names.items() if q.fact.type is FactType.TEXT_SET}
        texts = {name: name for name, q in names.items() if q.fact.type in TEXTS}
        numbers = {name: name for name in names if name not in sets and name not in texts}
        query, parameters = self._group(basis, {name: q for name, q in names.items() if name not in sets})
        grouped, listed = yield [
            Asking(query, texts, numbers=numbers, parameters=parameters),
            Asking(
                self._write_basis(basis),
                {name: reading.sql for name, reading in sets.items() if not reading.many},
                {name: reading.sql for name, reading in sets.items() if reading.many},
            ),
        ]
        columns: dict[Question, Column] = {}
        for name, question in names.items():
            if name in sets:
                columns[question] = make_set_column(listed.words[name], self._known_mask)
            elif name in texts:
                columns[question] = make_text_column(question.fact.type, grouped.words[name], self.size)
            else:
                columns[question] = self._spread(question, grouped.positions, grouped.numbers[name])
        return columns

    def _spread(self, question: Question, positions: NDArray[np.int64], found: NDArray[np.float64]) -> Column:
        values = np.full(self.size, np.nan)
        default = READINGS[question.key].default
        if default is not None:
            values[self._known_mask] = default
            found = np.where(np.isnan(found), default, found)
        values[positions] = found
        return ScalarColumn(question.fact.type, values)

    @cached_property
    def _known_mask(self) -> NDArray[np.bool_]:
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[list(self.firsts)] = True
        return mask

    def _write_basis(self, basis: Basis) -> str:
        return SQL[basis].format(wanted=self.wanted)

    def _group(self, basis: Basis, names: Mapping[str, Question]) -> tuple[str, dict[str, Any]]:
        """Return the query with one row per shipment and one column per question, and its parameters."""
        parameters: dict[str, Any] = {}
        parts = []
        for name, question in names.items():
            conditions = "".join(_filter(question, name, parameters))
            sql = READINGS[question.key].sql.format(filter=conditions).replace(":name", f":{name}_name")
            parts.append(f", {sql} AS {name}")
        return (
            f"SELECT position{''.join(parts)} FROM ({self._write_basis(basis)}) AS rows GROUP BY position",
            parameters,
        )


def _filter(question: Question, name: str, parameters: dict[str, Any]) -> Iterable[str]:
    for key, value in question.parameters:
        parameters[f"{name}_{key}"] = list(value) if isinstance(value, tuple) else value
        if key in FILTERS:
            yield f" AND {FILTERS[key].format(p=f'{name}_{key}')}"


def load_baskets(
    session: Session, shop_id: UUID, zone: ZoneInfo, requests: Sequence[DecisionRequest], todays: Sequence[date]
) -> Baskets:
    """Find the orders of the shipments; what is asked of them is read by `make_columns`."""
    rows = [
        {"position": position, "order_id": order_id, "today": today}
        for position, (request, today) in enumerate(zip(requests, todays, strict=True))
        for order_id in request.order_ids
    ]
    parameters = {"shop_id": shop_id, "zone": str(zone), "wanted": pack_rows(rows)}
    wanted = stage(session, "wanted", WANTED_COLUMNS, parameters, len(rows))
    found = session.execute(text(FIRST_ORDERS.format(wanted=wanted)), parameters).all() if rows else ()
    return Baskets(session, wanted, parameters, {row[0]: FirstOrder(*row[1:]) for row in found}, len(requests))
