"""An erased customer is gone from everything that can be read."""

import threading
import time
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import session_scope
from core.errors import ErasedError
from core.events import subscribe
from core.sealing import seal, unseal
from crm_link.errors import CustomerErasedError
from crm_link.events import CustomerErased
from crm_link.keys import get_customer_key
from crm_link.kinds import CareKind, ConsentState, Purpose, TouchpointKind
from crm_link.models import Touchpoint
from crm_link.records import AttributeIn, ConsentIn, RankIn, TagIn, TouchpointCounts
from crm_link.service import (
    erase_customer,
    join_customers,
    record_consents,
    record_touchpoints,
    resolve_customers,
    set_attributes,
    set_care_flag,
    set_ranks,
    set_tags,
)
from tests.factories.core import make_shop
from tests.factories.crm_link import SPRING, make_customer, make_person, make_touchpoint
from tests.personal_data import find_columns, list_personal_columns

pytestmark = pytest.mark.usefixtures("database")
MARK = "zzmarkzz"
# Values that hold no text a marker fits in; the rows they stand in are gone with the others.
UNMARKABLE = {
    "contacts.phone_e164",
    "contacts.postal_norm",
    "attributes.number_value",
    "attributes.boolean_value",
    "attributes.date_value",
    "care_flags.note_sealed",
    "touchpoints.digest",
}


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


def make_marked_customer(shop_id: UUID) -> UUID:
    """Make a customer whose every personal column bears the marker."""
    person = make_person(
        external_id=f"id-{MARK}",
        name=f"名 {MARK}",
        kana=f"カナ{MARK}",
        company=f"会社{MARK}",
        email=f"{MARK}@example.jp",
        phone=f"03-1234-5678 {MARK}",
        postal_code=f"〒100-0001 {MARK}",
        region=MARK,
        address1=MARK,
        address2=MARK,
    )
    with session_scope([shop_id]) as session:
        customer_id = resolve_customers(session, shop_id, [person])[0]
        twin = make_customer(shop_id)
        join_customers(session, shop_id, twin, customer_id, made_by="user:1", reason=MARK)
        mark_customer(session, shop_id, customer_id)
    return customer_id


def mark_customer(session: Session, shop_id: UUID, customer_id: UUID) -> None:
    values: dict[str, str | int | date] = {"a": MARK, "b": 7, "c": True, "d": date(2000, 1, 1)}
    set_attributes(
        session,
        shop_id,
        [AttributeIn(customer_id=customer_id, name=name, value=value, source="t") for name, value in values.items()],
    )
    set_tags(session, shop_id, [TagIn(customer_id=customer_id, tag=MARK, source="t")])
    set_ranks(session, shop_id, [RankIn(customer_id=customer_id, rank=MARK, source="t")])
    set_care_flag(session, shop_id, customer_id, CareKind.ALLERGY, subject=MARK, note=MARK)
    consent = ConsentIn(
        customer_id=customer_id,
        purpose=Purpose.LETTER,
        state=ConsentState.GRANTED,
        source="t",
        occurred_at=SPRING,
        evidence=MARK,
    )
    record_consents(session, shop_id, [consent])
    record_touchpoints(
        session,
        shop_id,
        [
            make_touchpoint(customer_id, title=MARK, attributes={"note": MARK}),
            make_touchpoint(customer_id, kind=TouchpointKind.SUPPORT_TICKET, title=MARK, attributes={MARK: 1}),
        ],
    )


def test_every_personal_column_is_emptied(shop_id: UUID) -> None:
    customer_id = make_marked_customer(shop_id)
    assert find_columns(MARK) == list_personal_columns("crm_link") - UNMARKABLE

    with session_scope([shop_id]) as session:
        erase_customer(session, shop_id, customer_id)

    assert find_columns(MARK) == set()


def test_purchases_stay_as_figures_and_other_history_goes(shop_id: UUID) -> None:
    customer_id = make_marked_customer(shop_id)
    with session_scope([shop_id]) as session:
        erase_customer(session, shop_id, customer_id)
    with session_scope([shop_id]) as session:
        rows = session.execute(select(Touchpoint.kind, Touchpoint.amount, Touchpoint.digest)).all()

    assert rows == [(TouchpointKind.PURCHASE, 3000, None)]


def test_what_was_sealed_can_never_be_read_again_even_under_a_joined_customers_key(shop_id: UUID) -> None:
    one, two = make_customer(shop_id), make_customer(shop_id)
    with session_scope([shop_id]) as session:
        key_id = get_customer_key(session, shop_id, one)
        assert get_customer_key(session, shop_id, one) == key_id
        sealed = seal(session, key_id, b"secret")
        join_customers(session, shop_id, one, two, made_by="user:1", reason="")
        erase_customer(session, shop_id, two)
    with session_scope([shop_id]) as session:
        with pytest.raises(ErasedError):
            unseal(session, key_id, sealed)
        with pytest.raises(CustomerErasedError):
            get_customer_key(session, shop_id, two)


def test_upper_packages_hear_of_every_record_of_the_person_once(shop_id: UUID) -> None:
    one, two = make_customer(shop_id), make_customer(shop_id)
    heard: list[UUID] = []
    subscribe(CustomerErased, lambda _session, event: heard.append(event.customer_id))
    with session_scope([shop_id]) as session:
        join_customers(session, shop_id, one, two, made_by="user:1", reason="")
        erase_customer(session, shop_id, one)
        erase_customer(session, shop_id, two)

    assert sorted(heard) == sorted([one, two])


def test_nothing_is_recorded_for_an_erased_customer(shop_id: UUID) -> None:
    customer_id = make_customer(shop_id)
    purchase = make_touchpoint(customer_id, external_id="1")
    with session_scope([shop_id]) as session:
        record_touchpoints(session, shop_id, [purchase])
        erase_customer(session, shop_id, customer_id)
    returned = make_customer(shop_id)
    with session_scope([shop_id]) as session:
        late = record_touchpoints(session, shop_id, [make_touchpoint(customer_id)])
        # The order is delivered again and finds a new customer: the erased one's purchase stays nobody's.
        again = record_touchpoints(session, shop_id, [make_touchpoint(returned, external_id="1")])
        assert set_tags(session, shop_id, [TagIn(customer_id=customer_id, tag="x", source="t")]) == []

    assert late == again == TouchpointCounts(erased=1)


def test_a_person_who_comes_back_is_a_new_customer(shop_id: UUID) -> None:
    person = make_person()
    with session_scope([shop_id]) as session:
        before = resolve_customers(session, shop_id, [person])[0]
        erase_customer(session, shop_id, before)
    with session_scope([shop_id]) as session:
        assert resolve_customers(session, shop_id, [person])[0] != before


def test_erasing_waits_for_a_writer_and_takes_what_it_wrote(shop_id: UUID) -> None:
    customer_id = make_customer(shop_id)
    written, erased = threading.Event(), threading.Event()

    def write() -> None:
        with session_scope([shop_id]) as session:
            touchpoint = make_touchpoint(customer_id, kind=TouchpointKind.WEB, title=MARK)
            record_touchpoints(session, shop_id, [touchpoint])
            written.set()
            time.sleep(0.3)
            assert not erased.is_set()

    writer = threading.Thread(target=write)
    writer.start()
    written.wait()
    with session_scope([shop_id]) as session:
        erase_customer(session, shop_id, customer_id)
        erased.set()
    writer.join()

    assert find_columns(MARK) == set()
