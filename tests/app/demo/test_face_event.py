"""The sample tour: files as an organiser has them, with everything in them that needs a person."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from app.demo.face_event import EVENT_KEY, NIGHTS, make_tour_files
from app.demo.face_people import SOURCE, make_customers
from app.demo.face_seeding import SEED, seed_face
from app.demo.shop_setup import FACE, DemoShop, make_shop
from core.db import session_scope
from core.tabular.service import ReceivedFile, receive_upload, start_upload
from fulfillment.bulk_events.kinds import Doubt, RowState
from fulfillment.bulk_events.ledger import list_lists, list_sessions
from fulfillment.bulk_events.models import AttendeeRow
from fulfillment.bulk_events.service import EventIn, create_event, get_event

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop(database: str) -> DemoShop:
    made = make_shop(FACE, secret="a secret of the web shop, long enough")
    seed_face(made, TODAY)
    return made


def hand_in(
    shop: DemoShop, run_jobs: Callable[..., int], importer: str, name: str, data: bytes, **options: str
) -> None:
    with session_scope([shop.shop_id]) as session:
        upload, proposal = receive_upload(session, shop.shop_id, ReceivedFile(importer, name, data))
        assert proposal.missing == ()
        start_upload(session, shop.shop_id, upload.id, options=options)
    run_jobs()


def test_the_same_seed_gives_the_same_files() -> None:
    customers = make_customers(seed=SEED, today=TODAY)
    assert make_tour_files(customers, today=TODAY, seed=SEED) == make_tour_files(customers, today=TODAY, seed=SEED)


def test_forty_nights_are_ready_but_for_what_only_a_person_can_say(
    shop: DemoShop, run_jobs: Callable[..., int]
) -> None:
    files = make_tour_files(make_customers(seed=SEED, today=TODAY), today=TODAY, seed=SEED)
    with session_scope([shop.shop_id]) as session:
        create_event(session, shop.shop_id, EventIn(key=EVENT_KEY, name="朝霧ツアー", member_source=SOURCE))
    hand_in(shop, run_jobs, "products", *files.products)
    hand_in(shop, run_jobs, "fulfillment.sessions", *files.sessions, event=EVENT_KEY)
    for kind, name, data in files.lists:
        hand_in(shop, run_jobs, "fulfillment.attendees", name, data, event=EVENT_KEY, list=kind)

    with session_scope([shop.shop_id]) as session:
        event = get_event(session, shop.shop_id, EVENT_KEY)
        lists = list_lists(session, shop.shop_id, event)
        sessions = list_sessions(session, shop.shop_id, event.id)
        doubts = Counter(session.scalars(select(AttendeeRow.doubt).where(AttendeeRow.state == RowState.WAITING)))
    assert len(sessions) == NIGHTS
    assert all(entry.attendees for entry in sessions)
    assert all(sum(entry.counts.values()) == entry.rows for entry in lists)
    told = Counter({state: sum(entry.counts[state] for entry in lists) for state in RowState})
    assert told[RowState.DUPLICATE] >= 55
    assert told[RowState.NEW] >= 85
    assert told[RowState.REJECTED] == 3
    assert doubts == {Doubt.SEVERAL_MEMBERS: 1, Doubt.OTHER_NAME: 1, Doubt.LOOKS_LIKE_MEMBER: 1}
