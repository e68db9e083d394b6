"""What people and Excel write into cells."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from core.tabular.cells import (
    choose,
    clean_cell,
    limit_text,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_integer,
    parse_list,
    parse_moment,
    parse_money,
    parse_quantity,
)
from core.tabular.errors import CellError
from core.tabular.importer import ImportContext
from core.tabular.reporting import guard_cell

TOKYO = ZoneInfo("Asia/Tokyo")
CONTEXT = ImportContext(new_id(), new_id(), TOKYO, "JP", "JPY", datetime(2026, 11, 19, tzinfo=UTC))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ('="0012"', "0012"),
        ("\u3000 架空 花子 \u00a0", "架空 花子"),
        ("'+81312345678", "+81312345678"),
        ("'8779761975521", "8779761975521"),
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'90s", "'90s"),
        ('="say ""hi"""', 'say "hi"'),
    ],
)
def test_a_cell_is_cleaned_of_what_spreadsheets_put_around_it(raw: str, clean: str) -> None:
    assert clean_cell(raw) == clean


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_integer, "１，２００", 1200),
        (parse_integer, "-5", -5),
        (parse_money, "¥1,200", 1200),
        (parse_money, "１，２００円", 1200),
        (parse_money, "1200.00", 1200),
        (parse_money, "-300", -300),
        (parse_boolean, "はい", True),
        (parse_boolean, "○", True),
        (parse_boolean, "ＴＲＵＥ", True),
        (parse_boolean, "0", False),
        (parse_boolean, "希望しない", False),
        (parse_date, "2026/11/9", date(2026, 11, 9)),
        (parse_date, "20261109", date(2026, 11, 9)),
        (parse_date, "２０２６年１１月９日", date(2026, 11, 9)),
        (parse_date, "令和8年11月9日", date(2026, 11, 9)),
        (parse_date, "R8.11.9", date(2026, 11, 9)),
        (parse_date, "昭和元年12月25日", date(1926, 12, 25)),
        (parse_date, "2026-11-09 10:30:00", date(2026, 11, 9)),
        (parse_moment, "2026/11/09", datetime(2026, 11, 9, tzinfo=TOKYO)),
        (parse_moment, "2026/11/09 9:05", datetime(2026, 11, 9, 9, 5, tzinfo=TOKYO)),
        (parse_moment, "2026/11/09(月) 09:05", datetime(2026, 11, 9, 9, 5, tzinfo=TOKYO)),
        (parse_moment, "2026-11-09T09:05:06+09:00", datetime(2026, 11, 9, 0, 5, 6, tzinfo=UTC)),
        (parse_moment, "2026-11-09 09:05:06.123 +0900", datetime(2026, 11, 9, 0, 5, 6, tzinfo=UTC)),
        (parse_moment, "2026-11-09T00:05:06Z", datetime(2026, 11, 9, 0, 5, 6, tzinfo=UTC)),
        (parse_list, "お茶、化粧品,お茶", ("お茶", "化粧品")),
        (limit_text(3), "あいう", "あいう"),
        (choose({"購入": 1}), "購入", 1),
    ],
)
def test_a_cell_has_the_value_it_means(parse: Callable[[str, ImportContext], Any], text: str, value: object) -> None:
    assert parse(text, CONTEXT) == value


@pytest.mark.parametrize(
    ("parse", "text", "code"),
    [
        (parse_integer, "1.5", "not_whole"),
        (parse_decimal, "12a", "not_a_number"),
        (parse_decimal, "1,20", "not_a_number"),
        (parse_quantity, "-1", "negative"),
        (parse_money, "12.5", "fraction_of_smallest_unit"),
        (parse_money, "円", "not_a_number"),
        (parse_boolean, "たぶん", "not_yes_or_no"),
        (parse_date, "2026/13/01", "not_a_date"),
        (parse_date, "11/9/2026", "not_a_date"),
        (parse_date, "2026110912", "not_a_date"),
        (parse_moment, "2026/11/09 25:00", "not_a_date"),
        (limit_text(3), "あいうえ", "too_long"),
        (choose({"購入": 1}), "販売", "not_a_choice"),
    ],
)
def test_a_cell_that_means_nothing_says_why(parse: Callable[[str, ImportContext], Any], text: str, code: str) -> None:
    with pytest.raises(CellError) as refused:
        parse(text, CONTEXT)

    assert refused.value.code == code
    assert refused.value.message != refused.value.message_en


def test_money_of_other_currencies_is_in_their_smallest_unit() -> None:
    assert parse_money("$12.50", replace(CONTEXT, currency="USD")) == 1250


@pytest.mark.parametrize("text", ["=1+1", "+cmd|'/C calc'!A0", "@SUM(A1)", "\t=1", "-2+3+cmd"])
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1200", "+81 90-1234-5678", "架空 花子", "a=b"])
def test_numbers_and_words_are_left_alone(text: str) -> None:
    assert guard_cell(text) == text


@given(st.text())
def test_a_guarded_cell_is_read_as_it_was(text: str) -> None:
    assert clean_cell(guard_cell(clean_cell(text))) == clean_cell(clean_cell(text))
