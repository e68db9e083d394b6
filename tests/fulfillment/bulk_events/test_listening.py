"""People of lists who are erased, or prove to be one."""

import pytest
from sqlalchemy import select

from core.db import session_scope
from crm_link.service import erase_customer, join_customers
from fulfillment.bulk_events.kinds import Answer, AttendeeState, RowState
from fulfillment.bulk_events.models import Attendee, AttendeeRow
from fulfillment.bulk_events.questions import AnswerIn, answer_question
from fulfillment.bulk_events.releasing import release_session, withdraw
from fulfillment.bulk_events.service import get_event
from fulfillment.models import Shipment
from fulfillment.states import ShipmentState
from tests.factories.bulk_events import MEMBER, Tour, hand_in, make_attendee, make_member, make_tour
from tests.factories.fulfillment import RunJobs
from tests.personal_data import find_columns, list_personal_columns

pytestmark = pytest.mark.usefixtures("database")
MARK = "zzmarkzz"
UNREADABLE = {"attendee_rows.digest"}


def list_attendees(tour: Tour) -> list[Attendee]:
    with session_scope([tour.shop_id]) as session:
        return list(session.scalars(select(Attendee).order_by(Attendee.serial)))


def test_an_erased_member_is_in_no_column_of_any_list(run_jobs: RunJobs) -> None:
    tour = make_tour()
    marked = {**MEMBER, "氏名": f"名{MARK}", "メールアドレス": f"{MARK}@example.jp", "住所1": MARK}
    member_id = make_member(tour, **marked)
    upload_id = hand_in(
        tour,
        run_jobs,
        {"公演回": "N1", **marked, "チケット番号": MARK},
        {"公演回": "N1", **marked, "会員番号": "", "氏名": f"別{MARK}"},
        {"公演回": "N2", **marked, "会員番号": "", "氏名": f"他{MARK}"},
    )
    with session_scope([tour.shop_id]) as session:
        event = get_event(session, tour.shop_id, "tour")
        answer_question(session, event, upload_id, 3, AnswerIn(answer=Answer.LEAVE_OUT, reason=MARK))
    withdraw_all(tour, MARK)
    assert list_personal_columns("fulfillment.bulk_events") - UNREADABLE <= find_columns(MARK)

    with session_scope([tour.shop_id]) as session:
        erase_customer(session, tour.shop_id, member_id)
    assert find_columns(MARK) == set()
    with session_scope([tour.shop_id]) as session:
        assert set(session.scalars(select(AttendeeRow.digest))) == {None}
        assert RowState.WAITING not in set(session.scalars(select(AttendeeRow.state)))


def withdraw_all(tour: Tour, reason: str) -> None:
    with session_scope([tour.shop_id]) as session:
        for attendee_id in session.scalars(select(Attendee.id)).all():
            withdraw(session, tour.shop_id, attendee_id, reason=reason)


def test_who_proves_to_be_one_person_gets_one_parcel(run_jobs: RunJobs) -> None:
    tour = make_tour()
    hand_in(
        tour,
        run_jobs,
        make_attendee(氏名="架空 花子", メールアドレス="old@example.jp", 電話番号="", 郵便番号="150-0001"),
        make_attendee(氏名="見本 花子", メールアドレス="new@example.jp", 郵便番号="160-0002"),
        make_attendee(公演回="N2", 氏名="見本 花子", メールアドレス="new@example.jp", 郵便番号="160-0002"),
    )
    first, second, _ = (each.customer_id for each in list_attendees(tour))
    with session_scope([tour.shop_id]) as session:
        join_customers(session, tour.shop_id, into_id=first, from_id=second, made_by="test", reason="結婚")

    one, other, night = list_attendees(tour)
    assert (one.state, other.state) == (AttendeeState.ENTITLED, AttendeeState.WITHDRAWN)
    assert (night.customer_id, night.state) == (first, AttendeeState.ENTITLED)


def test_who_is_withdrawn_gets_no_parcel_before_the_release_or_after(run_jobs: RunJobs) -> None:
    tour = make_tour()
    hand_in(tour, run_jobs, make_attendee(), make_attendee(公演回="N2"))
    with session_scope([tour.shop_id]) as session:
        release_session(session, tour.shop_id, tour.sessions["N1"])
    run_jobs()
    withdraw_all(tour, "返金済み")
    run_jobs()

    assert {each.state for each in list_attendees(tour)} == {AttendeeState.WITHDRAWN}
    with session_scope([tour.shop_id]) as session:
        assert session.scalars(select(Shipment.state)).all() == [ShipmentState.CANCELLED]
        assert release_session(session, tour.shop_id, tour.sessions["N2"]) == 0
