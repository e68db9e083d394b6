"""The tests' own ground: a clean database for each, a clock that stands still, jobs that run when told."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from core.db import session_scope, system_scope
from core.ids import new_id
from core.jobs.models import Job
from core.jobs.service import KINDS, enqueue, job
from core.tenancy import Shop
from tests.conftest import FixedClock


def add_shop(slug: str) -> UUID:
    with system_scope() as session:
        shop = Shop(id=new_id(), slug=slug, name="試験店", name_en="Test shop")
        session.add(shop)
    return shop.id


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_begins_with_an_empty_database(database: str, turn: str) -> None:
    with system_scope() as session:
        assert session.scalar(select(func.count()).select_from(Shop)) == 0
    add_shop("one")


def test_a_session_sees_the_shops_it_names_and_no_other(database: str) -> None:
    mine, other = add_shop("mine"), add_shop("other")
    with session_scope([mine]) as session:
        assert session.scalars(select(Shop.id)).all() == [mine]
    with session_scope([]) as session:
        assert session.scalars(select(Shop.id)).all() == []
    with pytest.raises(ProgrammingError, match="row-level security"), session_scope([mine]) as session:
        session.add(Job(shop_id=other, name="x"))


def test_the_clock_stands_still_until_it_is_moved(clock: FixedClock) -> None:
    before = clock.now
    assert clock.now == before
    clock.advance(hours=2)
    assert clock.now - before == timedelta(hours=2)


def test_jobs_run_when_told(database: str, run_jobs: Callable[[], int]) -> None:
    done: list[str] = []

    def handle(session: Session, batch: list[Job]) -> None:
        done.extend(str(item.args["word"]) for item in batch)

    shop_id = add_shop("one")
    job("tests.say_word")(handle)
    with session_scope([shop_id]) as session:
        enqueue(session, "tests.say_word", shop_id=shop_id, args={"word": "添え書き"})
    assert run_jobs() == 1
    assert done == ["添え書き"]
    del KINDS["tests.say_word"]
