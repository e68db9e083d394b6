"""The organiser's screens: an event from its files to its parcels; who may look, and what is refused in words."""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from core.auth.roles import Role
from core.db import session_scope
from core.tabular.models import Upload
from crm_link.models import Customer
from fulfillment.bulk_events.kinds import AttendeeState, ListKind, RowState
from fulfillment.bulk_events.models import Attendee, AttendeeRow, BulkEvent, BulkSession
from fulfillment.bulk_events.service import EventIn, create_event
from fulfillment.dispatch.hand_over import hand_over
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Wave
from tests.browsing import Browser, visit
from tests.factories.bulk_events import MEMBER, Tour, hand_in, make_attendee, make_member, make_tour, write_list
from tests.factories.fulfillment import make_shipping_shop, pack, print_all
from tests.warehouse_ui.conftest import HTML, Place, RunJobs

NAMESAKE = {**MEMBER, "公演回": "N1", "氏名": "架空 次郎", "会員番号": "M-1", "メールアドレス": "", "電話番号": ""}
NIGHTS = ("N1", "N1", "N2", "N9")
HOMELESS = make_attendee(氏名="宛先 なし", メールアドレス="nowhere@example.jp", 郵便番号="", 住所1="")


@dataclass(frozen=True)
class Office:
    """An organiser at an office, with an event of two nights."""

    place: Place
    tour: Tour
    organiser: Browser

    def show(self, path: str = "") -> str:
        return self.organiser.get(f"/events/tour{path}").text

    def find_step(self) -> str:
        return self.show().partition('data-step="')[2].partition('"')[0]


@pytest.fixture
def office(app: FastAPI, database: str) -> Office:
    tour = make_tour()
    place = Place(app, tour.shop)
    return Office(place, tour, place.sit(Role.ORGANISER))


def list_rows(tour: Tour) -> list[AttendeeRow]:
    with session_scope([tour.shop_id]) as session:
        return list(session.scalars(select(AttendeeRow).order_by(AttendeeRow.number)))


def list_people(tour: Tour) -> list[Attendee]:
    with session_scope([tour.shop_id]) as session:
        return list(session.scalars(select(Attendee).order_by(Attendee.serial)))


def count_customers(tour: Tour) -> int:
    with session_scope([tour.shop_id]) as session:
        return session.scalar(select(func.count()).select_from(Customer)) or 0


def ask_who(office: Office, run_jobs: RunJobs, row: dict[str, str] = NAMESAKE) -> str:
    """Hand in a row that may be the member's; return the address at which it is answered."""
    make_member(office.tour)
    hand_in(office.tour, run_jobs, row)
    page = office.show("/questions")
    return page.partition('id="same-1" action="')[2].partition('"')[0]


def test_an_event_is_made_and_its_files_are_handed_in(place: Place, run_jobs: RunJobs) -> None:
    organiser = place.sit(Role.ORGANISER)
    told = {"key": "tour-2026", "name": "架空ツアー", "member_source": "file", "ship_not_before": "2026-11-01"}
    assert organiser.post("/events", data=told).headers["location"] == "/events/tour-2026?done=event_created"
    assert 'data-step="sessions"' in organiser.get("/events/tour-2026").text
    nights = "公演コード,会場,公演日,商品コード\nN1,架空ホール,2026-10-03,SKU-1\n".encode()
    received = organiser.post("/events/tour-2026/sessions", files={"file": ("nights.csv", nights, "text/csv")})
    address = received.headers["location"]
    assert 'data-step="columns"' in organiser.get("/events/tour-2026").text
    form = {
        f"field-{name}": f"1:{header}"
        for name, header in (("key", "公演コード"), ("venue", "会場"), ("held_on", "公演日"), ("sku", "商品コード"))
    }
    assert organiser.post(f"{address}/start", data={**form, "option-event": "tour-2026"}).status_code == 303
    assert 'data-step="reading"' in organiser.get("/events/tour-2026").text
    run_jobs()
    assert '"/events/tour-2026"' in organiser.get(address).text
    assert 'data-step="lists"' in organiser.get("/events/tour-2026").text
    with session_scope([place.shop_id]) as session:
        assert session.scalars(select(BulkSession.key)).all() == ["N1"]
    assert "架空ツアー" in organiser.get("/events").text


def test_a_list_bears_its_event_and_its_kind(office: Office, run_jobs: RunJobs) -> None:
    files = {"file": ("day.csv", write_list(make_attendee()), "text/csv")}
    address = office.organiser.post("/events/tour/lists", data={"kind": "day_of"}, files=files).headers["location"]
    assert "当日" in office.organiser.get(address).text
    with session_scope([office.tour.shop_id]) as session:
        assert session.scalars(select(Upload.options)).one() == {"event": "tour", "list": "day_of"}


def test_an_unreadable_file_is_refused_on_the_same_page(office: Office) -> None:
    files = {"file": ("broken.xlsx", b"PK\x03\x04 no workbook", "application/octet-stream")}
    answer = office.organiser.post("/events/tour/lists", data={"kind": "new"}, files=files)
    assert answer.status_code == 422
    assert "表として読み取れません" in answer.text
    assert office.find_step() == "lists"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"key": "tour"}, "すでにあります"),
        ({"key": "a/b"}, "英数字と"),
        ({"name": ""}, "公演の名前を入力してください"),
        ({"ship_not_before": "tomorrow"}, "日付で入力してください"),
    ],
)
def test_an_impossible_event_is_refused_at_its_field(office: Office, changes: dict[str, str], told: str) -> None:
    answer = office.organiser.post("/events", data={"key": "new", "name": "新しい", "member_source": "file"} | changes)
    assert answer.status_code in (409, 422)
    assert told in answer.text
    with session_scope([office.tour.shop_id]) as session:
        assert session.scalars(select(BulkEvent.key)).all() == ["tour"]


def test_a_list_is_accounted_for_session_by_session(office: Office, run_jobs: RunJobs) -> None:
    rows = [
        make_attendee(公演回=night, 氏名=f"架空 {n}", メールアドレス=f"p{n}@example.jp")
        for n, night in enumerate(NIGHTS)
    ]
    upload_id = hand_in(office.tour, run_jobs, *rows, rows[0])
    assert f'/events/tour/lists/{upload_id}"' in office.show()
    page = office.show(f"/lists/{upload_id}")
    told = dict(re.findall(r'data-session="(\w*)" data-rows="(\d+)"', page))
    assert told == {"N1": "3", "N2": "1", "": "1"}
    assert 'data-total="5" data-sum="5"' in page
    with session_scope([office.tour.shop_id]) as session:
        create_event(session, office.tour.shop_id, EventIn(key="other", name="別", name_en="Other"))
    assert office.organiser.get(f"/events/other/lists/{upload_id}").status_code == 404
    answers = [office.organiser.get(f"/api/events/{key}/lists/{upload_id}") for key in ("tour", "other")]
    assert [answer.status_code for answer in answers] == [200, 404]


def test_every_row_is_accounted_for_and_the_page_says_what_is_next(office: Office, run_jobs: RunJobs) -> None:
    make_member(office.tour)
    member = {**MEMBER, "公演回": "N1"}
    upload_id = hand_in(office.tour, run_jobs, member, make_attendee(), make_attendee(), NAMESAKE, HOMELESS)
    page = office.show()
    assert 'data-step="questions"' in page
    assert 'data-total="5" data-sum="5"' in page
    assert "合計が合いません" not in page
    assert office.organiser.get(f"/imports/{upload_id}").text.count("確認待ち") == 1

    answered = office.organiser.post(
        office.show("/questions").partition('id="another" action="')[2].partition('"')[0],
        data={"answer": "another_person"},
    )
    assert answered.headers["location"] == "/events/tour/questions?done=question_answered"
    assert office.find_step() == "settle"
    assert office.organiser.post("/events/tour/release").status_code == 409
    settle = f"/events/tour/lists/{upload_id}/settle"
    assert office.organiser.post(settle, data={"reason": " "}).status_code == 422
    assert office.organiser.post(settle, data={"reason": "住所が分からない"}).status_code == 303
    assert office.find_step() == "release"
    assert office.organiser.post("/events/tour/release").headers["location"] == "/events/tour?done=event_released"
    assert office.find_step() == "preparing"
    run_jobs()
    assert office.find_step() == "gather"


def test_a_session_is_gathered_into_a_wave_of_its_own(office: Office, run_jobs: RunJobs) -> None:
    hand_in(office.tour, run_jobs, make_attendee(), make_attendee(公演回="N2"))
    path = f"/events/tour/sessions/{office.tour.sessions['N1']}"
    assert office.organiser.post(f"{path}/gather").status_code == 409
    assert office.organiser.post(f"{path}/release").status_code == 303
    run_jobs()
    assert office.organiser.post(f"{path}/gather").headers["location"] == "/events/tour?done=event_gathered"
    with session_scope([office.tour.shop_id]) as session:
        assert session.scalars(select(Wave.shipment_count)).all() == [1]
    # The other night waits for its own release.
    assert office.find_step() == "release"
    office.organiser.post("/events/tour/release")
    run_jobs()
    operator = office.place.sit(Role.OPERATOR)
    gathered = operator.post(f"/events/tour/sessions/{office.tour.sessions['N2']}/gather")
    assert gathered.headers["location"].startswith("/waves/")
    assert office.find_step() == "floor"


def test_a_session_with_something_unexplained_is_not_released(office: Office, run_jobs: RunJobs) -> None:
    ask_who(office, run_jobs)
    answer = office.organiser.post(f"/events/tour/sessions/{office.tour.sessions['N1']}/release")
    assert answer.status_code == 409
    assert "まだ出荷を始められません" in answer.text


def test_a_row_is_the_members(office: Office, run_jobs: RunJobs) -> None:
    address = ask_who(office, run_jobs)
    page = office.show("/questions")
    assert "名前が違います" in page
    assert page.count('class="differs"') == 1
    member = page.partition("same_person:")[2].partition('"')[0]
    assert office.organiser.post(address, data={"answer": f"same_person:{member}"}).status_code == 303
    assert [row.state for row in list_rows(office.tour)] == [RowState.MATCHED]
    assert "確認を待つ行はありません" in office.show("/questions")
    # A colleague had the same page open.
    late = office.organiser.post(address, data={"answer": "another_person"})
    assert late.status_code == 409
    assert "ほかの人が先に答えました" in late.text


def test_a_row_is_left_out_with_a_reason_and_keeps_nothing_waiting(office: Office, run_jobs: RunJobs) -> None:
    address = ask_who(office, run_jobs)
    refused = office.organiser.post(address, data={"answer": "leave_out", "reason": ""})
    assert refused.status_code == 422
    assert "送らない理由を入力してください" in refused.text
    assert office.organiser.post(address, data={"answer": "leave_out", "reason": "関係者席"}).status_code == 303
    assert [(row.state, row.answer_reason) for row in list_rows(office.tour)] == [(RowState.REJECTED, "関係者席")]
    page = office.show()
    assert "「送らない」と答えたもの" in page
    assert 'data-open="false"' in page


def test_an_answer_that_cannot_be_makes_nobody(office: Office, run_jobs: RunJobs) -> None:
    homeless = {**NAMESAKE, "郵便番号": "", "住所1": ""}
    address = ask_who(office, run_jobs, homeless)
    before = count_customers(office.tour)
    answer = office.organiser.post(address, data={"answer": "another_person"})
    assert answer.status_code == 422
    assert "住所が" in answer.text
    assert office.organiser.post(address, data={"answer": "perhaps"}).status_code == 422
    assert count_customers(office.tour) == before
    assert list_people(office.tour) == []


def test_a_question_may_wait_while_the_next_is_answered(office: Office, run_jobs: RunJobs) -> None:
    make_member(office.tour)
    second = {**NAMESAKE, "氏名": "架空 三郎"}
    upload_id = hand_in(office.tour, run_jobs, NAMESAKE, second)
    page = office.show("/questions")
    assert "架空 次郎" in page
    later = f"?after={upload_id}~2"
    page = office.show(f"/questions{later}")
    assert "架空 三郎" in page
    # Behind the last one those that were passed over come again.
    assert office.organiser.get(f"/events/tour/questions?after={upload_id}~3").status_code == 303


def test_a_cancelled_parcel_of_somebody_entitled_is_the_next_step(office: Office, run_jobs: RunJobs) -> None:
    hand_in(office.tour, run_jobs, make_attendee())
    office.organiser.post("/events/tour/release")
    run_jobs()
    with session_scope([office.tour.shop_id]) as session:
        shipment_id = session.scalars(select(Shipment.id)).one()
    operator = office.place.sit(Role.OPERATOR)
    assert operator.post(f"/shipments/{shipment_id}/cancel", data={"reason": "まちがえた"}).status_code == 303
    assert office.find_step() == "cancelled"
    assert 'data-stage="cancelled"' in office.show()
    assert "全員に引き渡し済み" not in office.show()


def test_all_handed_over_is_said_once_it_is_so(office: Office, run_jobs: RunJobs) -> None:
    hand_in(office.tour, run_jobs, make_attendee())
    office.organiser.post("/events/tour/release")
    run_jobs()
    print_all(office.tour.shop, run_jobs)
    with session_scope([office.tour.shop_id]) as session:
        [parcel_id] = session.scalars(select(Parcel.id))
    pack(office.tour.shop, parcel_id)
    assert office.find_step() == "floor"
    assert "全員に引き渡し済み" not in office.show()
    with session_scope([office.tour.shop_id]) as session:
        hand_over(session, office.tour.shop_id, [parcel_id])
    assert office.find_step() == "done"
    assert "全員に引き渡し済み" in office.show()
    night = office.show(f"/sessions/{office.tour.sessions['N1']}?stage=open")
    assert "未出荷の人はいません" in night


def test_before_its_day_nothing_is_gathered(office: Office, run_jobs: RunJobs) -> None:
    with session_scope([office.tour.shop_id]) as session:
        session.execute(update(BulkEvent).values(ship_not_before=date(2036, 1, 1)))
    hand_in(office.tour, run_jobs, make_attendee())
    office.organiser.post("/events/tour/release")
    run_jobs()
    assert office.find_step() == "not_yet"
    assert "2036/1/1" in office.show()
    assert office.organiser.post(f"/events/tour/sessions/{office.tour.sessions['N1']}/gather").status_code == 409


def test_the_people_of_a_session_by_stage_and_one_taken_out(office: Office, run_jobs: RunJobs) -> None:
    hand_in(office.tour, run_jobs, make_attendee(チケット番号="A-1"))
    path = f"/sessions/{office.tour.sessions['N1']}"
    office.organiser.post(f"/events/tour{path}/release")
    run_jobs()
    page = office.show(path)
    assert "見本 太郎" in page
    assert 'data-stage="planned"' in page
    assert 'data-stage="planned"' in office.show(f"{path}?stage=open")
    assert "ここに当てはまる人はいません" in office.show(f"{path}?stage=handed_over")
    [person] = list_people(office.tour)
    out = f"/events/tour{path}/attendees/{person.id}/withdraw"
    assert office.organiser.post(out, data={"reason": ""}).status_code == 422
    assert office.organiser.post(out, data={"reason": "本人の希望"}).status_code == 303
    run_jobs()
    assert [each.state for each in list_people(office.tour)] == [AttendeeState.WITHDRAWN]
    assert 'data-stage="withdrawn"' in office.show(path)


def test_the_proof_names_everybody_and_runs_no_formula(office: Office, run_jobs: RunJobs) -> None:
    hand_in(office.tour, run_jobs, make_attendee(氏名="=1+1", チケット番号="@A-1"), kind=ListKind.NEW)
    path = f"/events/tour/sessions/{office.tour.sessions['N1']}/proof"
    answer = office.organiser.get(path)
    header, row = answer.content.decode("utf-8-sig").splitlines()
    assert header == "番号,チケット番号,氏名,リスト,注文番号,出荷番号,状態,引き渡し日時,追跡番号"
    assert row.split(",")[1:] == ["'@A-1", "'=1+1", "新規購入", "", "", "開始前", "", ""]
    assert "tour-N1" in answer.headers["content-disposition"]
    trail = office.place.sit(Role.ADMINISTRATOR).get("/audit").text
    assert "出荷の証明をダウンロード" in trail


def test_nobody_unknown_and_no_wrong_role_gets_in(office: Office) -> None:
    assert visit(office.place.app).get("/events/tour", headers=HTML).headers["location"].startswith("/sign-in")
    for role in (Role.PACKER, Role.CUSTOMER_SUCCESS, Role.ADMINISTRATOR):
        assert office.place.sit(role).get("/events/tour").status_code == 403
    assert 'href="/events"' in office.show()
    assert 'href="/shipments' not in office.show(f"/sessions/{office.tour.sessions['N1']}")


def test_nobody_sees_the_event_of_another_shop(office: Office, run_jobs: RunJobs) -> None:
    upload_id = hand_in(office.tour, run_jobs, HOMELESS)
    stranger = Place(office.place.app, make_shipping_shop()).sit(Role.ORGANISER)
    own = {"key": "tour", "name": "別の店", "member_source": "file"}
    night = office.tour.sessions["N1"]
    assert stranger.get("/events/tour").status_code == 404
    assert stranger.post("/events", data=own).status_code == 303
    for path in (f"sessions/{night}", f"sessions/{night}/proof"):
        assert stranger.get(f"/events/tour/{path}").status_code == 404
    for path in (f"lists/{upload_id}/settle", f"sessions/{night}/release", f"sessions/{night}/gather"):
        assert stranger.post(f"/events/tour/{path}", data={"reason": "x"}).status_code == 404
    assert stranger.post(f"/events/tour/questions/{upload_id}/2", data={"answer": "another_person"}).status_code == 409


def test_a_session_is_found_under_its_own_event_alone(office: Office) -> None:
    office.organiser.post("/events", data={"key": "other", "name": "別の公演", "member_source": "file"})
    night = office.tour.sessions["N1"]
    assert office.organiser.get(f"/events/other/sessions/{night}").status_code == 404
    assert office.organiser.post(f"/events/other/sessions/{night}/release").status_code == 404


def test_the_english_pages_have_no_japanese_words_of_ours(office: Office, run_jobs: RunJobs) -> None:
    ask_who(office, run_jobs)
    english = office.place.sit(Role.ORGANISER, language="en")
    page = english.get("/events/tour").text
    assert "Rows that wait for you to say who it is: 1." in page
    assert "Invented Hall" in page
    assert "a new surname, perhaps" in english.get("/events/tour/questions").text


def test_where_the_files_are_read_htmx_gets_only_what_moves(office: Office) -> None:
    answer = office.organiser.get("/events/tour", headers={"hx-request": "true"})
    assert answer.text.lstrip().startswith("<div")
    assert "hand-in" not in answer.text.replace('href="#hand-in"', "")


def test_a_waiting_row_of_no_event_is_no_question(office: Office) -> None:
    missing = UUID(int=1)
    assert (
        office.organiser.post(f"/events/tour/questions/{missing}/1", data={"answer": "another_person"}).status_code
        == 409
    )
