"""A year of the face shop."""

from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID

from app.demo.face_history import make_history
from app.demo.face_people import make_customers
from crm_link.kinds import ConsentState, Purpose, TouchpointKind

TODAY = date(2026, 11, 21)
CUSTOMERS = make_customers(seed=3, today=TODAY)
IDS = [UUID(int=number) for number in range(len(CUSTOMERS))]
HISTORY = list(make_history(CUSTOMERS, IDS, today=TODAY, seed=3))


def test_the_same_seed_tells_the_same_story() -> None:
    assert list(make_history(CUSTOMERS, IDS, today=TODAY, seed=3)) == HISTORY


def test_every_kind_of_contact_is_there_but_attendance_and_parcels() -> None:
    assert {t.kind for t in HISTORY} == set(TouchpointKind) - {TouchpointKind.ATTENDANCE, TouchpointKind.PARCEL}


def test_nothing_happened_after_today_nor_was_known_before_it_happened() -> None:
    opening = datetime.combine(TODAY, datetime.min.time(), UTC)
    assert all(touchpoint.occurred_at < opening for touchpoint in HISTORY)
    assert all(touchpoint.known_at >= touchpoint.occurred_at for touchpoint in HISTORY)


def test_each_touchpoint_has_a_name_of_its_own() -> None:
    assert Counter((t.kind, t.external_id) for t in HISTORY).most_common(1)[0][1] == 1


def test_only_who_allows_marketing_got_campaigns() -> None:
    allowing = {
        customer_id
        for customer, customer_id in zip(CUSTOMERS, IDS, strict=True)
        if customer.consents.get(Purpose.MARKETING) is ConsentState.GRANTED
    }
    assert {t.customer_id for t in HISTORY if t.kind is TouchpointKind.CAMPAIGN} <= allowing


def test_new_customers_have_bought_nothing() -> None:
    new = {customer_id for customer, customer_id in zip(CUSTOMERS, IDS, strict=True) if customer.habit == "new"}
    assert new
    assert not any(t.customer_id in new for t in HISTORY if t.kind is TouchpointKind.PURCHASE)
