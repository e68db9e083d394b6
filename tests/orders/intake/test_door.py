"""The webhook door: what is kept, what is refused, and that nothing is lost or doubled."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core import clock as core_clock
from core.audit.models import AuditEntry
from core.db import session_scope, system_scope
from core.jobs.models import Job
from orders.channels.registry import CHANNELS
from orders.intake.channels import list_channels, rotate_secret, set_enabled
from orders.intake.door import LARGEST_BODY
from orders.intake.models import RawEvent
from tests.factories.orders import make_plain_order
from tests.orders.intake.conftest import Doors, Knock


def count_rows(doors: Doors) -> tuple[int, int, int]:
    """Return how many events, jobs and audit entries of the intake there are."""
    with session_scope([doors.shop_id]) as session:
        events = session.scalar(select(func.count()).select_from(RawEvent))
        jobs = session.scalar(select(func.count()).select_from(Job).where(Job.name == "orders.work_events"))
        entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.tag == "orders:event:accepted")
        return events or 0, jobs or 0, session.scalar(entries) or 0


def test_a_signed_delivery_is_stored_with_its_job_and_answered(doors: Doors, message: Callable[..., bytes]) -> None:
    (answer,) = doors.knock("standard", Knock(message(make_plain_order())))

    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert count_rows(doors) == (1, 1, 1)


def test_the_body_is_sealed(doors: Doors, message: Callable[..., bytes]) -> None:
    doors.knock("standard", Knock(message(make_plain_order())))

    with session_scope([doors.shop_id]) as session:
        event = session.scalars(select(RawEvent)).one()
    assert event.body is not None
    assert b"hanako" not in event.body
    assert event.triggered_at is not None


def test_many_deliveries_at_once_are_each_stored_once(doors: Doors, message: Callable[..., bytes]) -> None:
    knocks = [Knock(message(make_plain_order(id=f"A-{number}")), f"msg_{number}") for number in range(60)]

    answers = doors.knock("standard", *knocks, *knocks)

    told = [answer.json()["status"] for answer in answers]
    assert (told.count("accepted"), told.count("repeated")) == (60, 60)
    assert count_rows(doors) == (60, 60, 60)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"webhook-signature": "v1," + "A" * 43 + "="}, 401, "wrong_signature"),
        ({"webhook-signature": "v1"}, 401, "wrong_signature"),
        ({"webhook-signature": "nonsense v1,??? v2,AAAA"}, 401, "wrong_signature"),
        ({"webhook-signature": ""}, 400, "missing_headers"),
        ({"webhook-timestamp": "yesterday"}, 400, "malformed_headers"),
        ({"webhook-timestamp": "-1"}, 400, "malformed_headers"),
        ({"webhook-id": "other"}, 401, "wrong_signature"),
    ],
)
def test_a_delivery_that_is_not_signed_right_is_refused_and_not_kept(
    doors: Doors, message: Callable[..., bytes], headers: dict[str, str], status: int, code: str
) -> None:
    (answer,) = doors.knock("standard", Knock(message(make_plain_order()), headers=headers))

    assert (answer.status_code, answer.json()) == (status, {"code": code})
    assert count_rows(doors) == (0, 0, 0)


def test_refusals_are_counted_where_a_person_sees_them(doors: Doors, message: Callable[..., bytes]) -> None:
    wrong = Knock(message(make_plain_order()), headers={"webhook-id": "other"})

    doors.knock("standard", wrong, wrong, wrong)

    with session_scope([doors.shop_id]) as session:
        channel = next(found for found in list_channels(session, doors.shop_id) if found.name == "standard")
    assert (channel.refusals, channel.last_refusal_code) == (3, "wrong_signature")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_delivery_is_refused(doors: Doors, message: Callable[..., bytes], minutes: int) -> None:
    body = message(make_plain_order())
    then = core_clock.now() + timedelta(minutes=minutes)
    signed = CHANNELS["standard"].sign(body, doors.standard.secret.encode(), "msg_1", "", then)

    (answer,) = doors.knock("standard", Knock(body, headers=signed))

    assert (answer.status_code, answer.json()) == (401, {"code": "stale"})


def test_a_replay_is_absorbed(doors: Doors, message: Callable[..., bytes]) -> None:
    knock = Knock(message(make_plain_order()))

    doors.knock("standard", knock)
    (answer,) = doors.knock("standard", knock)

    assert (answer.status_code, answer.json()) == (200, {"status": "repeated"})
    assert count_rows(doors) == (1, 1, 1)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(doors: Doors) -> None:
    announced = Knock(b"x", headers={"content-length": str(LARGEST_BODY + 1)})

    (answer,) = doors.knock("standard", announced)

    assert (answer.status_code, answer.json()) == (413, {"code": "body_too_large"})


def test_a_body_of_ten_megabytes_is_taken(doors: Doors) -> None:
    body = json.dumps({"type": "order.created", "pad": "あ" * 100}).encode().ljust(LARGEST_BODY)

    (answer,) = doors.knock("standard", Knock(body))

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/hooks/standard/unknown", "/hooks/nothing/x", "/hooks/standard/", "/hooks/"])
def test_an_unknown_address_is_not_found(doors: Doors, path: str) -> None:
    (answer,) = doors.knock("standard", Knock(b"{}", path=path))

    assert (answer.status_code, answer.json()) == (404, {"code": "unknown_address"})


def test_the_address_of_one_kind_does_not_open_another(doors: Doors) -> None:
    path = doors.standard.path.replace("/standard/", "/shopify/")

    (answer,) = doors.knock("shopify", Knock(b"{}", path=path))

    assert answer.status_code == 404


def test_only_posts_are_taken(doors: Doors) -> None:
    (answer,) = doors.knock("standard", Knock(b"", method="GET"))

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_the_former_secret_stays_valid_while_the_sender_changes_over(
    doors: Doors, message: Callable[..., bytes]
) -> None:
    with session_scope([doors.shop_id]) as session:
        rotate_secret(session, doors.shop_id, doors.standard.channel_id)

    (answer,) = doors.knock("standard", Knock(message(make_plain_order())))

    assert answer.status_code == 200


def test_a_closed_door_takes_nothing(doors: Doors, message: Callable[..., bytes]) -> None:
    with session_scope([doors.shop_id]) as session:
        set_enabled(session, doors.shop_id, doors.standard.channel_id, False)

    (answer,) = doors.knock("standard", Knock(message(make_plain_order())))

    assert answer.status_code == 404


def test_a_delivery_that_cannot_be_stored_does_not_hinder_the_others(
    doors: Doors, message: Callable[..., bytes]
) -> None:
    spoiled = b"bad\x00id"
    good = [Knock(message(make_plain_order()), f"msg_{number}") for number in range(3)]

    answers = doors.knock("standard", *good, Knock(spoiled, "msg_x"))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200]


def test_shopify_deliveries_keep_their_topic_and_headers(doors: Doors) -> None:
    (answer,) = doors.knock("shopify", Knock(b'{"id": 1}', "b54557e4", topic="orders/updated"))

    assert answer.status_code == 200
    with system_scope() as session:
        event = session.scalars(select(RawEvent)).one()
    assert (event.delivery_id, event.topic) == ("b54557e4", "orders/updated")
    assert event.headers["x-shopify-api-version"] == "2026-04"
