"""Persons become customers, once each, whoever asks and however often."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.db import session_scope
from core.events import subscribe
from crm_link.errors import UnidentifiablePersonError
from crm_link.events import CustomerChanged
from crm_link.models import Contact, Customer
from crm_link.records import CardState, PersonIn
from crm_link.service import resolve_customers, resolve_persons
from tests.factories.core import make_shop
from tests.factories.crm_link import SPRING, make_customer, make_person
from tests.racing import run_at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


def resolve(shop_id: UUID, *persons: PersonIn) -> list[UUID]:
    with session_scope([shop_id]) as session:
        return resolve_customers(session, shop_id, persons)


def count_customers(shop_id: UUID) -> int:
    with session_scope([shop_id]) as session:
        return session.execute(select(func.count()).select_from(Customer)).scalar_one()


def test_a_person_is_found_again_by_external_id_address_and_number(shop_id: UUID) -> None:
    first = make_person(external_id="1", email="hanako@example.jp", phone="03-1234-5678", name="架空 花子")
    by_email = make_person(source="crm", external_id="X", email="ＨＡＮＡＫＯ@example.jp")
    by_phone = make_person(source="call", external_id=None, email=None, phone="０３（１２３４）５６７８")
    moved = make_person(external_id="1", email="new@example.jp")

    assert len(set(resolve(shop_id, first) + resolve(shop_id, by_email, by_phone) + resolve(shop_id, moved))) == 1


def test_repeating_changes_nothing_and_says_so(shop_id: UUID) -> None:
    person = make_person()
    with session_scope([shop_id]) as session:
        new = resolve_persons(session, shop_id, [person])[0]
    heard: list[object] = []
    subscribe(CustomerChanged, lambda _session, event: heard.append(event))
    with session_scope([shop_id]) as session:
        same = resolve_persons(session, shop_id, [person])[0]
        changed = resolve_persons(session, shop_id, [make_person(external_id=person.external_id, name="架空 春子")])[0]

    assert (new.card, same.card, changed.card) == (CardState.NEW, CardState.SAME, CardState.CHANGED)
    assert (new.is_new, same.is_new) == (True, False)
    assert new.customer_id == same.customer_id == changed.customer_id
    assert heard == [CustomerChanged(shop_id, (new.customer_id,))]


def test_an_older_description_does_not_overwrite_a_newer_one(shop_id: UUID) -> None:
    person = make_person(name="新 花子")
    resolve(shop_id, person)
    resolve(shop_id, make_person(external_id=person.external_id, name="旧 花子", known_at=SPRING.replace(year=2020)))

    with session_scope([shop_id]) as session:
        assert session.execute(select(Contact.name)).scalars().all() == ["新 花子"]


def test_an_absent_value_empties_nothing(shop_id: UUID) -> None:
    person = make_person(phone="03-1234-5678")
    resolve(shop_id, person)
    resolve(shop_id, make_person(external_id=person.external_id, email=None, kana=None))

    with session_scope([shop_id]) as session:
        card = session.execute(select(Contact)).scalar_one()
    assert (card.email, card.phone, card.kana) == (person.email, "03-1234-5678", "カクウ ハナコ")


def test_a_person_nothing_could_find_again_is_refused_by_position(shop_id: UUID) -> None:
    with pytest.raises(UnidentifiablePersonError) as refused:
        resolve(shop_id, make_person(), make_person(external_id=None, email="no address", phone="なし"))

    assert refused.value.details == {"position": 1}


def test_the_same_address_in_another_shop_is_another_customer(shop_id: UUID) -> None:
    other = make_shop()

    assert make_customer(shop_id, email="a@example.jp") != make_customer(other, email="a@example.jp")


def test_many_threads_that_meet_the_same_persons_make_each_once(shop_id: UUID) -> None:
    people = [make_person(email=f"p{number}@example.jp", external_id=None) for number in range(20)]

    def work(turn: int) -> list[UUID]:
        # Each thread knows them from another system, and meets them in another order.
        mine = [make_person(source=f"s{turn}", external_id=str(n), email=p.email) for n, p in enumerate(people)]
        with session_scope([shop_id]) as session:
            ids = resolve_customers(session, shop_id, mine[::-1] if turn % 2 else mine)
        return ids[::-1] if turn % 2 else ids

    found = run_at_once([partial(work, turn) for turn in range(6)])

    assert len({tuple(ids) for ids in found}) == 1
    assert count_customers(shop_id) == 20


PERSONS = st.lists(
    st.builds(
        make_person,
        source=st.sampled_from(["ec", "crm"]),
        external_id=st.sampled_from(["1", "2", "3"]),
        email=st.sampled_from([None, "a@example.jp", "b@example.jp"]),
        phone=st.sampled_from([None, "03-1234-5678"]),
        name=st.sampled_from([None, "架空 花子", "架空 太郎"]),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(persons=PERSONS)
def test_resolving_twice_is_resolving_once(database: str, persons: Sequence[PersonIn]) -> None:
    shop_id = make_shop()
    first = resolve(shop_id, *persons)
    size = count_customers(shop_id)

    assert resolve(shop_id, *persons) == first
    assert count_customers(shop_id) == size == len(set(first))
