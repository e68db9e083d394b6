"""The inserts of a shop and how many of each lie in a warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.ids import new_id
from core.rowsets import pack_rows, rowset
from personalization.errors import InsertError, UnknownInsertError
from personalization.insert_info import InsertInfo
from personalization.insert_rows import DEFAULTS, parse_inserts
from personalization.locks import make_lock, take_locks
from personalization.models import Insert, InsertStock
from personalization.problems import Problem, Problems

COLUMNS: Final = {
    "id": "uuid",
    "key": "text",
    "name_ja": "text",
    "name_en": "text",
    "kind": "text",
    "letter_class": "text",
    "sealed": "boolean",
    "weight_g": "double precision",
    "thickness_mm": "double precision",
    "unit_cost": "bigint",
    "market_value": "bigint",
    "gtin": "text",
    "picture_file_id": "uuid",
    "stocked": "boolean",
    "when_out": "text",
    "allergens": "json",
    "limit_per_customer": "integer",
    "active": "boolean",
}
ALLERGENS: Final = "ARRAY(SELECT json_array_elements_text(wanted.allergens))"
CHANGEABLE: Final = [name for name in COLUMNS if name not in ("id", "key")]
SAVE: Final = text(
    f"""
    INSERT INTO inserts (shop_id, created_at, updated_at, {", ".join(COLUMNS)})
    SELECT :shop_id, :now, :now,
           {", ".join(ALLERGENS if name == "allergens" else f"wanted.{name}" for name in COLUMNS)}
      FROM {rowset("wanted", COLUMNS)}
    ON CONFLICT (shop_id, key) DO UPDATE
       SET updated_at = :now, {", ".join(f"{name} = excluded.{name}" for name in CHANGEABLE)}
    """
)
LINK: Final = text(
    f"""
    UPDATE inserts i SET substitute_id = s.id
      FROM {rowset("wanted", {"key": "text", "substitute": "text"})}
      LEFT JOIN inserts s ON s.shop_id = :shop_id AND s.key = wanted.substitute
     WHERE i.shop_id = :shop_id AND i.key = wanted.key AND i.substitute_id IS DISTINCT FROM s.id
    """
)
COUNT: Final = text(
    f"""
    INSERT INTO insert_stock (shop_id, warehouse_id, insert_id, counted, counted_at, reserved, packed)
    SELECT :shop_id, :warehouse_id, i.id, wanted.counted, :now, 0, 0
      FROM {rowset("wanted", {"key": "text", "counted": "integer"})}
      JOIN inserts i ON i.shop_id = :shop_id AND i.key = wanted.key
    ON CONFLICT (shop_id, warehouse_id, insert_id) DO UPDATE
       SET counted = excluded.counted, counted_at = excluded.counted_at, packed = 0
    """
)


@dataclass(frozen=True, slots=True)
class StockLevel:
    """`available` may be negative for a moment after a count that found less than was promised."""

    insert_id: UUID
    insert_key: str
    warehouse_id: UUID
    counted: int
    reserved: int
    packed: int

    @property
    def available(self) -> int:
        return self.counted - self.reserved - self.packed


def check_inserts(session: Session, shop_id: UUID, document: object) -> list[Problem]:
    """Return what is wrong with a list of inserts; nothing is changed."""
    problems = Problems()
    parse_inserts(document, _list_substitutes(session, shop_id), problems)
    return problems.found


def save_inserts(session: Session, shop_id: UUID, document: Sequence[Mapping[str, Any]]) -> int:
    """Add or change the inserts of the list (format: `docs/rules.md`); others stay. Returns how many the list has.

    Raises InsertError with every mistake; then nothing is changed. A key that the list leaves out gets its default.
    """
    problems = Problems()
    rows = parse_inserts(document, _list_substitutes(session, shop_id), problems)
    if problems.found:
        raise InsertError(problems.found)
    packed = pack_rows({**DEFAULTS, **row, "id": new_id()} for row in rows)
    session.execute(SAVE, {"shop_id": shop_id, "now": clock.now(), "wanted": packed})
    session.execute(LINK, {"shop_id": shop_id, "wanted": packed})
    record(session, "personalization:inserts:saved", shop_id=shop_id, details={"keys": [row["key"] for row in rows]})
    return len(rows)


def _list_substitutes(session: Session, shop_id: UUID) -> dict[str, str | None]:
    return {insert.key: insert.substitute_key for insert in load_inserts(session, shop_id).values()}


def load_inserts(session: Session, shop_id: UUID) -> dict[str, InsertInfo]:
    """Return what rules and resolver need of every insert, inactive ones included, by key."""
    rows = session.execute(select(Insert.__table__).where(Insert.shop_id == shop_id).order_by(Insert.key)).all()
    keys = {row.id: row.key for row in rows}
    return {row.key: _make_info(row, keys) for row in rows}


def _make_info(row: Any, keys: Mapping[UUID, str]) -> InsertInfo:
    return InsertInfo(
        id=row.id,
        key=row.key,
        name_ja=row.name_ja,
        name_en=row.name_en,
        kind=row.kind,
        letter_class=row.letter_class,
        sealed=row.sealed,
        weight_g=row.weight_g,
        thickness_mm=row.thickness_mm,
        unit_cost=row.unit_cost,
        market_value=row.market_value,
        stocked=row.stocked,
        when_out=row.when_out,
        substitute_key=keys.get(row.substitute_id),
        allergens=frozenset(row.allergens),
        limit_per_customer=row.limit_per_customer,
        active=row.active,
    )


def list_inserts(session: Session, shop_id: UUID) -> list[Insert]:
    """Return all inserts by key, inactive ones included."""
    return list(session.scalars(select(Insert).where(Insert.shop_id == shop_id).order_by(Insert.key)))


def count_stock(session: Session, shop_id: UUID, warehouse_id: UUID, counted: Mapping[str, int]) -> None:
    """Record a stock-taking: so many pieces of each insert lie there now, reserved ones included.

    Raises UnknownInsertError when the shop has no such insert.
    """
    inserts = load_inserts(session, shop_id)
    if unknown := [key for key in counted if key not in inserts]:
        raise UnknownInsertError(unknown)
    take_locks(session, [make_lock(shop_id, "insert", str(inserts[key].id)) for key in counted])
    wanted = pack_rows({"key": key, "counted": number} for key, number in counted.items())
    session.execute(COUNT, {"shop_id": shop_id, "warehouse_id": warehouse_id, "now": clock.now(), "wanted": wanted})
    details = {"warehouse_id": str(warehouse_id), "counted": dict(counted)}
    record(session, "personalization:stock:counted", shop_id=shop_id, details=details)


def list_stock(session: Session, shop_id: UUID, warehouse_id: UUID | None = None) -> list[StockLevel]:
    """Return the stock of every insert that was ever counted, by key."""
    statement = (
        select(
            InsertStock.insert_id,
            Insert.key,
            InsertStock.warehouse_id,
            InsertStock.counted,
            InsertStock.reserved,
            InsertStock.packed,
        )
        .join(Insert, Insert.id == InsertStock.insert_id)
        .where(InsertStock.shop_id == shop_id)
        .order_by(Insert.key, InsertStock.warehouse_id)
    )
    if warehouse_id is not None:
        statement = statement.where(InsertStock.warehouse_id == warehouse_id)
    return [StockLevel(*row) for row in session.execute(statement)]
