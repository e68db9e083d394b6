"""Builders of events, their sessions, and the lists of those who were there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import session_scope
from core.tabular.service import ReceivedFile, receive_upload, start_upload
from crm_link.records import PersonIn
from crm_link.service import resolve_customers
from fulfillment.bulk_events.importers import ATTENDEES
from fulfillment.bulk_events.kinds import ListKind
from fulfillment.bulk_events.models import BulkEvent, BulkSession
from fulfillment.bulk_events.service import EventIn, SessionIn, create_event, put_sessions
from orders.catalogue.models import Product
from tests.factories.fulfillment import RunJobs, ShippingShop, make_shipping_shop


def make_event(session: Session, shop_id: UUID, **changes: Any) -> BulkEvent:
    """Make a tour whose lists bear the member numbers of the fan club."""
    values: dict[str, Any] = {
        "key": "tour",
        "name": "架空ツアー",
        "name_en": "Invented tour",
        "member_source": "fan_club",
    }
    event = BulkEvent(shop_id=shop_id, **(values | changes))
    session.add(event)
    session.flush()
    return event


def make_session(session: Session, event: BulkEvent, sku: str, **changes: Any) -> BulkSession:
    """Make a session of an event whose attendees get the product with this SKU, which is its key as well."""
    product_id = session.scalars(select(Product.id).where(Product.shop_id == event.shop_id, Product.sku == sku)).one()
    values: dict[str, Any] = {
        "key": sku.lower(),
        "venue": "架空ホール",
        "venue_en": "Invented Hall",
        "held_on": date(2026, 10, 3),
        "product_id": product_id,
    }
    night = BulkSession(shop_id=event.shop_id, event_id=event.id, **(values | changes))
    session.add(night)
    # Its id is what the bench tells it by.
    session.flush()
    return night


HEADERS: Final = ("公演回", "チケット番号", "会員番号", "氏名", "メールアドレス", "電話番号", "郵便番号", "住所1")
HOME: Final = {"郵便番号": "150-0001", "住所1": "東京都渋谷区架空町1-2-3"}
MEMBER: Final = {
    "会員番号": "M-1",
    "氏名": "架空 花子",
    "メールアドレス": "hanako@example.jp",
    "電話番号": "03-1234-5678",
    **HOME,
}


@dataclass(frozen=True)
class Tour:
    """A shop with an event of two nights, N1 and N2, whose recordings are SKU-1 and SKU-2."""

    shop: ShippingShop
    event_id: UUID
    sessions: dict[str, UUID]

    @property
    def shop_id(self) -> UUID:
        return self.shop.shop_id


def make_tour(**changes: Any) -> Tour:
    """Make a shop that can ship, and an event of two nights."""
    shop = make_shipping_shop(**changes)
    with session_scope([shop.shop_id]) as session:
        event = create_event(session, shop.shop_id, EventIn(key="tour", name="架空ツアー", member_source="fan_club"))
        nights = [
            SessionIn(key="N1", venue="架空ホール", venue_en="Invented Hall", held_on=date(2026, 10, 3), sku="SKU-1"),
            SessionIn(key="N2", venue="海辺ホール", venue_en="Seaside Hall", held_on=date(2026, 10, 10), sku="SKU-2"),
        ]
        put_sessions(session, shop.shop_id, event.id, nights)
        session.flush()
        found = {each.key: each.id for each in session.scalars(select(BulkSession))}
        return Tour(shop, event.id, found)


def make_attendee(**changes: str) -> dict[str, str]:
    """Build a row of a list: somebody whom no member data knows."""
    values = {"公演回": "N1", "氏名": "見本 太郎", "メールアドレス": "taro@example.jp", **HOME}
    return values | changes


def write_list(*rows: Mapping[str, str]) -> bytes:
    """Write rows as a file; what one leaves out is empty."""
    names = list(dict.fromkeys((*HEADERS, *(name for row in rows for name in row))))
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    return "\n".join(lines).encode()


def hand_in(tour: Tour, run_jobs: RunJobs, *rows: Mapping[str, str], kind: ListKind = ListKind.ADVANCE) -> UUID:
    """Hand in a list and let it be read; return its upload."""
    with session_scope([tour.shop_id]) as session:
        options = {"event": "tour", "list": kind.value}
        received = ReceivedFile(ATTENDEES, f"{kind.value}.csv", write_list(*rows), options=options)
        upload, proposal = receive_upload(session, tour.shop_id, received)
        assert proposal.missing == ()
        start_upload(session, tour.shop_id, upload.id)
    run_jobs()
    return upload.id


def make_member(tour: Tour, **changes: str) -> UUID:
    """Make the fan club's member M-1, or another one."""
    told = MEMBER | changes
    person = PersonIn(
        source="fan_club",
        external_id=told["会員番号"],
        name=told["氏名"],
        email=told["メールアドレス"],
        phone=told["電話番号"],
        postal_code=told["郵便番号"],
        address1=told["住所1"],
    )
    with session_scope([tour.shop_id]) as session:
        [customer_id] = resolve_customers(session, tour.shop_id, [person])
        return customer_id
