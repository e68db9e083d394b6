"""Parcels to rows of the generic file, and its rows back to tracking numbers. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.tabular.cells import clean_cell
from core.tabular.reporting import write_csv

COLUMNS = (
    "お客様管理番号",
    "送り状番号",
    "配送方法",
    "温度帯",
    "お届け希望日",
    "時間帯",
    "お届け先郵便番号",
    "お届け先都道府県",
    "お届け先住所1",
    "お届け先住所2",
    "お届け先会社名",
    "お届け先名",
    "お届け先電話番号",
    "ご依頼主郵便番号",
    "ご依頼主住所",
    "ご依頼主名",
    "ご依頼主電話番号",
    "品名",
    "個口数",
)
REFERENCE_NAMES = ("お客様管理番号", "reference")
TRACKING_NAMES = ("送り状番号", "tracking_number", "伝票番号", "お問い合わせ番号")
_TRACKING = re.compile(r"^[0-9A-Za-z-]{6,40}$")
_REFERENCE = re.compile(r"^S-([0-9]{8,})-([0-9]{1,3})(?:-R([0-9]{1,6}))?$")


@dataclass(frozen=True)
class CarrierRow:
    """One parcel as a carrier needs it. `revision` is that of its papers: the label that the carrier makes bears the
    address of then.
    """

    serial: int
    number: int
    revision: int
    parcels: int
    delivery_service: str
    temperature_zone: str
    desired_on: str
    desired_slot: str
    recipient: Mapping[str, str | None]
    sender: Mapping[str, str | None]
    goods: str

    @property
    def reference(self) -> str:
        first = f"S-{self.serial:08d}-{self.number}"
        return first if self.revision == 1 else f"{first}-R{self.revision}"


@dataclass(frozen=True)
class TrackingRow:
    """A row that came back; `problem` is a code when it cannot be used."""

    row: int
    serial: int | None
    number: int | None
    tracking_number: str
    problem: str | None = None
    revision: int = 1


def write_rows(rows: Iterable[CarrierRow]) -> bytes:
    """Return the file: UTF-8 with BOM, CRLF, cells that a spreadsheet would run guarded."""
    return write_csv([COLUMNS, *(_to_cells(row) for row in rows)], encoding="utf-8-sig")


def _to_cells(row: CarrierRow) -> list[str]:
    to, by = row.recipient, row.sender
    address1 = "".join(filter(None, (to.get("city"), to.get("address1"))))
    sender_address = "".join(filter(None, (by.get("region"), by.get("city"), by.get("address1"), by.get("address2"))))
    cells = [
        row.reference,
        "",
        row.delivery_service,
        row.temperature_zone,
        row.desired_on,
        row.desired_slot,
        to.get("postal_code"),
        to.get("region"),
        address1,
        to.get("address2"),
        to.get("company"),
        to.get("name"),
        to.get("phone"),
        by.get("postal_code"),
        sender_address,
        by.get("name"),
        by.get("phone"),
        row.goods,
        str(row.parcels),
    ]
    return [cell or "" for cell in cells]


def read_rows(headers: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> list[TrackingRow]:
    """Return every (line, cells) with its tracking number, or with the reason why it has none.

    Raises KeyError naming a column that is absent.
    """
    reference_at = _find(headers, REFERENCE_NAMES)
    tracking_at = _find(headers, TRACKING_NAMES)
    return [_read_row(line, cells, reference_at, tracking_at) for line, cells in rows]


def _find(headers: Sequence[str], names: tuple[str, ...]) -> int:
    plain = [cell.strip() for cell in headers]
    for name in names:
        if name in plain:
            return plain.index(name)
    raise KeyError(names[0])


def _read_row(place: int, row: Sequence[str], reference_at: int, tracking_at: int) -> TrackingRow:
    cells = [clean_cell(cell) for cell in row] + [""] * (max(reference_at, tracking_at) + 1 - len(row))
    reference, tracking = cells[reference_at], cells[tracking_at].upper()
    found = _REFERENCE.match(reference)
    if found is None:
        return TrackingRow(place, None, None, tracking, "unknown_reference")
    serial, number, revision = int(found.group(1)), int(found.group(2)), int(found.group(3) or 1)
    if not tracking:
        return TrackingRow(place, serial, number, tracking, "tracking_number_missing")
    if not _TRACKING.match(tracking):
        return TrackingRow(place, serial, number, tracking, "tracking_number_malformed")
    return TrackingRow(place, serial, number, tracking, revision=revision)
