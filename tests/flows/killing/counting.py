"""What must be the same however often something dies, counted shop by shop."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.audit.verifying import Verification, verify_chain
from core.db import session_scope, system_scope
from core.storage.models import StoredFile
from core.storage.service import read_file

# Each answers with rows of (name, number). Left out is what depends on how jobs were batched: superseded decisions and
# touchpoints, returned allotments, shipments of orders whose cancellation came first.
COUNTS: Final = {
    "events": "SELECT state, count(*) FROM raw_events GROUP BY 1",
    "orders": "SELECT 'all', count(*) FROM orders",
    "cancelled": "SELECT 'orders', count(*) FROM orders WHERE cancelled_at IS NOT NULL",
    "refunds": "SELECT 'all', count(*) FROM refunds",
    "customers": "SELECT 'all', count(*) FROM customers",
    "shipments": "SELECT state, count(*) FROM shipments WHERE state <> 'cancelled' GROUP BY 1",
    "holds": "SELECT reason, count(*) FROM shipment_holds WHERE released_at IS NULL GROUP BY 1",
    "decisions": """
        SELECT d.mode, count(*) FROM decisions d JOIN shipments s ON s.id = d.shipment_id
         WHERE d.superseded_at IS NULL AND s.state <> 'cancelled' GROUP BY 1
    """,
    "parcels": "SELECT state, count(*) FROM parcels GROUP BY 1",
    "units": "SELECT kind || coalesce(sku, ''), sum(quantity) FROM units GROUP BY 1",
    "proven": "SELECT kind || coalesce(sku, ''), sum(verified_quantity) FROM units GROUP BY 1",
    "scans": "SELECT outcome, count(*) FROM scans GROUP BY 1",
    "copies": "SELECT kind || ' ' || state, count(*) FROM copies GROUP BY 1",
    "codes": "SELECT kind, count(*) FROM codes GROUP BY 1",
    "waves": "SELECT state, sum(shipment_count) FROM waves GROUP BY 1",
    "pages": "SELECT kind, sum(pages) FROM print_files GROUP BY 1",
    "files": "SELECT media_type, count(*) FROM files GROUP BY 1",
    "hand_overs": "SELECT 'parcels', sum(parcel_count) FROM hand_overs",
    "allotments": """
        SELECT i.key || ' ' || a.state, sum(a.quantity) FROM allotments a JOIN inserts i ON i.id = a.insert_id
         WHERE a.state <> 'returned' GROUP BY 1
    """,
    "packed": "SELECT i.key, sum(a.packed_quantity) FROM allotments a JOIN inserts i ON i.id = a.insert_id GROUP BY 1",
    "counted": "SELECT i.key, s.counted FROM insert_stock s JOIN inserts i ON i.id = s.insert_id",
    "reserved": "SELECT i.key, s.reserved FROM insert_stock s JOIN inserts i ON i.id = s.insert_id",
    "taken": "SELECT i.key, s.packed FROM insert_stock s JOIN inserts i ON i.id = s.insert_id",
    "touchpoints": "SELECT kind, count(*) FROM touchpoints WHERE state = 'active' GROUP BY 1",
    "outbox": "SELECT state, count(*) FROM outbox_messages GROUP BY 1",
    "unfinished_jobs": "SELECT name || ' ' || state, count(*) FROM jobs WHERE state <> 'done' GROUP BY 1",
    "audit": """
        SELECT tag, count(*) FROM audit_entries
         WHERE tag IN ('orders:event:accepted', 'fulfillment:parcel:hand_over', 'fulfillment:shipment:print',
                       'fulfillment:shipment:verify', 'fulfillment:shipment:hand_over', 'fulfillment:wave:print',
                       'personalization:allotments:packed')
         GROUP BY 1
    """,
}


def count_shop(shop_id: UUID) -> dict[str, dict[str, int]]:
    """Return every count of one shop."""
    with session_scope([shop_id]) as session:
        return {
            name: {str(row[0]): int(row[1] or 0) for row in session.execute(text(question))}
            for name, question in COUNTS.items()
        }


def count_unfinished_jobs(shop_id: UUID) -> int:
    with session_scope([shop_id]) as session:
        return int(session.scalar(text("SELECT count(*) FROM jobs WHERE state IN ('queued', 'sent')")) or 0)


def find_doubles(shop_id: UUID) -> dict[str, list[Any]]:
    """Return what is there twice although it may be there once."""
    questions = {
        "orders": "SELECT external_id FROM orders GROUP BY 1 HAVING count(*) > 1",
        "shipments": """
            SELECT l.order_id FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id
             GROUP BY 1 HAVING count(DISTINCT s.id) > 1
        """,
        "parcels": "SELECT shipment_id FROM parcels WHERE state <> 'void' GROUP BY 1 HAVING count(*) > 1",
        "allotments": """
            SELECT shipment_id, insert_id FROM allotments WHERE state IN ('reserved', 'packed')
             GROUP BY 1, 2 HAVING count(*) > 1
        """,
        "touchpoints": """
            SELECT source, kind, external_id FROM touchpoints WHERE state = 'active'
             GROUP BY 1, 2, 3 HAVING count(*) > 1
        """,
        "accepted events": """
            SELECT subject_id FROM audit_entries WHERE tag = 'orders:event:accepted' GROUP BY 1 HAVING count(*) > 1
        """,
    }
    with session_scope([shop_id]) as session:
        found = {name: [tuple(row) for row in session.execute(text(ask))] for name, ask in questions.items()}
    return {name: rows for name, rows in found.items() if rows}


def read_all_files(shop_id: UUID) -> int:
    """Read every file back: a half-written one could not be unsealed. Returns how many."""
    with session_scope([shop_id]) as session:
        ids = [file.id for file in session.query(StoredFile)]
        return len([read_file(session, file_id) for file_id in ids])


def count_unsealed() -> int:
    with system_scope() as session:
        return int(session.scalar(text("SELECT count(*) FROM audit_entries WHERE seal_number IS NULL")) or 0)


def check_chain() -> Verification:
    with system_scope() as session:
        return verify_chain(session)
