"""The proof of a session as a file: every attendee, one a line, and where the parcel is. Nothing in it is a formula."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.audit.service import record
from core.tabular.reporting import write_csv
from core.tenancy import get_shop
from fulfillment.bulk_events.ledger import AttendeeEntry, iterate_attendees
from fulfillment.bulk_events.models import BulkEvent, BulkSession
from warehouse_ui.i18n import gettext, mark
from warehouse_ui.words import find_word

HEADERS: Final = (
    mark("番号"),
    mark("チケット番号"),
    mark("氏名"),
    mark("リスト"),
    mark("注文番号"),
    mark("出荷番号"),
    mark("状態"),
    mark("引き渡し日時"),
    mark("追跡番号"),
)
# With a byte order mark: without it a common program for tables takes Japanese for something else.
ENCODING: Final = "utf-8-sig"


def write_proof(session: Session, shop_id: UUID, event: BulkEvent, held: BulkSession) -> tuple[str, bytes]:
    """Return name and bytes of the file; that it was read is put on record."""
    zone = get_shop(session, shop_id).zone
    people = iterate_attendees(session, shop_id, held.id)
    data = write_csv(_list_rows(people, zone), encoding=ENCODING)
    record(session, "fulfillment:event:read_proof", shop_id=shop_id, subject_id=held.id)
    return f"{event.key}-{held.key}-{gettext('出荷の証明')}.csv", data


def _list_rows(people: Iterator[AttendeeEntry], zone: ZoneInfo) -> Iterator[list[str]]:
    yield [gettext(header) for header in HEADERS]
    for each in people:
        yield [
            str(each.serial),
            each.ticket or "",
            each.name,
            gettext(find_word("list_kind", each.kind).text),
            each.order_number or "",
            each.shipment_number or "",
            gettext(find_word("stage", each.stage).text),
            _show_moment(each.handed_over_at, zone),
            each.tracking_number or "",
        ]


def _show_moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""
