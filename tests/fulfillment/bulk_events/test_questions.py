"""Rows that only a person can judge, and what the answers lead to."""

import pytest
from sqlalchemy import delete, select

from core.db import session_scope
from core.errors import InvalidInputError
from fulfillment.bulk_events.errors import AddressNeededError, QuestionAnsweredError
from fulfillment.bulk_events.kinds import Answer, Doubt, ListKind, RowState
from fulfillment.bulk_events.ledger import list_lists
from fulfillment.bulk_events.models import Attendee, AttendeeRow
from fulfillment.bulk_events.questions import AnswerIn, Question, answer_question, list_questions
from fulfillment.bulk_events.service import get_event
from tests.factories.bulk_events import HOME, MEMBER, Tour, hand_in, make_attendee, make_member, make_tour
from tests.factories.fulfillment import RunJobs

pytestmark = pytest.mark.usefixtures("database")
OTHER = {"会員番号": "M-2", "氏名": "架空 月子", "メールアドレス": "tsuki@example.jp", "電話番号": "06-1111-2222"}


@pytest.fixture
def tour(database: str) -> Tour:
    tour = make_tour(rules=None)
    make_member(tour)
    make_member(tour, **OTHER)
    return tour


def ask(tour: Tour) -> Question:
    with session_scope([tour.shop_id]) as session:
        [question] = list_questions(session, tour.shop_id, tour.event_id)
        return question


def answer(tour: Tour, question: Question, given: AnswerIn) -> RowState:
    with session_scope([tour.shop_id]) as session:
        event = get_event(session, tour.shop_id, "tour")
        return answer_question(session, event, question.upload_id, question.number, given)


def test_of_two_members_on_one_row_a_person_says_which(tour: Tour, run_jobs: RunJobs) -> None:
    hand_in(tour, run_jobs, {"公演回": "N1", **MEMBER, "会員番号": "M-2"})
    question = ask(tour)
    assert question.doubt is Doubt.SEVERAL_MEMBERS
    assert {each.face.name for each in question.candidates} == {"架空 花子", "架空 月子"}

    hanako = next(each for each in question.candidates if each.face.name == "架空 花子")
    chosen = AnswerIn(answer=Answer.SAME_PERSON, customer_id=hanako.customer_id)
    assert answer(tour, question, chosen) is RowState.MATCHED
    with pytest.raises(QuestionAnsweredError):
        answer(tour, question, chosen)
    with session_scope([tour.shop_id]) as session:
        assert session.scalars(select(Attendee.customer_id)).all() == [hanako.customer_id]
        assert session.scalars(select(AttendeeRow.said)).all() == [None]


def test_a_member_who_has_a_parcel_gets_no_second_one(tour: Tour, run_jobs: RunJobs) -> None:
    hand_in(tour, run_jobs, {"公演回": "N1", **MEMBER})
    hand_in(tour, run_jobs, {"公演回": "N1", **MEMBER, "会員番号": "", "氏名": "旧姓 花子"}, kind=ListKind.NEW)
    question = ask(tour)
    [member] = question.candidates
    same = AnswerIn(answer=Answer.SAME_PERSON, customer_id=member.customer_id)
    assert answer(tour, question, same) is RowState.DUPLICATE


def test_a_ticket_of_somebody_else_is_asked_about(tour: Tour, run_jobs: RunJobs) -> None:
    hand_in(
        tour,
        run_jobs,
        make_attendee(チケット番号="T-1"),
        make_attendee(チケット番号="T-1", 氏名="例 次郎", メールアドレス="jiro@example.jp", 郵便番号="160-0002"),
    )
    assert ask(tour).doubt is Doubt.TICKET_TAKEN


def test_who_moved_is_known_by_name_and_postal_code_only_to_a_person(tour: Tour, run_jobs: RunJobs) -> None:
    hand_in(tour, run_jobs, make_attendee(氏名="架空 花子", メールアドレス="new@example.jp"))
    assert ask(tour).doubt is Doubt.LOOKS_LIKE_MEMBER


def test_a_family_that_nobody_knew_is_asked_about_in_its_own_list(tour: Tour, run_jobs: RunJobs) -> None:
    hand_in(tour, run_jobs, make_attendee(), make_attendee(氏名="見本 春子"))
    question = ask(tour)
    [father] = question.candidates
    assert (question.doubt, father.face.name) == (Doubt.OTHER_NAME, "見本 太郎")
    assert father.attendee_id is not None
    same = AnswerIn(answer=Answer.SAME_PERSON, customer_id=father.customer_id)
    assert answer(tour, question, same) is RowState.DUPLICATE


def test_an_answer_that_cannot_be_is_refused_and_the_row_still_waits(tour: Tour, run_jobs: RunJobs) -> None:
    nowhere = dict.fromkeys(HOME, "")
    hand_in(tour, run_jobs, {"公演回": "N1", **MEMBER, **nowhere, "会員番号": "", "氏名": "架空 星子"})
    question = ask(tour)
    with pytest.raises(InvalidInputError):
        answer(tour, question, AnswerIn(answer=Answer.SAME_PERSON))
    with pytest.raises(InvalidInputError):
        answer(tour, question, AnswerIn(answer=Answer.LEAVE_OUT))
    with pytest.raises(AddressNeededError):
        answer(tour, question, AnswerIn(answer=Answer.ANOTHER_PERSON))
    assert ask(tour).number == question.number


def test_a_row_that_became_nothing_keeps_the_event(tour: Tour, run_jobs: RunJobs) -> None:
    hand_in(tour, run_jobs, {"公演回": "N1", **MEMBER}, make_attendee(公演回="N9"))
    with session_scope([tour.shop_id]) as session:
        event = get_event(session, tour.shop_id, "tour")
        [entry] = list_lists(session, tour.shop_id, event)
        assert entry.adds_up
        session.execute(delete(AttendeeRow).where(AttendeeRow.state == RowState.MATCHED))
        [entry] = list_lists(session, tour.shop_id, event)
        assert not entry.adds_up
        assert entry.is_open
