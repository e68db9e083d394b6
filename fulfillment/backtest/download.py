"""The result as a file: one row per shipment on which the rulesets differ. Nothing in it starts a formula."""

import csv
import io
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.service import record
from fulfillment.backtest.queries import ChangeView, list_changes

HEADER: Final = ("shipment", "accepted_at", "change", "gained", "lost", "segment")
PAGE: Final = 5000
# A program for tables would calculate what begins so (OWASP, CSV injection).
RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
# Without it a common program for tables takes Japanese for something else.
BYTE_ORDER_MARK: Final = "\ufeff"


def write_csv(session: Session, shop_id: UUID, backtest_id: UUID) -> Iterator[str]:
    """Yield the file in pieces; the download is put on record. Raises BacktestNotFoundError at the first piece."""
    page = list_changes(session, shop_id, backtest_id, limit=PAGE)
    record(session, "fulfillment:backtest:downloaded", shop_id=shop_id, subject_id=backtest_id)
    yield BYTE_ORDER_MARK + _write_rows([HEADER])
    while page:
        yield _write_rows([_list_cells(change) for change in page])
        page = list_changes(session, shop_id, backtest_id, after=page[-1].position, limit=PAGE)


def _list_cells(change: ChangeView) -> tuple[str, ...]:
    return (
        change.number,
        change.accepted_at.isoformat(),
        str(change.change),
        " ".join(change.gained),
        " ".join(change.lost),
        change.segment or "",
    )


def _write_rows(rows: list[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([[make_harmless(cell) for cell in row] for row in rows])
    return buffer.getvalue()


def make_harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(RISKY) else cell
