"""Lists of ids as parameters: the database reads what the driver's own way would have told it."""

import pytest
from sqlalchemy import text

from core.db import system_scope
from core.ids import new_ids

pytestmark = pytest.mark.usefixtures("database")


def ask(value: object, kind: str = "uuid[]") -> object:
    with system_scope() as session:
        return session.execute(text(f"SELECT CAST(:value AS {kind})"), {"value": value}).scalar_one()


@pytest.mark.parametrize("count", [1, 2, 700])
def test_ids_arrive_as_they_were(count: int) -> None:
    ids = new_ids(count)
    assert ask(ids) == ids


def test_a_missing_one_is_null() -> None:
    (one,) = new_ids(1)
    assert ask([one, None]) == [one, None]


def test_lists_within_lists_and_lists_of_others_are_written_as_ever() -> None:
    one, other = new_ids(2)
    assert ask([[one], [other]]) == [[one], [other]]
    assert ask(["a", 'b "c" {d}', "null"], "text[]") == ["a", 'b "c" {d}', "null"]
    assert ask([1, 2], "integer[]") == [1, 2]


def test_an_empty_list_finds_nothing() -> None:
    with system_scope() as session:
        found = session.execute(text("SELECT count(*) FROM shops WHERE id = ANY(:ids)"), {"ids": []}).scalar_one()
    assert found == 0
