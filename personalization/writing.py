"""Writes what was decided: decisions, allotments, stock counters. Set by set, in chunks."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from personalization.coupons.reserving import displace_coupons
from personalization.errors import OvertakenError
from personalization.insert_info import InsertInfo, Inserts
from personalization.models import DecisionMode
from personalization.scarcity import Displaced
from personalization.storage import dump_inserts

# Sealed dossiers travel as JSON text: a chunk stays far below the limit of one parameter.
CHUNK: Final = 4000
MAX_KEPT: Final = 1000
Delta = dict[tuple[UUID, UUID], int]  # (warehouse, insert) → pieces

DECISION: Final = {
    "id": "uuid",
    "shipment_id": "uuid",
    "customer_id": "uuid",
    "recipient_customer_id": "uuid",
    "moment": "timestamptz",
    "accepted_at": "timestamptz",
    "key_id": "uuid",
    "sealed": "bytea",
    "fired": "jsonb",
    "lost": "jsonb",
}
ALLOTMENT: Final = {
    "id": "uuid",
    "shipment_id": "uuid",
    "decision_id": "uuid",
    "customer_id": "uuid",
    "rule_key": "text",
    "insert_id": "uuid",
    "warehouse_id": "uuid",
    "quantity": "integer",
    "state": "text",
    "firm": "boolean",
    "accepted_at": "timestamptz",
    "created_at": "timestamptz",
    "root_id": "uuid",
    "owed_allotment_id": "uuid",
}


def _insert(table: str, columns: dict[str, str], constants: str = "", values: str = "") -> str:
    listed = ", ".join(columns)
    chosen = ", ".join(f"wanted.{name}" for name in columns)
    return f"""
        INSERT INTO {table} (shop_id, {listed}{constants})
        SELECT :shop_id, {chosen}{values} FROM {rowset("wanted", columns)}
    """


ADD_DECISIONS: Final = text(
    _insert(
        "decisions",
        DECISION,
        ", version_id, inserts_digest, mode, decided_at",
        ", CAST(:version_id AS uuid), :inserts_digest, :mode, CAST(:now AS timestamptz)",
    )
)
ADD_ALLOTMENTS: Final = text(_insert("allotments", ALLOTMENT, ", packed_quantity", ", 0"))
SUPERSEDE: Final = text(
    """
    UPDATE decisions SET superseded_at = :now
     WHERE shop_id = :shop_id AND shipment_id = ANY(:shipments) AND superseded_at IS NULL
    """
)
SNAPSHOT: Final = text(
    """
    INSERT INTO insert_snapshots (shop_id, digest, content, created_at)
    VALUES (:shop_id, :digest, CAST(:content AS jsonb), :now) ON CONFLICT DO NOTHING
    """
)
RETURN: Final = text(
    """
    UPDATE allotments SET state = 'returned', returned_at = :now
     WHERE shop_id = :shop_id AND id = ANY(:ids) AND state IN ('reserved', 'owed')
    RETURNING id
    """
)
DISPLACE: Final = text(
    f"""
    UPDATE allotments a SET state = 'returned', returned_at = :now
      FROM {rowset("wanted", {"shipment_id": "uuid", "rule_key": "text", "insert_key": "text"})}
      LEFT JOIN inserts i ON i.shop_id = :shop_id AND i.key = wanted.insert_key
     WHERE a.shop_id = :shop_id AND a.shipment_id = wanted.shipment_id AND a.state = 'reserved' AND NOT a.firm
       AND (a.rule_key = wanted.rule_key OR a.insert_id = i.id)
    RETURNING a.shipment_id, a.insert_id, a.warehouse_id, a.quantity
    """
)
# Rows are locked in one order, so that writers of several inserts never wait for each other in a ring.
LOCK_STOCK: Final = text(
    """
    SELECT insert_id FROM insert_stock
     WHERE shop_id = :shop_id AND insert_id = ANY(:inserts) AND warehouse_id = ANY(:warehouses)
     ORDER BY warehouse_id, insert_id FOR UPDATE
    """
)
ADJUST: Final = text(
    f"""
    UPDATE insert_stock s SET reserved = s.reserved + wanted.reserved, packed = s.packed + wanted.packed
      FROM {rowset("wanted", {"warehouse_id": "uuid", "insert_id": "uuid", "reserved": "integer", "packed": "integer"})}
     WHERE s.shop_id = :shop_id AND s.warehouse_id = wanted.warehouse_id AND s.insert_id = wanted.insert_id
    """
)


def save_snapshot(session: Session, shop_id: UUID, inserts: Inserts, now: datetime) -> bytes:
    """Keep the inserts as they are for replays; returns the digest that names them."""
    content, digest = _dump_inserts(tuple(inserts.values()))
    if (shop_id, digest) not in _kept:
        written = session.execute(SNAPSHOT, {"shop_id": shop_id, "digest": digest, "content": content, "now": now})
        # What another transaction committed stays; what this one writes may yet be undone.
        if written.rowcount == 0:  # type: ignore[attr-defined]
            if len(_kept) >= MAX_KEPT:
                _kept.clear()
            _kept.add((shop_id, digest))
    return digest


_kept: set[tuple[UUID, bytes]] = set()


@lru_cache(maxsize=16)
def _dump_inserts(listed: tuple[InsertInfo, ...]) -> tuple[str, bytes]:
    """Return the content of a snapshot and its digest; inserts change seldom, decisions are many."""
    content = orjson.dumps(dump_inserts({insert.key: insert for insert in listed}))
    return content.decode(), hashlib.sha256(content).digest()


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How and when a batch of decisions was taken; `inserts_digest` names the inserts as they were."""

    version_id: UUID | None
    inserts_digest: bytes
    mode: DecisionMode
    now: datetime


def add_decisions(session: Session, shop_id: UUID, rows: Sequence[dict[str, Any]], taken: Taken) -> None:
    """Write decisions in place of the current ones of their shipments."""
    shipments = [row["shipment_id"] for row in rows]
    session.execute(SUPERSEDE, {"shop_id": shop_id, "shipments": shipments, "now": taken.now})
    _add(session, ADD_DECISIONS, shop_id, rows, {**vars(taken), "mode": taken.mode.value})


def add_allotments(session: Session, shop_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    _add(session, ADD_ALLOTMENTS, shop_id, rows)


def _add(
    session: Session,
    statement: Any,
    shop_id: UUID,
    rows: Sequence[dict[str, Any]],
    common: Mapping[str, Any] | None = None,
) -> None:
    told = {"shop_id": shop_id, **(common or {})}
    for start in range(0, len(rows), CHUNK):
        session.execute(statement, {**told, "wanted": pack_rows(rows[start : start + CHUNK])})


def return_rows(session: Session, shop_id: UUID, ids: Collection[UUID], now: datetime) -> None:
    """Return promises to where they came from. Raises OvertakenError when one was packed meanwhile."""
    if not ids:
        return
    returned = session.execute(RETURN, {"shop_id": shop_id, "ids": list(ids), "now": now}).all()
    if len(returned) < len(set(ids)):
        raise OvertakenError("A promised insert was packed meanwhile.")


def displace(session: Session, shop_id: UUID, displaced: Iterable[Displaced], now: datetime) -> Delta:
    """Take back what older orders have taken over; returns the pieces freed. Raises OvertakenError if one is firm."""
    rows = []
    coupons: list[tuple[UUID, str]] = []
    for entry in displaced:
        kind, _, name = entry.subject.partition(":")
        if kind == "coupon":
            coupons.append((entry.shipment_id, name))
            continue
        named = {"rule_key": name if kind == "rule" else None, "insert_key": name if kind == "insert" else None}
        rows.append({"shipment_id": entry.shipment_id, **named})
    freed = _displace_allotments(session, shop_id, rows, now) if rows else {}
    displace_coupons(session, shop_id, coupons)
    return freed


def _displace_allotments(session: Session, shop_id: UUID, rows: Sequence[dict[str, Any]], now: datetime) -> Delta:
    freed: Delta = defaultdict(int)
    found = session.execute(DISPLACE, {"shop_id": shop_id, "wanted": pack_rows(rows), "now": now}).all()
    if {row.shipment_id for row in found} != {row["shipment_id"] for row in rows}:
        raise OvertakenError("A younger order was frozen meanwhile.")
    for row in found:
        if row.insert_id is not None:
            freed[row.warehouse_id, row.insert_id] += row.quantity
    return freed


def adjust_stock(session: Session, shop_id: UUID, reserved: Delta, packed: Delta | None = None) -> None:
    """Add these numbers to the counters; inserts that were never counted have none."""
    places = {place for place, pieces in (*reserved.items(), *(packed or {}).items()) if pieces}
    if not places:
        return
    warehouses, inserts = [sorted(set(ids)) for ids in zip(*places, strict=True)]
    session.execute(LOCK_STOCK, {"shop_id": shop_id, "inserts": inserts, "warehouses": warehouses})
    rows = [
        {
            "warehouse_id": warehouse_id,
            "insert_id": insert_id,
            "reserved": reserved.get((warehouse_id, insert_id), 0),
            "packed": (packed or {}).get((warehouse_id, insert_id), 0),
        }
        for warehouse_id, insert_id in sorted(places)
    ]
    session.execute(ADJUST, {"shop_id": shop_id, "wanted": pack_rows(rows)})
