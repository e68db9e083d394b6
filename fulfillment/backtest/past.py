"""Past shipments as they would be asked about at the moment of their acceptance. Set by set."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.memory import without_collecting
from core.tenancy import get_shop
from fulfillment.paper_places import name_papers
from fulfillment.parts import Place, find_places
from fulfillment.spaces import ANY_SPACE, PARTS, measure_space, read_size
from fulfillment.states import ShipmentState
from orders.catalogue.terms import ServiceOnDays, load_services
from personalization.requests import BoxSpace, DecisionRequest, Papers

# What never went out by itself: it took nothing, or another shipment's box holds it.
LEFT_OUT: Final = (ShipmentState.CANCELLED, ShipmentState.MERGED)


class PastShipment(NamedTuple):
    """One row of STATEMENT; sizes in grams, mm and mm³ as in `GoodsSize`."""

    id: UUID
    customer_id: UUID | None
    recipient_customer_id: UUID | None
    is_gift: bool
    accepted_at: datetime
    warehouse_id: UUID
    delivery_service: str | None
    language: str
    country: str | None
    region: str | None
    resend_of_id: UUID | None
    resend_choice: dict[str, Any] | None
    order_ids: list[UUID] | None
    is_parted: bool
    grams: float | None
    tallest: float | None
    stacked: float | None
    volume: float | None


# A customer is drawn or not, the same in every backtest: limits per customer stay whole.
DRAWN: Final = """
       AND (hashtextextended(CAST(coalesce(s.customer_id, s.id) AS text), 0) & 1048575) < :sample * 1048576
"""
PERIOD: Final = "s.accepted_at >= :since AND s.accepted_at < :until AND s.state <> ALL(:left_out)"
NAMED: Final = "s.id = ANY(:shipments)"
SELECTED: Final = """
    SELECT s.id, s.customer_id, s.recipient_customer_id, s.is_gift, s.accepted_at, s.warehouse_id, s.delivery_service,
           s.language, s.recipient ->> 'country' AS country, s.recipient ->> 'region' AS region,
           s.resend_of_id, s.resend_choice
      FROM shipments s WHERE s.shop_id = :shop_id AND {where}
"""
STATEMENT: Final = f"""
    WITH RECURSIVE chosen AS MATERIALIZED ({{selected}}),
         lines AS MATERIALIZED (
            SELECT l.shipment_id, l.order_id
              FROM shipment_lines l JOIN chosen ON chosen.id = l.shipment_id WHERE l.shop_id = :shop_id),
         orders_of AS (
            SELECT shipment_id, array_agg(DISTINCT order_id ORDER BY order_id) AS order_ids
              FROM lines GROUP BY shipment_id),
         parted AS (
            SELECT DISTINCT lines.shipment_id
              FROM lines JOIN shipment_lines o ON o.shop_id = :shop_id AND o.order_id = lines.order_id
               AND o.shipment_id <> lines.shipment_id),
         {PARTS}
    SELECT chosen.id, chosen.customer_id, chosen.recipient_customer_id, chosen.is_gift, chosen.accepted_at,
           chosen.warehouse_id, chosen.delivery_service, chosen.language, chosen.country, chosen.region,
           chosen.resend_of_id, chosen.resend_choice, orders_of.order_ids, parted.shipment_id IS NOT NULL AS is_parted,
           CAST(sizes.grams AS double precision) AS grams, CAST(sizes.tallest AS double precision) AS tallest,
           CAST(sizes.stacked AS double precision) AS stacked, sizes.volume
      FROM chosen LEFT JOIN orders_of ON orders_of.shipment_id = chosen.id
      LEFT JOIN parted ON parted.shipment_id = chosen.id
      LEFT JOIN sizes ON sizes.shipment_id = chosen.id
     ORDER BY chosen.accepted_at, chosen.id
"""


def load_past_requests(
    session: Session,
    shop_id: UUID,
    since: datetime,
    until: datetime,
    *,
    limit: int | None = None,
    sample: float | None = None,
) -> list[DecisionRequest]:
    """Return the shipments accepted in [since, until), the oldest first, each at the moment of its acceptance.

    `limit`: the latest so many; `sample`: this share of the customers with all their shipments, always the same ones.
    """
    where = PERIOD + (DRAWN if sample is not None else "")
    if limit is not None:
        where += " ORDER BY s.accepted_at DESC, s.id DESC LIMIT :limit"
    bound = {"since": since, "until": until, "left_out": list(LEFT_OUT), "limit": limit, "sample": sample}
    with without_collecting():
        return _load(session, shop_id, where, bound)


def load_named_requests(session: Session, shop_id: UUID, shipment_ids: Sequence[UUID]) -> list[DecisionRequest]:
    """Return these shipments as `load_past_requests` does."""
    return _load(session, shop_id, NAMED, {"shipments": list(shipment_ids)})


def _load(session: Session, shop_id: UUID, where: str, bound: Mapping[str, Any]) -> list[DecisionRequest]:
    statement = STATEMENT.format(selected=SELECTED.format(where=where))
    # Much quicker to look into than the rows of a result.
    rows = list(map(PastShipment._make, session.execute(text(statement), {"shop_id": shop_id, **bound})))
    services, shop = load_services(session, shop_id), get_shop(session, shop_id)
    # Most shipments are the only box of their orders.
    parted: list[Any] = [row for row in rows if row.is_parted or row.resend_of_id is not None]
    places = find_places(session, shop_id, parted) if parted else {}
    zone = shop.zone
    papers = {
        kind: name_papers(shop, is_gift=kind[0], language=kind[1])
        for kind in {(row.is_gift, row.language) for row in rows}
    }
    return [
        make_request(
            row,
            places.get(row.id, ALONE),
            _make_space(row, services.get(row.delivery_service or ""), zone),
            papers[row.is_gift, row.language],
        )
        for row in rows
    ]


ALONE: Final = Place()


def make_request(
    row: Any, place: Place = ALONE, space: BoxSpace = ANY_SPACE, papers: Papers | None = None
) -> DecisionRequest:
    """Return what would have been asked about a shipment's row when it was accepted."""
    return DecisionRequest(
        shipment_id=row.id,
        order_ids=row.order_ids or (),
        customer_id=row.customer_id,
        recipient_customer_id=row.recipient_customer_id,
        is_gift=row.is_gift,
        moment=row.accepted_at,
        accepted_at=row.accepted_at,
        warehouse_id=row.warehouse_id,
        delivery_service=row.delivery_service,
        country=row.country or "JP",
        prefecture=row.region,
        space=space,
        part=place.part,
        with_letter=place.with_letter,
        again=place.again,
        root_id=place.root_id,
        papers=papers,
    )


def _make_space(row: PastShipment, service: ServiceOnDays | None, zone: ZoneInfo) -> BoxSpace:
    """Return what was free by the terms of the day of acceptance."""
    if service is None or row.tallest is None:
        return ANY_SPACE
    [terms, *others] = service.terms
    if others:
        terms = service.on(row.accepted_at.astimezone(zone).date())
    if terms.max_weight_g is None and terms.max_thickness_mm is None:
        return ANY_SPACE
    return measure_space(read_size(row), terms)
