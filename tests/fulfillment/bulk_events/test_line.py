"""From three lists to parcels: one real case from the first file to the last parcel handed over."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core import clock
from core.db import session_scope
from crm_link.kinds import TouchpointKind
from crm_link.models import Touchpoint
from fulfillment.bulk_events.errors import ListNotOpenError, SessionNotClearError
from fulfillment.bulk_events.gathering import gather_session
from fulfillment.bulk_events.kinds import Answer, ListKind, RowState, Stage
from fulfillment.bulk_events.ledger import list_attendees, list_lists, list_sessions
from fulfillment.bulk_events.models import Attendee, AttendeeRow
from fulfillment.bulk_events.questions import AnswerIn, answer_question, list_questions
from fulfillment.bulk_events.releasing import release_session
from fulfillment.bulk_events.service import get_event, settle_list
from fulfillment.dispatch.hand_over import hand_over
from fulfillment.models import Parcel
from fulfillment.packing.models import UnitKind
from fulfillment.printing.waves import print_wave
from tests.factories.bulk_events import MEMBER, Tour, hand_in, make_attendee, make_event, make_member, make_tour
from tests.factories.fulfillment import RunJobs, list_units, pack

pytestmark = pytest.mark.usefixtures("database")


def count_rows(tour: Tour, upload_id: UUID) -> Counter[RowState]:
    with session_scope([tour.shop_id]) as session:
        statement = select(AttendeeRow.state).where(AttendeeRow.upload_id == upload_id)
        return Counter(session.scalars(statement))


def release(tour: Tour, run_jobs: RunJobs, key: str) -> int:
    with session_scope([tour.shop_id]) as session:
        count = release_session(session, tour.shop_id, tour.sessions[key])
    run_jobs()
    return count


def count_stages(tour: Tour, key: str) -> dict[Stage, int]:
    with session_scope([tour.shop_id]) as session:
        found = {entry.session.key: entry for entry in list_sessions(session, tour.shop_id, tour.event_id)}
        return {stage: count for stage, count in found[key].stages.items() if count}


def print_session(tour: Tour, run_jobs: RunJobs, key: str) -> None:
    with session_scope([tour.shop_id]) as session:
        wave = gather_session(session, tour.shop_id, tour.sessions[key])
        print_wave(session, tour.shop_id, wave.id)
    run_jobs()


def test_every_attendee_gets_the_recording_of_the_own_night_once(run_jobs: RunJobs) -> None:
    tour = make_tour()
    member_id = make_member(tour)
    advance = hand_in(
        tour,
        run_jobs,
        {"公演回": "N1", "チケット番号": "A-1", **MEMBER},
        make_attendee(チケット番号="A-2"),
        make_attendee(公演回="N2", 氏名="例 次郎", メールアドレス="jiro@example.jp"),
    )
    day_of = hand_in(
        tour,
        run_jobs,
        {"公演回": "N1", "チケット番号": "D-9", "会員番号": "M-1", "氏名": "架空　花子"},
        {"公演回": "N2", "会員番号": "M-1", "氏名": "架空花子様"},
        kind=ListKind.DAY_OF,
    )

    assert count_rows(tour, advance) == {RowState.MATCHED: 1, RowState.NEW: 2}
    # She bought at the hall too: one parcel for the first night; her second night is another parcel.
    assert count_rows(tour, day_of) == {RowState.DUPLICATE: 1, RowState.MATCHED: 1}
    assert release(tour, run_jobs, "N1") == 2
    assert count_stages(tour, "N1") == {Stage.PLANNED: 2}
    assert count_stages(tour, "N2") == {Stage.ENTITLED: 2}

    print_session(tour, run_jobs, "N1")
    assert count_stages(tour, "N1") == {Stage.PRINTED: 2}
    with session_scope([tour.shop_id]) as session:
        parcels = list(session.scalars(select(Parcel.id)))
        told = session.execute(
            select(Touchpoint.customer_id, Touchpoint.campaign).where(Touchpoint.kind == TouchpointKind.ATTENDANCE)
        ).all()
        assert (member_id, "tour") in told
    for parcel_id in parcels:
        goods = [unit.sku for unit in list_units(tour.shop, parcel_id) if unit.kind is UnitKind.GOODS]
        assert goods == ["SKU-1"]
        pack(tour.shop, parcel_id)
    with session_scope([tour.shop_id]) as session:
        hand_over(session, tour.shop_id, parcels)
    assert count_stages(tour, "N1") == {Stage.HANDED_OVER: 2}
    with session_scope([tour.shop_id]) as session:
        people = list_attendees(session, tour.shop_id, tour.sessions["N1"])
        assert [(each.name, each.stage) for each in people] == [
            ("架空 花子", Stage.HANDED_OVER),
            ("見本 太郎", Stage.HANDED_OVER),
        ]
        assert all(each.order_number and each.shipment_number and each.handed_over_at for each in people)


def test_a_list_again_changes_nothing(run_jobs: RunJobs) -> None:
    tour = make_tour()
    rows = [
        make_attendee(),
        make_attendee(公演回="N2"),
        make_attendee(氏名="例 次郎", メールアドレス="jiro@example.jp"),
    ]
    hand_in(tour, run_jobs, *rows)
    again = hand_in(tour, run_jobs, *rows, kind=ListKind.NEW)

    assert count_rows(tour, again) == {RowState.DUPLICATE: 3}
    with session_scope([tour.shop_id]) as session:
        assert len(session.scalars(select(Attendee.id)).all()) == 3


def test_who_may_be_two_people_waits_for_a_person_and_keeps_the_session_from_going(run_jobs: RunJobs) -> None:
    tour = make_tour()
    make_member(tour)
    # A sister with the member's e-mail address: somebody must say whether she gets a parcel of her own.
    sister = {"公演回": "N1", **MEMBER, "会員番号": "", "氏名": "架空 月子"}
    upload_id = hand_in(tour, run_jobs, {"公演回": "N1", **MEMBER}, sister)

    with pytest.raises(SessionNotClearError) as refused:
        release(tour, run_jobs, "N1")
    assert refused.value.details["waiting"] == 1
    with session_scope([tour.shop_id]) as session:
        (question,) = list_questions(session, tour.shop_id, tour.event_id)
        assert (question.number, question.said["name"]) == (3, "架空 月子")
        assert [each.face.name for each in question.candidates] == ["架空 花子"]
        assert question.candidates[0].attendee_id is not None
        answer = AnswerIn(answer=Answer.ANOTHER_PERSON)
        event = get_event(session, tour.shop_id, "tour")
        assert answer_question(session, event, upload_id, 3, answer) is RowState.NEW
    assert release(tour, run_jobs, "N1") == 2
    with session_scope([tour.shop_id]) as session:
        people = list_attendees(session, tour.shop_id, tour.sessions["N1"])
        assert len({each.customer_id for each in people}) == 2
        assert [each.name for each in people] == ["架空 花子", "架空 月子"]
    again = hand_in(tour, run_jobs, sister, kind=ListKind.DAY_OF)
    assert count_rows(tour, again) == {RowState.DUPLICATE: 1}


def test_who_comes_after_the_release_waits_for_the_next_one(run_jobs: RunJobs) -> None:
    tour = make_tour()
    hand_in(tour, run_jobs, make_attendee(), make_attendee(氏名="例 次郎", メールアドレス="jiro@example.jp"))
    with session_scope([tour.shop_id]) as session:
        assert release_session(session, tour.shop_id, tour.sessions["N1"]) == 2
        # As if one of them had come with a further list before the orders are made.
        late = select(Attendee).order_by(Attendee.serial.desc()).limit(1)
        session.scalars(late).one().created_at = clock.now() + timedelta(minutes=1)
    run_jobs()

    assert count_stages(tour, "N1") == {Stage.PLANNED: 1, Stage.ENTITLED: 1}


def test_a_rejected_row_keeps_the_event_until_somebody_explains_it(run_jobs: RunJobs) -> None:
    tour = make_tour()
    upload_id = hand_in(
        tour,
        run_jobs,
        make_attendee(),
        make_attendee(公演回="N9"),
        make_attendee(メールアドレス="nobody"),
        make_attendee(氏名="例 無住所", メールアドレス="lost@example.jp", 郵便番号="", 住所1=""),
    )

    with session_scope([tour.shop_id]) as session:
        (entry,) = list_lists(session, tour.shop_id, get_event(session, tour.shop_id, "tour"))
        assert (entry.rows, entry.counts[RowState.NEW], entry.counts[RowState.REJECTED]) == (4, 1, 3)
        assert sum(entry.counts.values()) == entry.rows
        assert entry.is_open
    with pytest.raises(SessionNotClearError):
        release(tour, run_jobs, "N1")
    with session_scope([tour.shop_id]) as session:
        other = make_event(session, tour.shop_id, key="another")
        with pytest.raises(ListNotOpenError):
            settle_list(session, other, upload_id, reason="別の公演のものです")
        settle_list(session, get_event(session, tour.shop_id, "tour"), upload_id, reason="訂正版で取り込み済み")
    assert release(tour, run_jobs, "N1") == 1
