"""Joining two customers, separating one who is two, and undoing either."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import session_scope
from crm_link.errors import JoinError
from crm_link.kinds import CareKind, ConsentState, Purpose
from crm_link.models import Contact, ContactKey, Touchpoint
from crm_link.queries import care_flags_of, get_profile, purposes_of
from crm_link.records import ConsentIn
from crm_link.service import (
    join_customers,
    record_consents,
    record_touchpoints,
    resolve_customers,
    resolve_persons,
    separate_identity,
    set_care_flag,
    undo_join,
)
from tests.factories.core import make_shop
from tests.factories.crm_link import SPRING, make_customer, make_person, make_touchpoint

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


def owners(shop_id: UUID) -> dict[str, UUID]:
    """Return who owns what: addresses, cards and touchpoints by what names them."""
    with session_scope([shop_id]) as session:
        keys = session.execute(select(ContactKey.value, ContactKey.customer_id)).all()
        cards = session.execute(select(Contact.email, Contact.customer_id)).all()
        touchpoints = session.execute(select(Touchpoint.external_id, Touchpoint.customer_id)).all()
    return {f"key {v}": c for v, c in keys} | {f"card {e}": c for e, c in cards} | dict(touchpoints)


def test_a_join_moves_everything_and_undoing_it_brings_everything_back(shop_id: UUID) -> None:
    alice = make_customer(shop_id, email="a@example.jp")
    other = make_customer(shop_id, email="b@example.jp", source="crm")
    with session_scope([shop_id]) as session:
        record_touchpoints(
            session, shop_id, [make_touchpoint(alice, external_id="T1"), make_touchpoint(other, external_id="T2")]
        )
        consent = ConsentIn(
            customer_id=other,
            purpose=Purpose.MARKETING,
            state=ConsentState.DENIED,
            source="crm",
            occurred_at=SPRING,
            known_at=SPRING,
        )
        record_consents(session, shop_id, [consent])
        set_care_flag(session, shop_id, other, CareKind.ALLERGY, subject="そば")
    before = owners(shop_id)

    with session_scope([shop_id]) as session:
        join_id = join_customers(session, shop_id, other, alice, made_by="user:1", reason="same person")
    assert set(owners(shop_id).values()) == {alice}
    with session_scope([shop_id]) as session:
        assert purposes_of(session, shop_id, [alice])[alice][Purpose.MARKETING] is ConsentState.DENIED
        assert [flag.subject for flag in care_flags_of(session, shop_id, [alice])[alice]] == ["そば"]
        assert get_profile(session, shop_id, other).customer.id == alice

    with session_scope([shop_id]) as session:
        undo_join(session, shop_id, join_id, made_by="user:1")
    assert owners(shop_id) == before
    with session_scope([shop_id]) as session:
        assert purposes_of(session, shop_id, [alice])[alice][Purpose.MARKETING] is ConsentState.UNKNOWN


def test_what_arrives_for_a_joined_customer_goes_to_the_one_that_stands_for_it(shop_id: UUID) -> None:
    person = make_person()
    alice = make_customer(shop_id)
    with session_scope([shop_id]) as session:
        other = resolve_customers(session, shop_id, [person])[0]
        join_customers(session, shop_id, other, alice, made_by="user:1", reason="same person")
    with session_scope([shop_id]) as session:
        assert resolve_customers(session, shop_id, [person]) == [alice]
        record_touchpoints(session, shop_id, [make_touchpoint(other, external_id="late")])

    assert owners(shop_id)["late"] == alice


def test_a_separated_identity_takes_its_history_along_and_undoing_gives_it_back(shop_id: UUID) -> None:
    mother = make_person(source="ec", email="family@example.jp", name="架空 花子")
    son = make_person(source="crm", email="family@example.jp", name="架空 太郎")
    with session_scope([shop_id]) as session:
        first, second = resolve_persons(session, shop_id, [mother, son])
        record_touchpoints(
            session,
            shop_id,
            [
                make_touchpoint(first.customer_id, external_id="M", source="ec"),
                make_touchpoint(first.customer_id, external_id="S", source="crm"),
                make_touchpoint(first.customer_id, external_id="S2", identity_id=second.identity_id),
            ],
        )
    assert first.customer_id == second.customer_id

    with session_scope([shop_id]) as session:
        son_id, join_id = separate_identity(session, shop_id, second.identity_id, made_by="user:1", reason="two people")
    found = owners(shop_id)
    assert (found["M"], found["S"], found["S2"]) == (first.customer_id, son_id, son_id)
    with session_scope([shop_id]) as session:
        assert resolve_customers(session, shop_id, [mother, son]) == [first.customer_id, son_id]

    with session_scope([shop_id]) as session:
        undo_join(session, shop_id, join_id, made_by="user:1")
    assert set(owners(shop_id).values()) == {first.customer_id}


def test_the_only_identity_cannot_be_separated(shop_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        alone = resolve_persons(session, shop_id, [make_person()])[0]
    with pytest.raises(JoinError), session_scope([shop_id]) as session:
        separate_identity(session, shop_id, alone.identity_id, made_by="user:1", reason="")


def test_a_join_is_undone_once_and_not_from_under_a_later_one(shop_id: UUID) -> None:
    one, two, three = (make_customer(shop_id) for _ in range(3))
    with session_scope([shop_id]) as session:
        first = join_customers(session, shop_id, one, two, made_by="user:1", reason="")
        second = join_customers(session, shop_id, two, three, made_by="user:1", reason="")
    with pytest.raises(JoinError), session_scope([shop_id]) as session:
        undo_join(session, shop_id, first, made_by="user:1")
    with session_scope([shop_id]) as session:
        undo_join(session, shop_id, second, made_by="user:1")
        undo_join(session, shop_id, first, made_by="user:1")
    with pytest.raises(JoinError), session_scope([shop_id]) as session:
        undo_join(session, shop_id, first, made_by="user:1")


def test_a_touchpoint_recorded_after_the_join_returns_with_its_identity(shop_id: UUID) -> None:
    alice = make_customer(shop_id)
    with session_scope([shop_id]) as session:
        other = resolve_persons(session, shop_id, [make_person()])[0]
        join_id = join_customers(session, shop_id, other.customer_id, alice, made_by="user:1", reason="")
    later = make_touchpoint(
        alice, external_id="later", identity_id=other.identity_id, occurred_at=SPRING + timedelta(days=1)
    )
    with session_scope([shop_id]) as session:
        record_touchpoints(session, shop_id, [later])
        undo_join(session, shop_id, join_id, made_by="user:1")

    assert owners(shop_id)["later"] == other.customer_id
