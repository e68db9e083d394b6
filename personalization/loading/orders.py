"""Facts about the orders of each shipment: per basis (orders, lines, fees, discounts) one statement for all numbers,
one for all words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from personalization.loading.blocks import make_set_column, make_text_column, read_numbers, read_words
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
        columns: dict[Question, Column] = {}
        for basis in Basis:
            asked = [question for question in questions if READINGS[question.key].basis is basis]
            columns |= self._load_texts(basis, [q for q in asked if q.fact.type in TEXTS])
            columns |= self._load_sets(basis, [q for q in asked if q.fact.type is FactType.TEXT_SET])
            columns |= self._load_numbers(basis, [q for q in asked if q not in columns])
        return columns

    def _load_numbers(self, basis: Basis, questions: Sequence[Question]) -> dict[Question, Column]:
        query, parameters = self._group(basis, questions)
        positions, numbers = read_numbers(self.session, query, _name(questions), parameters)
        columns: dict[Question, Column] = {}
        for index, question in enumerate(questions):
            values = np.full(self.size, np.nan)
            default = READINGS[question.key].default
            if default is not None:
                values[self._known] = default
            found = numbers[f"q{index}"]
            values[positions] = found if default is None else np.where(np.isnan(found), default, found)
            columns[question] = ScalarColumn(question.fact.type, values)
        return columns

    def _load_texts(self, basis: Basis, questions: Sequence[Question]) -> dict[Question, Column]:
        query, parameters = self._group(basis, questions)
        words = read_words(self.session, query, _name(questions), parameters)
        return {
            question: make_text_column(question.fact.type, words[f"q{index}"], self.size)
            for index, question in enumerate(questions)
        }

    def _load_sets(self, basis: Basis, questions: Sequence[Question]) -> dict[Question, Column]:
        columns = {f"q{index}": READINGS[question.key] for index, question in enumerate(questions)}
        words = read_words(
            self.session,
            self._write_basis(basis),
            {name: reading.sql for name, reading in columns.items() if not reading.many},
            self.parameters,
            {name: reading.sql for name, reading in columns.items() if reading.many},
        )
        return {
            question: make_set_column(words[f"q{index}"], self._known_mask) for index, question in enumerate(questions)
        }

    @property
    def _known(self) -> list[int]:
        return list(self.firsts)

    @property
    def _known_mask(self) -> NDArray[np.bool_]:
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[self._known] = True
        return mask

    def _write_basis(self, basis: Basis) -> str:
        return SQL[basis].format(wanted=self.wanted)

    def _group(self, basis: Basis, questions: Sequence[Question]) -> tuple[str, dict[str, Any]]:
        """Return the query with one row per shipment and one column per question, and its parameters."""
        parameters = dict(self.parameters)
        parts = []
        for index, question in enumerate(questions):
            conditions = "".join(_filter(question, f"q{index}", parameters))
            sql = READINGS[question.key].sql.format(filter=conditions).replace(":name", f":q{index}_name")
            parts.append(f", {sql} AS q{index}")
        return (
            f"SELECT position{''.join(parts)} FROM ({self._write_basis(basis)}) AS rows GROUP BY position",
            parameters,
        )


def _name(questions: Sequence[Question]) -> dict[str, str]:
    return {f"q{index}": f"q{index}" for index in range(len(questions))}


def _filter(question: Question, name: str, parameters: dict[str, Any]) -> Iterable[str]:
    for key, value in question.parameters:
        parameters[f"{name}_{key}"] = list(value) if isinstance(value, tuple) else value
        if key in FILTERS:
            yield f" AND {FILTERS[key].format(p=f'{name}_{key}')}"


def load_baskets(session: Session, shop_id: UUID, zone: ZoneInfo, requests: Sequence[DecisionRequest]) -> Baskets:
    """Find the orders of the shipments; what is asked of them is read by `make_columns`."""
    rows = [
        {"position": position, "order_id": order_id, "today": request.moment.astimezone(zone).date()}
        for position, request in enumerate(requests)
        for order_id in request.order_ids
    ]
    parameters = {"shop_id": shop_id, "zone": str(zone), "wanted": pack_rows(rows)}
    wanted = stage(session, "wanted", WANTED_COLUMNS, parameters, len(rows))
    found = session.execute(text(FIRST_ORDERS.format(wanted=wanted)), parameters) if rows else ()
    return Baskets(session, wanted, parameters, {row[0]: FirstOrder(*row[1:]) for row in found}, len(requests))
