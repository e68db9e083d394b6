"""What holds for any lists: every row is accounted for, nobody is served twice, repeating lists changes nothing."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from threading import Event
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import session_scope
from core.tabular.importer import ImportContext, Row
from core.tabular.models import Upload
from core.tabular.service import ReceivedFile, make_context, receive_upload
from core.tenancy import get_shop
from crm_link.errors import OvertakenError
from crm_link.service import erase_customer
from fulfillment.bulk_events.importers import ATTENDEES
from fulfillment.bulk_events.kinds import AttendeeState, ListKind, RowState
from fulfillment.bulk_events.models import Attendee, AttendeeRow, BulkEvent
from fulfillment.bulk_events.questions import list_questions
from fulfillment.bulk_events.recording import take_rows
from tests.factories.bulk_events import Tour, make_member, make_tour
from tests.racing import run_at_once

pytestmark = pytest.mark.usefixtures("database")
Told = dict[str, str]

MEMBERS = (("M-1", "架空 花子", "hanako@example.jp"), ("M-2", "架空 月子", "tsuki@example.jp"))
ROWS = st.fixed_dictionaries(
    {
        "session": st.sampled_from(["N1", "N2", "N1", "N2", "N9"]),
        "name": st.sampled_from(["架空 花子", "架空花子 様", "架空 月子", "見本 太郎", "例 次郎"]),
    },
    optional={
        "member_id": st.sampled_from(["M-1", "M-2", "M-9"]),
        "email": st.sampled_from(["hanako@example.jp", "tsuki@example.jp", "taro@example.jp", "jiro@example.jp"]),
        "phone": st.sampled_from(["03-1234-5678", "06-1111-2222"]),
        "ticket": st.sampled_from(["T-1", "T-2", "T-3"]),
        "address1": st.sampled_from(["東京都渋谷区架空町1-2-3", "大阪府大阪市例町4"]),
    },
)


def make_members(tour: Tour) -> None:
    for number, name, email in MEMBERS:
        make_member(tour, 会員番号=number, 氏名=name, メールアドレス=email)


def open_upload(tour: Tour) -> tuple[UUID, ImportContext]:
    """Return an upload that rows can be entered under."""
    with session_scope([tour.shop_id]) as session:
        received = ReceivedFile(ATTENDEES, "list.csv", "氏名\n架空".encode())
        upload, _ = receive_upload(session, tour.shop_id, received)
        session.flush()
        return upload.id, make_context(get_shop(session, tour.shop_id), session.get_one(Upload, upload.id))


def take(tour: Tour, rows: Sequence[Told]) -> list[RowState]:
    """Hand in rows as one list, and return what each became."""
    _, context = open_upload(tour)
    numbered = [Row(number, {"postal_code": "150-0001", **row}) for number, row in enumerate(rows, 2)]
    with session_scope([tour.shop_id]) as session:
        event = session.get_one(BulkEvent, tour.event_id)
        taken = take_rows(session, context, event, ListKind.ADVANCE, numbered)
        ledger = Counter(session.scalars(select(AttendeeRow.state).where(AttendeeRow.upload_id == context.upload_id)))
    assert Counter(each.state for each in taken) == ledger
    states = {each.number: each.state for each in taken}
    return [states[row.number] for row in numbered]


def list_served(tour: Tour) -> list[tuple[UUID, UUID]]:
    with session_scope([tour.shop_id]) as session:
        statement = select(Attendee.session_id, Attendee.customer_id).where(Attendee.state != AttendeeState.WITHDRAWN)
        return sorted((where, who) for where, who in session.execute(statement))


def name_served(tour: Tour) -> list[tuple[UUID, str]]:
    with session_scope([tour.shop_id]) as session:
        rows = session.execute(select(Attendee.session_id, Attendee.contact))
        return sorted((where, (contact or {})["name"].replace(" ", "").removesuffix("様")) for where, contact in rows)


def make_club() -> Tour:
    tour = make_tour(rules=None)
    make_members(tour)
    return tour


@settings(
    max_examples=150 if os.environ.get("SOEGAKI_PROVE") else 6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(ROWS, min_size=1, max_size=12), parts=st.integers(2, 4))
def test_every_row_is_accounted_for_and_nobody_is_served_twice(database: str, rows: list[Told], parts: int) -> None:
    tour = make_club()
    states = take(tour, rows)
    assert len(states) == len(rows)
    served = list_served(tour)
    assert len(served) == len(set(served)) == sum(s in (RowState.MATCHED, RowState.NEW) for s in states)

    # The same list again, whole and in parts, in another order: what was not refused is there.
    good = [row for row, state in zip(rows, states, strict=True) if state is not RowState.REJECTED]
    assert set(take(tour, good)) <= {RowState.DUPLICATE}
    assert set(take(tour, list(reversed(good))[::parts])) <= {RowState.DUPLICATE}
    assert list_served(tour) == served
    with session_scope([tour.shop_id]) as session:
        contacts = session.scalars(select(Attendee.contact)).all()
        assert all(contact and contact.get("address1") and contact.get("name") for contact in contacts)
        asked = list_questions(session, tour.shop_id, tour.event_id)
        assert all(each.candidates and all(one.face.names for one in each.candidates) for each in asked)


def test_lists_handed_in_at_one_moment_serve_everybody_once() -> None:
    tour = make_club()
    rows = [
        {"session": "N1", "name": f"見本 {number}", "email": f"{number}@example.jp", "address1": "東京都渋谷区架空町1"}
        for number in range(40)
    ]
    run_at_once([partial(take, tour, rows[part : part + 25]) for part in (0, 5, 10, 15)])

    assert len(name_served(tour)) == len(set(name_served(tour))) == 40


def test_who_is_erased_at_this_moment_is_not_written_down_again() -> None:
    tour = make_tour(rules=None)
    member_id = make_member(tour)
    erased, asked = Event(), Event()

    def erase() -> None:
        with session_scope([tour.shop_id]) as session:
            erase_customer(session, tour.shop_id, member_id)
            erased.set()
            asked.wait()
            # Time for the list to come to the same person.
            time.sleep(0.3)

    def hand_in() -> None:
        erased.wait()
        asked.set()
        with pytest.raises(OvertakenError):
            take(tour, [{"session": "N1", "name": "架空 花子", "member_id": "M-1", "address1": "東京都渋谷区架空町1"}])

    run_at_once([erase, hand_in])
    assert list_served(tour) == []
