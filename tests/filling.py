"""One row in every table for each of some shops, made from the tables' own descriptions: none is forgotten."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.metadata import load_metadata
from core.ids import new_id

Ids = dict[tuple[str, UUID | None], UUID]

_VALUES: Final[Sequence[tuple[type[sa.types.TypeEngine[Any]], Callable[[sa.Column[Any]], Any]]]] = (
    (sa.Enum, lambda column: column.type.enums[0]),  # type: ignore[attr-defined]
    (sa.Uuid, lambda _: new_id()),
    (JSONB, lambda _: {}),
    (sa.ARRAY, lambda _: []),
    (sa.Boolean, lambda _: False),
    (sa.Integer, lambda _: 1),
    (sa.Numeric, lambda _: 1),
    (sa.Float, lambda _: 0.5),
    (sa.DateTime, lambda _: datetime(2026, 11, 19, tzinfo=UTC)),
    (sa.Date, lambda _: date(2026, 11, 19)),
    (sa.Time, lambda _: datetime(2026, 11, 19, tzinfo=UTC).time()),
    (sa.LargeBinary, lambda _: b"filled"),
    (sa.String, lambda column: f"{column.name}-{new_id().hex[-8:]}"),
)
# Where a table's own checks want something particular.
PARTICULAR: Final[dict[tuple[str, str], Any]] = {("grants", "role"): "administrator"}


def shop_tables() -> list[sa.Table]:
    """Return every table whose rows belong to a shop."""
    return [table for table in load_metadata().sorted_tables if "shop_id" in table.columns]


def fill_tables(connection: sa.Connection, shop_ids: Sequence[UUID]) -> Ids:
    """Insert the rows as the owner of the database; returns (table, shop) → id for tables with an id.

    Triggers and foreign keys are off meanwhile: the rows need not make sense together, only be there.
    """
    connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    ids: Ids = {("shops", shop_id): shop_id for shop_id in shop_ids}
    for table in load_metadata().sorted_tables:
        owners: Sequence[UUID | None] = shop_ids if "shop_id" in table.columns else (None,)
        for shop_id in owners:
            if table.name != "shops":
                _fill(connection, table, shop_id, ids)
    return ids


def _fill(connection: sa.Connection, table: sa.Table, shop_id: UUID | None, ids: Ids) -> None:
    values = {
        column.name: _value(column, shop_id, ids)
        for column in table.columns
        if _is_needed(column) or column.name == "shop_id"
    }
    connection.execute(sa.insert(table).values(values))
    if "id" in values:
        ids[table.name, shop_id] = values["id"]


def _is_needed(column: sa.Column[Any]) -> bool:
    return not column.nullable and column.identity is None and column.computed is None and column.server_default is None


def _first_to(table: sa.FromClause, target: str) -> object:
    """Return the first column that refers to a table: a second one may have to differ from it."""
    for column in table.columns:
        if any(key.column.table.name == target for key in column.foreign_keys):
            return column
    return None


def _value(column: sa.Column[Any], shop_id: UUID | None, ids: Ids) -> Any:
    if column.name == "shop_id":
        return shop_id
    particular = PARTICULAR.get((column.table.name, column.name))
    if particular is not None:
        return particular
    for key in column.foreign_keys:
        target = key.column.table.name
        found = ids.get((target, shop_id), ids.get((target, None)))
        if found is not None and key.column.name == "id" and column is _first_to(column.table, target):
            return found
    made = [make(column) for kind, make in _VALUES if isinstance(column.type, kind)]
    assert made, f"How should {column.table.name}.{column.name} ({column.type!r}) be filled?"
    return made[0]
