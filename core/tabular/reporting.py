"""The error file: the rejected rows in their own layout, with row, field and reason, to mend and send again. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from core.tabular.mapping import REPORT_HEADERS

_RISKY: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9,.\-() ]*")


def guard_cell(text: str) -> str:
    """Put a quote before what a spreadsheet would run as a formula (CWE-1236); plain numbers stay. Reading takes it
    off."""
    return f"'{text}" if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def write_csv(rows: Iterable[Sequence[str]], *, encoding: str, delimiter: str = ",") -> bytes:
    """Return the rows as a file with guarded cells; what the encoding lacks is not lost: UTF-8 with BOM is taken
    then."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([guard_cell(cell) for cell in row] for row in rows)
    try:
        return buffer.getvalue().encode(encoding)
    except UnicodeEncodeError:
        return buffer.getvalue().encode("utf-8-sig")


def list_error_rows(
    headers: Sequence[str],
    rejected: Iterable[tuple[int, Sequence[str], Sequence[Mapping[str, Any]]]],
    labels: Mapping[str, str],
    language: str,
) -> Iterable[list[str]]:
    """Yield the header and each rejected (number, cells, problems) as a row of the error file.

    A mended file may bear the report columns of the time before: they are replaced.
    """
    kept = [index for index, header in enumerate(headers) if header not in REPORT_HEADERS]
    yield [*(headers[index] for index in kept), *REPORT_HEADERS]
    message = "message" if language == "ja" else "message_en"
    for number, cells, problems in rejected:
        named = dict.fromkeys(
            labels.get(problem["field"], problem["field"]) for problem in problems if problem["field"]
        )
        yield [
            *(cells[index] if index < len(cells) else "" for index in kept),
            str(number),
            " / ".join(named),
            " / ".join(problem[message] for problem in problems),
        ]
