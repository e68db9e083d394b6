"""From bytes to a table: encodings, delimiters, spreadsheets."""

import io
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tabular.decoding import detect_encoding, read_table
from core.tabular.errors import EncodingAmbiguousError, FileUnreadableError
from core.tabular.reporting import write_csv

TEXT = "会員ID,お名前(姓),備考\r\n0012,髙橋,①㈱\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_the_encoding_is_found_and_leading_zeros_stay(encoding: str) -> None:
    table = read_table(TEXT.encode(encoding))

    assert table.encoding == encoding
    assert table.headers == ["会員ID", "お名前(姓)", "備考"]
    assert table.rows == [(2, ["0012", "髙橋", "①㈱"])]


def test_plain_ascii_is_utf8() -> None:
    assert detect_encoding(b"id,name\r\n1,Taro\r\n") == "utf-8"


def test_bytes_that_make_sense_twice_are_shown_both_ways_and_a_person_chooses() -> None:
    # Half-width ﾃｸ in CP932 is ø in UTF-8.
    data = "id,ﾃｸ".encode("cp932")
    with pytest.raises(EncodingAmbiguousError) as refused:
        read_table(data)

    assert set(refused.value.details["samples"]) >= {"utf-8", "cp932"}  # type: ignore[call-overload]
    assert read_table(data, encoding="cp932").headers == ["id", "ﾃｸ"]


def test_half_width_katakana_alone_needs_no_question_when_only_cp932_fits() -> None:
    assert detect_encoding("氏名,ｶｸｳ ﾊﾅｺ".encode("cp932")) == "cp932"


def test_bytes_of_no_encoding_are_refused_with_their_line() -> None:
    for wrong in (b"\xff\xfe\xfd", b"\x81\x20\xe3"):
        with pytest.raises(FileUnreadableError) as refused:
            read_table(b"id,name\r\n1," + wrong + b"\r\n")
        assert refused.value.details["line"] == 2


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_found_outside_quotes(delimiter: str) -> None:
    header = delimiter.join(["a", '"b,;\t,;\t,;\t"', "c"])

    assert read_table(f"{header}\n1{delimiter}2{delimiter}3\n".encode()).rows == [(2, ["1", "2", "3"])]


def test_cells_with_line_breaks_are_one_row_and_empty_rows_are_none() -> None:
    table = read_table(b'a,b\n"x\ny",1\n,\n\nz,2\n')

    assert [cells for _, cells in table.rows] == [["x\ny", "1"], ["z", "2"]]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(FileUnreadableError):
        read_table(b"\r\n\r\n")


def test_a_workbook_reads_as_a_person_would_type_it() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["番号", "日付", "日時", "金額", "有無"])
    sheet.append(["0012", date(2026, 11, 19), datetime(2026, 11, 19, 10, 30), 1200, True])  # noqa: DTZ001
    buffer = io.BytesIO()
    book.save(buffer)

    table = read_table(buffer.getvalue())

    assert table.encoding == "excel"
    assert table.rows == [(2, ["0012", "2026-11-19", "2026-11-19 10:30:00", "1200", "TRUE"])]


def test_a_damaged_workbook_is_refused() -> None:
    for data in (b"PK\x03\x04 not a workbook", b"\xd0\xcf\x11\xe0 not a workbook"):
        with pytest.raises(FileUnreadableError):
            read_table(data)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0\ufeff", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read(rows: list[list[str]]) -> None:
    filled = [row for row in rows if any(cell.strip() for cell in row)]

    table = read_table(write_csv([["a", "b"], *filled], encoding="utf-8-sig"))

    assert [[cell.removeprefix("'") for cell in cells] for _, cells in table.rows] == [
        [cell.removeprefix("'") for cell in row] for row in filled
    ]
