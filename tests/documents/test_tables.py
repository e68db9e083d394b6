"""A table of one to five hundred lines breaks well on every shipped slip; more is refused by name."""

from collections.abc import Iterator

import pytest

from documents.composing import get_program
from documents.ink import escape
from documents.render import find_refusal
from documents.specs import CopySpec
from tests.factories.documents import gallery_template, make_copy, make_lines

# What stands in the header, in a row, and in the totals, by template.
MARKS = {
    "packing_slip": ("品番", "煎茶その", "合計（税込）"),
    "invoice_slip": ("品番", "煎茶その", "合計（税込）"),
    "simplified_invoice": ("品名", "煎茶その", "合計（税込）"),
    "return_invoice": ("品番", "煎茶その", "合計（税込）"),
}
MOST = 500


def read_marks(copy: CopySpec, marks: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
    """Give for each page how often each mark is drawn on it, static parts left out."""
    program = get_program(copy.template)
    for page in program.lay_out(copy, program.begin()):
        drawn = page.ink.cut().content
        yield tuple(drawn.count(escape(mark.encode("utf-16-be"))) for mark in marks)


def check_breaks(key: str, count: int) -> None:
    pages = list(read_marks(make_copy(key, lines=make_lines(count)), MARKS[key]))
    rows = [page[1] for page in pages]
    headers, totals = [page[0] for page in pages], [page[2] for page in pages]

    assert sum(rows) == count
    # The header stands once on each page with rows, and on no other.
    assert headers == [int(row > 0) for row in rows], (key, count)
    # The totals stand once, and never without at least two rows above them, where there are two.
    assert sum(totals) == 1, (key, count)
    assert rows[totals.index(1)] >= min(2, count), (key, count)
    # No page but the last two is left half empty: what was moved on are rows that the totals took along.
    full = max(rows)
    assert all(row >= full - 3 for row in rows[1:-2]), (key, count, rows)


@pytest.mark.parametrize("key", MARKS)
def test_tables_of_many_sizes_break_well(key: str) -> None:
    """Around every break of the first pages, and at the end."""
    for count in (*range(1, 41, 3), 77, MOST):
        check_breaks(key, count)


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("key", MARKS)
def test_every_table_up_to_five_hundred_lines_breaks_well(key: str) -> None:
    for count in range(1, MOST + 1):
        check_breaks(key, count)


@pytest.mark.parametrize("key", [*MARKS, "gift_slip"])
def test_a_longer_order_is_refused_by_name(key: str) -> None:
    error = find_refusal(make_copy(key, lines=make_lines(600)))

    assert error is not None
    assert (error.code, error.field) == ("too_many_rows", "lines")
    assert error.message_in("ja") == "「lines」の行が多すぎます(600 > 500)。出荷を分けてください。"


def test_lists_of_a_wave_are_as_long_as_the_wave() -> None:
    picks = [{"sku": f"T-{number}", "name": "煎茶", "quantity": 1} for number in range(900)]

    assert find_refusal(make_copy("picking_list", picks=picks)) is None
    assert gallery_template("packing_slip").slots["lines"].most == MOST
