"""From bytes to a table of texts: encoding, delimiter, spreadsheets. Pure."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import python_calamine

from core.tabular.errors import EncodingAmbiguousError, FileUnreadableError

ENCODINGS: Final = ("utf-8-sig", "utf-8", "cp932", "euc_jp", "utf-16")
MAX_UNPACKED: Final = 1 << 30
MAX_ROWS: Final = 2_000_000
_DELIMITERS: Final = (",", "\t", ";", "|")
_SAMPLE: Final = 30
_ZIP, _OLE, _BOM = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xef\xbb\xbf"
_UNDEFINED: Final = re.compile("[\x80\uf8f0-\uf8f3]")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]")
_JAPANESE: Final = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uff01-\uff5e]")

csv.field_size_limit(4_000_000)


@dataclass(frozen=True)
class Table:
    """`rows` are (line of the table, cells), the header being line 1; rows without any content are left out."""

    encoding: str
    delimiter: str | None
    headers: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(data: bytes, *, encoding: str | None = None) -> Table:
    """Read CSV, TSV, XLSX, XLS or ODS; raises FileUnreadableError or EncodingAmbiguousError.

    `encoding` is what a person chose; without it the bytes tell. In a workbook the first sheet with content counts.
    """
    if data.startswith(_ZIP):
        _check_unpacked_size(data)
    if data.startswith((_ZIP, _OLE)):
        return _split_header("excel", None, _read_workbook(data))
    chosen = encoding or detect_encoding(data)
    content = decode(data, chosen)
    delimiter = detect_delimiter(content)
    return _split_header(chosen, delimiter, _read_delimited(content, delimiter))


def detect_encoding(data: bytes) -> str:
    """Return the encoding: by byte order mark, else strict UTF-8, else CP932 (which has ①㈱髙﨑, as Shift_JIS has
    not)."""
    if data.startswith(_BOM):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if data.isascii():
        return "utf-8"
    readings = {name: text for name in ("utf-8", "cp932", "euc_jp") if (text := _try_decode(data, name)) is not None}
    plausible = [name for name, text in readings.items() if _looks_japanese(text)]
    if not readings:
        decode(data, "utf-8")  # Raises, with the place.
    if plausible and plausible[0] in ("utf-8", "cp932"):
        return plausible[0]
    if len(readings) == 1:
        return next(iter(readings))
    raise EncodingAmbiguousError({name: _sample(text) for name, text in readings.items()})


def _try_decode(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    # Python's CP932 lets the undefined bytes A0, FD, FE, FF through as these private characters.
    return None if _UNDEFINED.search(text) else text


def _looks_japanese(text: str) -> bool:
    """Wrongly decoded Japanese shows as half-width katakana or Latin letters; right Japanese mostly as neither."""
    strange = [char for char in text if ord(char) > 0x7F]
    right = sum(1 for char in strange if _JAPANESE.match(char))
    wrong = sum(1 for char in strange if _HALF_KANA.match(char) or ord(char) < 0x250)
    return right > wrong


def _sample(text: str) -> str:
    start = next((index for index, char in enumerate(text) if ord(char) > 0x7F), 0)
    return text[max(0, start - 5) : start + _SAMPLE].replace("\r", " ").replace("\n", " ")


def decode(data: bytes, encoding: str) -> str:
    """Decode the whole file; raises FileUnreadableError with the line of the first byte that does not fit."""
    if encoding not in ENCODINGS:
        raise FileUnreadableError(f"The encoding {encoding} is not one of {', '.join(ENCODINGS)}.", encoding=encoding)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileUnreadableError(
            f"Line {line} has bytes that are not {encoding}; neither UTF-8 nor Shift_JIS (CP932) fits the whole file.",
            line=line,
            encoding=encoding,
        ) from None


def detect_delimiter(content: str) -> str:
    """Return what separates the cells of the first line, looking outside quotes."""
    head = re.sub(r'"(?:[^"]|"")*"', "", content[:65536]).lstrip("\r\n")
    first_line = re.split(r"[\r\n]", head, maxsplit=1)[0]
    counts = Counter(char for char in first_line if char in _DELIMITERS)
    return counts.most_common(1)[0][0] if counts else ","


def _read_delimited(content: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(content.replace("\0", ""), newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise FileUnreadableError(f"Line {reader.line_num}: {error}.", line=reader.line_num) from None


def _check_unpacked_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise FileUnreadableError("The workbook is damaged.") from None
    if size > MAX_UNPACKED:
        raise FileUnreadableError("The workbook is larger than 1 GiB when unpacked.", size=size)


def _read_workbook(data: bytes) -> Iterator[list[str]]:
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.total_height:
                rows = sheet.to_python(skip_empty_area=False)
                return ([_write_cell(cell) for cell in row] for row in rows)
    except python_calamine.CalamineError:
        raise FileUnreadableError("The workbook cannot be opened: it is damaged or protected by a password.") from None
    raise FileUnreadableError("The workbook has no sheet with content.")


def _write_cell(cell: Any) -> str:
    """Return a cell as a person would have typed it into a text file."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _split_header(encoding: str, delimiter: str | None, lines: Iterable[list[str]]) -> Table:
    headers: list[str] | None = None
    rows: list[tuple[int, list[str]]] = []
    number = 0
    for cells in lines:
        if headers is None:
            if any(cell.strip() for cell in cells):
                headers, number = [cell.strip("\ufeff \t\r\n\u3000") for cell in cells], 1
            continue
        number += 1
        if any(cell.strip() for cell in cells):
            rows.append((number, cells))
        if len(rows) > MAX_ROWS:
            raise FileUnreadableError(f"The file has more than {MAX_ROWS:,} rows; split it.", limit=MAX_ROWS)
    if headers is None:
        raise FileUnreadableError("The file is empty.")
    return Table(encoding, delimiter, headers, rows)
