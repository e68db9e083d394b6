"""Counts what a run did, from the tables. Whether anything left unproven is asked of the scans, not of the gate."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.db import session_scope

# A unit is proven by accepted readings whose text is one of its barcodes (13 digits are the GTIN-14 without
# its zero), or by a named confirmation by hand. Each unit of a parcel that left needs as many as it has pieces; a copy
# needs its own newest code. Nothing here looks at what the program itself counted or decided.
UNPROVEN: Final = """
    SELECT count(DISTINCT p.id) FROM parcels p JOIN units u ON u.parcel_id = p.id
     WHERE p.shop_id = :shop_id AND p.state IN ('handed_over', 'returned')
       AND u.quantity > (
           SELECT count(*) FROM scans s
            WHERE s.shop_id = p.shop_id AND s.parcel_id = p.id AND s.unit_id = u.id
              AND s.outcome IN ('accepted', 'parcel_opened', 'label_bound')
              AND (s.kind = 'manual' AND coalesce(s.reason, '') <> '' AND s.actor_id IS NOT NULL
                   OR s.text = ANY(u.barcodes) OR lpad(s.text, 14, '0') = ANY(u.barcodes)
                   OR substring(s.text FROM '/c/([0-9A-Za-z]{13})$') = ANY(u.barcodes)))
"""
# Parcels without any unit would prove nothing at all.
EMPTY: Final = """
    SELECT count(*) FROM parcels p WHERE p.shop_id = :shop_id AND p.state IN ('handed_over', 'returned')
       AND NOT EXISTS (SELECT FROM units u WHERE u.parcel_id = p.id)
"""
COUNTS: Final = {
    "orders_in": "SELECT count(*) FROM orders WHERE shop_id = :shop_id",
    "shipments": "SELECT count(*) FROM shipments WHERE shop_id = :shop_id",
    "decided": "SELECT count(*) FROM shipments WHERE shop_id = :shop_id AND decision_id IS NOT NULL",
    "pages": "SELECT coalesce(sum(pages), 0) FROM print_jobs WHERE shop_id = :shop_id",
    "inserts_enclosed": """
        SELECT coalesce(sum(packed_quantity), 0) FROM allotments
         WHERE shop_id = :shop_id AND insert_id IS NOT NULL AND state = 'packed'""",
    "dispatched": "SELECT count(*) FROM shipments WHERE shop_id = :shop_id AND handed_over_at IS NOT NULL",
    "held": "SELECT count(*) FROM shipments WHERE shop_id = :shop_id AND state = 'held'",
    "cancelled": "SELECT count(*) FROM shipments WHERE shop_id = :shop_id AND state = 'cancelled'",
    "failed_jobs": "SELECT count(*) FROM jobs WHERE shop_id = :shop_id AND state = 'failed'",
}
TOUCHPOINTS: Final = "SELECT count(*) FROM touchpoints WHERE shop_id = :shop_id AND state <> 'superseded'"


@dataclass(frozen=True)
class Found:
    counts: dict[str, int]
    unproven: int


def count_touchpoints(shop_id: UUID) -> int:
    return _ask(shop_id, {"touchpoints": TOUCHPOINTS})["touchpoints"]


def count_run(shop_id: UUID) -> Found:
    """Return the counts of a shop, and how many parcels left without a proof for each thing in them."""
    unproven = _ask(shop_id, {"unproven": UNPROVEN, "empty": EMPTY})
    return Found(_ask(shop_id, COUNTS), unproven["unproven"] + unproven["empty"])


def _ask(shop_id: UUID, questions: dict[str, str]) -> dict[str, int]:
    parameters: dict[str, Any] = {"shop_id": shop_id}
    with session_scope([shop_id]) as session:
        return {name: int(session.execute(text(sql), parameters).scalar_one()) for name, sql in questions.items()}
