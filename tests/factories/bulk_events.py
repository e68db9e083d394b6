"""Builders of events and their sessions."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfillment.bulk_events.models import BulkEvent, BulkSession
from orders.catalogue.models import Product


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
