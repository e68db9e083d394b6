"""Reads for screens, decisions and the telephone."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.db import session_scope
from crm_link.errors import CustomerNotFoundError
from crm_link.kinds import CareKind, ConsentState, Purpose, TouchpointKind
from crm_link.marks import restate_consents
from crm_link.queries import (
    attributes_of,
    care_flags_of,
    get_profile,
    list_timeline,
    purposes_of,
    ranks_of,
    read_care_note,
    tags_of,
)
from crm_link.records import AttributeIn, ConsentIn, RankIn, TagIn
from crm_link.searching import find_lookalikes, list_newest, search_customers
from crm_link.service import (
    end_care_flag,
    record_consents,
    record_touchpoints,
    set_attributes,
    set_care_flag,
    set_ranks,
    set_tags,
)
from tests.conftest import FixedClock
from tests.factories.core import make_shop
from tests.factories.crm_link import SPRING, make_customer, make_touchpoint

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


@pytest.fixture
def customer_id(shop_id: UUID) -> UUID:
    return make_customer(shop_id)


def say(customer_id: UUID, state: ConsentState, *, days: int = 0, source: str = "form") -> ConsentIn:
    moment = SPRING + days * DAY
    return ConsentIn(
        customer_id=customer_id,
        purpose=Purpose.MARKETING,
        state=state,
        source=source,
        occurred_at=moment,
        known_at=moment,
    )


def test_the_latest_statement_counts_and_at_one_moment_the_denial(shop_id: UUID, customer_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        record_consents(
            session,
            shop_id,
            [
                say(customer_id, ConsentState.GRANTED, days=0),
                say(customer_id, ConsentState.DENIED, days=2),
                say(customer_id, ConsentState.GRANTED, days=2, source="crm"),
            ],
        )
    with session_scope([shop_id]) as session:
        states = [
            purposes_of(session, shop_id, [customer_id], at)[customer_id][Purpose.MARKETING]
            for at in (SPRING - DAY, SPRING, SPRING + DAY, SPRING + 2 * DAY, None)
        ]
    assert states == [
        ConsentState.UNKNOWN,
        ConsentState.GRANTED,
        ConsentState.GRANTED,
        ConsentState.DENIED,
        ConsentState.DENIED,
    ]


def test_the_same_statement_is_recorded_once(shop_id: UUID, customer_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        statement = say(customer_id, ConsentState.GRANTED)
        assert record_consents(session, shop_id, [statement]) == [customer_id]
        assert record_consents(session, shop_id, [statement]) == []
        assert restate_consents(session, shop_id, [say(customer_id, ConsentState.GRANTED, days=5)]) == []
        assert restate_consents(session, shop_id, [say(customer_id, ConsentState.DENIED, days=6)]) == [customer_id]


def test_marks_are_known_as_of_any_moment(shop_id: UUID, customer_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        for days, present, rank, points in ((0, True, "silver", 5), (2, False, "gold", 7)):
            known_at = SPRING + days * DAY
            common: dict[str, Any] = {"customer_id": customer_id, "source": "t", "known_at": known_at}
            set_tags(session, shop_id, [TagIn(tag="VIP", present=present, **common)])
            set_ranks(session, shop_id, [RankIn(rank=rank, **common)])
            set_attributes(session, shop_id, [AttributeIn(name="points", value=points, **common)])
    with session_scope([shop_id]) as session:
        found = [
            (
                tags_of(session, shop_id, [customer_id], at).get(customer_id),
                ranks_of(session, shop_id, [customer_id], at).get(customer_id),
                attributes_of(session, shop_id, [customer_id], at).get(customer_id),
            )
            for at in (SPRING - DAY, SPRING + DAY, None)
        ]
    assert found == [
        (None, None, None),
        (["VIP"], {"default": "silver"}, {"points": 5}),
        (None, {"default": "gold"}, {"points": 7}),
    ]


def test_a_care_flag_is_in_force_until_it_is_ended(shop_id: UUID, customer_id: UUID, clock: FixedClock) -> None:
    with session_scope([shop_id]) as session:
        flag_id = set_care_flag(session, shop_id, customer_id, CareKind.ALLERGY, subject="そば", note="重い")
        again = set_care_flag(session, shop_id, customer_id, CareKind.ALLERGY, subject="そば")
    with session_scope([shop_id]) as session:
        assert again == flag_id
        assert read_care_note(session, shop_id, flag_id) == "重い"
        assert [f.subject for f in care_flags_of(session, shop_id, [customer_id])[customer_id]] == ["そば"]
    clock.advance(hours=1)
    with session_scope([shop_id]) as session:
        end_care_flag(session, shop_id, flag_id)
    with session_scope([shop_id]) as session:
        assert care_flags_of(session, shop_id, [customer_id]) == {}
        assert customer_id in care_flags_of(session, shop_id, [customer_id], clock.now - timedelta(minutes=1))


def test_the_timeline_is_paged_newest_first_without_gaps(shop_id: UUID, customer_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        # Several at one moment: the id decides, and no page loses one.
        batch = [
            make_touchpoint(customer_id, external_id=str(n), occurred_at=SPRING + (n // 3) * DAY) for n in range(10)
        ]
        record_touchpoints(session, shop_id, batch)
        record_touchpoints(session, shop_id, [make_touchpoint(customer_id, kind=TouchpointKind.WEB)])
    found, before = [], None
    with session_scope([shop_id]) as session:
        while page := list_timeline(session, shop_id, customer_id, before=before, limit=4):
            found += page
            before = (page[-1].occurred_at, page[-1].id)
        web = list_timeline(session, shop_id, customer_id, kinds=[TouchpointKind.WEB])

    assert len({touchpoint.id for touchpoint in found}) == 11
    assert [t.occurred_at for t in found] == sorted((t.occurred_at for t in found), reverse=True)
    assert len(web) == 1


@pytest.mark.parametrize(
    "query",
    ["C-77", "hanako@ex", "０９０-1234-5678", "100-0001", "架空", "架空　花", "かくう", "ｶｸｳﾊﾅ", "090 1234 5678"],
)
def test_a_customer_is_found_by_what_a_person_would_say(shop_id: UUID, query: str) -> None:
    wanted = make_customer(
        shop_id,
        external_id="C-77",
        email="hanako@example.jp",
        phone="090-1234-5678",
        postal_code="100-0001",
        name="架空 花子",
        kana="カクウ ハナコ",
    )
    make_customer(shop_id, name="別人 太郎", kana="ベツジン タロウ")
    with session_scope([shop_id]) as session:
        assert [row.customer_id for row in search_customers(session, shop_id, query).rows] == [wanted]


def test_a_search_is_paged(shop_id: UUID) -> None:
    made = {make_customer(shop_id, name=f"架空 {n}") for n in range(5)}
    found: list[UUID] = []
    after = None
    with session_scope([shop_id]) as session:
        while True:
            page = search_customers(session, shop_id, "架空", after=after, limit=2)
            found += [row.customer_id for row in page.rows]
            after = page.after
            if after is None:
                break
        newest = list_newest(session, shop_id, limit=3)

    assert (set(found), len(found)) == (made, 5)
    assert [row.customer_id for row in newest] == sorted(made, reverse=True)[:3]


def test_those_who_share_a_number_are_shown_for_somebody_to_judge(shop_id: UUID) -> None:
    mother = make_customer(shop_id, phone="03-1234-5678", name="架空 花子")
    son = make_customer(shop_id, phone="０３-1234-5678", name="架空 太郎")
    make_customer(shop_id, phone="03-9999-0000")
    with session_scope([shop_id]) as session:
        assert [row.customer_id for row in find_lookalikes(session, shop_id, mother)] == [son]


def test_nobody_is_found_where_nobody_is(shop_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        assert search_customers(session, shop_id, "様").rows == []
        with pytest.raises(CustomerNotFoundError):
            get_profile(session, shop_id, shop_id)
