"""A person withdraws a consent, or is erased, at any point of a parcel's way: from order to touchpoint, in every
package.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.db import session_scope
from core.errors import ErasedError
from core.storage.service import read_file
from crm_link.kinds import CareKind, ConsentState, Purpose
from crm_link.records import ConsentIn
from crm_link.service import erase_customer, record_consents, set_care_flag
from fulfillment.dispatch.hand_over import hand_over
from fulfillment.dispatch.returns import take_back
from fulfillment.models import ReturnKind, Shipment, ShipmentLine
from fulfillment.packing.models import Copy, CopyState, PrintFile
from fulfillment.rearranging.service import split_shipment
from fulfillment.resending import resend_shipment
from fulfillment.service import hold_shipment
from fulfillment.states import ShipmentState
from orders.normalised import Contact, GiftWishes, NormalisedOrder
from personalization.queries import get_decision, open_decision
from tests.factories.fulfillment import (
    ShippingShop,
    get_parcel,
    make_shipping_shop,
    pack,
    print_all,
    scan,
    take_order,
)
from tests.factories.orders import make_line, make_order
from tests.personal_data import find_columns, list_personal_columns

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")
MARK = "zzmarkzz"
# Digests and sealed values hold no text that can be searched; they are looked at by name below.
UNREADABLE = {"shipments.content_digest", "copies.spec", "decisions.sealed"}
# Keys of rules and inserts only; that they are emptied is tested in tests/fulfillment/backtest.
UNREADABLE |= {
    f"backtest_decisions.{name}"
    for name in ("gained", "lost", "segment", "live_plan", "draft_plan", "live_seen", "draft_seen")
}


def marked_contact() -> Contact:
    return Contact(
        external_id=f"id-{MARK}",
        name=f"名 {MARK}",
        name_kana=f"カナ{MARK}",
        company=f"会社{MARK}",
        postal_code="150-0001",
        country="JP",
        region=f"県{MARK}",
        city=f"市{MARK}",
        address1=f"町{MARK}",
        address2=f"棟{MARK}",
        phone="03-1234-5678",
        email=f"{MARK}@example.jp",
    )


def marked_order(**changes: object) -> NormalisedOrder:
    person = marked_contact()
    values: dict[str, object] = {
        "buyer": person,
        "recipient": person,
        "sender": person,
        "note": MARK,
        "gift": GiftWishes(message=MARK, noshi_name=MARK),
        "lines": (make_line(1, attributes={"engraving": MARK}),),
        "attributes": {"seat": MARK},
    }
    return make_order(**(values | changes))


def ship_marked(shop: ShippingShop, run_jobs: RunJobs) -> UUID:
    """Send a parcel of the marked person all the way and back, with a word of theirs in every note."""
    [shipment_id] = take_order(shop, run_jobs, marked_order())
    with session_scope([shop.shop_id]) as session:
        line_id = session.scalars(select(ShipmentLine.id).where(ShipmentLine.shipment_id == shipment_id)).one()
        split_shipment(session, shop.shop_id, shipment_id, {line_id: 1}, reason=MARK)
    print_all(shop, run_jobs)
    parcel_id = get_parcel(shop, shipment_id)
    with session_scope([shop.shop_id]) as session:
        hold_shipment(session, shop.shop_id, shipment_id, note=MARK)
        session.execute(text("UPDATE shipment_holds SET released_at = now()"))
        session.execute(text("UPDATE shipments SET state = 'printed', held_from = NULL"))
    scan(shop, parcel_id, "", set_aside=True, reason=MARK)
    pack(shop, parcel_id)
    with session_scope([shop.shop_id]) as session:
        assert hand_over(session, shop.shop_id, [parcel_id]).handed_over
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        resend_shipment(session, shop.shop_id, shipment_id, reason=MARK)
        take_back(session, shop.shop_id, shipment_id, ReturnKind.RETURNED, note=MARK)
    return shipment_id


def buyer_of(shop: ShippingShop, shipment_id: UUID) -> UUID:
    with session_scope([shop.shop_id]) as session:
        customer_id = session.execute(select(Shipment.customer_id).where(Shipment.id == shipment_id)).scalar_one()
    assert customer_id is not None
    return customer_id


def test_an_erased_customer_is_in_no_column_of_any_table(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    shipment_id = ship_marked(shop, run_jobs)
    found = find_columns(MARK)
    # The walk is worth something only if the marker was where personal columns of the flow are.
    wanted = list_personal_columns("fulfillment") - list_personal_columns("fulfillment.bulk_events") - UNREADABLE
    assert wanted <= found

    with session_scope([shop.shop_id]) as session:
        erase_customer(session, shop.shop_id, buyer_of(shop, shipment_id))
    assert find_columns(MARK) == set()


def test_papers_specs_and_decisions_of_an_erased_customer_cannot_be_read(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs, marked_order())
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        files = session.scalars(select(PrintFile.file_id)).all()
        assert files
        assert all(read_file(session, file_id) for file_id in files)
        erase_customer(session, shop.shop_id, buyer_of(shop, shipment_id))
    with session_scope([shop.shop_id]) as session:
        shipment = session.get_one(Shipment, shipment_id)
        assert shipment.state is ShipmentState.HELD
        assert shipment.content_digest is None
        assert {tuple(row) for row in session.execute(select(Copy.state, Copy.spec))} == {(CopyState.VOID, None)}
        for file_id in files:
            with pytest.raises(ErasedError):
                read_file(session, file_id)
        with pytest.raises(ErasedError):
            open_decision(session, get_decision(session, shop.shop_id, shipment_id))


def test_a_withdrawn_consent_takes_the_insert_out_of_what_is_not_printed(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    [shipment_id] = take_order(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        before = open_decision(session, get_decision(session, shop.shop_id, shipment_id)).dossier.plan
        assert [chosen.insert_key for chosen in before.enclosures] == ["leaflet"]
        shipment = session.get_one(Shipment, shipment_id)
        assert shipment.customer_id is not None
        denial = ConsentIn(
            customer_id=shipment.customer_id,
            purpose=Purpose.MARKETING,
            state=ConsentState.DENIED,
            source="call",
            occurred_at=shipment.created_at,
        )
        record_consents(session, shop.shop_id, [denial])
    run_jobs()
    with session_scope([shop.shop_id]) as session:
        after = open_decision(session, get_decision(session, shop.shop_id, shipment_id)).dossier.plan
        assert after.enclosures == ()
        assert {str(lost.reason) for lost in after.lost} == {"purpose_denied"}


def test_an_allergy_note_is_sealed_and_gone_with_its_person(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    buyer = replace(marked_contact())
    [shipment_id] = take_order(shop, run_jobs, marked_order(buyer=buyer))
    customer_id = buyer_of(shop, shipment_id)
    with session_scope([shop.shop_id]) as session:
        set_care_flag(session, shop.shop_id, customer_id, CareKind.ALLERGY, subject=MARK, note=MARK)
    with session_scope([shop.shop_id]) as session:
        erase_customer(session, shop.shop_id, customer_id)
    assert find_columns(MARK) == set()
