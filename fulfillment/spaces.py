"""What the goods leave free in the box for inserts: grams, and millimetres where the service limits the thickness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from orders.catalogue.terms import ServiceOnDays, Terms
from personalization.requests import BoxSpace

# A letterbox parcel of A4 size, where the service does not say how long and wide it may be.
LENGTH_MM, WIDTH_MM = 312, 228
# Things do not fill an area to the edge.
FILLED: Final = 0.9
# A set without measures of its own is as large as its parts. Needs `chosen` with the ids of shipments.
PARTS: Final = """
    parts AS (
        SELECT l.shipment_id, l.product_id, l.quantity
          FROM shipment_lines l JOIN chosen ON chosen.id = l.shipment_id WHERE l.shop_id = :shop_id
        UNION ALL
        SELECT parts.shipment_id, c.component_id, parts.quantity * c.quantity
          FROM parts JOIN products s ON s.shop_id = :shop_id AND s.id = parts.product_id
           AND s.is_set AND (s.thickness_mm IS NULL OR s.weight_g IS NULL)
          JOIN product_components c ON c.shop_id = :shop_id AND c.set_id = s.id),
    sizes AS (
        SELECT parts.shipment_id, sum(parts.quantity * coalesce(p.weight_g, 0)) AS grams,
               max(coalesce(p.thickness_mm, 0)) AS tallest,
               coalesce(sum(CAST(parts.quantity AS bigint) * p.thickness_mm)
                   FILTER (WHERE p.length_mm IS NULL OR p.width_mm IS NULL), 0) AS stacked,
               coalesce(sum(CAST(parts.quantity AS double precision) * p.thickness_mm * p.length_mm * p.width_mm),
                        0) AS volume
          FROM parts LEFT JOIN products p ON p.shop_id = :shop_id AND p.id = parts.product_id
         WHERE p.id IS NULL OR NOT (p.is_set AND (p.thickness_mm IS NULL OR p.weight_g IS NULL))
         GROUP BY parts.shipment_id)
"""
SPACES: Final = text(
    f"""
    WITH RECURSIVE chosen AS (SELECT s.id, s.delivery_service FROM shipments s
                               WHERE s.shop_id = :shop_id AND s.id = ANY(:shipments)), {PARTS}
    SELECT chosen.id, chosen.delivery_service, sizes.*
      FROM chosen JOIN sizes ON sizes.shipment_id = chosen.id WHERE chosen.delivery_service IS NOT NULL
    """
)
ANY_SPACE: Final = BoxSpace()


@dataclass(frozen=True, slots=True)
class GoodsSize:
    """`stacked`: thickness in mm of things whose length or width is unknown, one upon the other; `volume` of all
    others in mm³; `tallest` the thickest thing.
    """

    grams: float
    tallest: float
    stacked: float
    volume: float


def read_size(row: Any) -> GoodsSize:
    return GoodsSize(float(row.grams), float(row.tallest), float(row.stacked), float(row.volume))


def measure_space(goods: GoodsSize, terms: Terms) -> BoxSpace:
    """Return what is free, never less than nothing; None where the service has no limit."""
    grams = None if terms.max_weight_g is None else max(0.0, terms.max_weight_g - goods.grams)
    if terms.max_thickness_mm is None:
        return BoxSpace(grams=grams)
    return BoxSpace(grams=grams, millimetres=max(0.0, terms.max_thickness_mm - estimate_thickness(goods, terms)))


def estimate_thickness(goods: GoodsSize, terms: Terms) -> float:
    """Return how high the goods lie, in mm to a tenth: spread over the area of the parcel, at least the thickest thing.

    What has no known area is taken as lying upon the rest.
    """
    area = (terms.max_length_mm or LENGTH_MM) * (terms.max_width_mm or WIDTH_MM) * FILLED
    return round(max(goods.tallest, goods.stacked + goods.volume / area), 1)


def load_spaces(
    session: Session, shop_id: UUID, shipment_ids: Sequence[UUID], services: Mapping[str, ServiceOnDays], today: date
) -> dict[UUID, BoxSpace]:
    """Return the space of each shipment whose delivery service is known, by the terms of that day."""
    rows = session.execute(SPACES, {"shop_id": shop_id, "shipments": list(shipment_ids)})
    return {
        row.id: measure_space(read_size(row), services[row.delivery_service].on(today))
        for row in rows
        if row.delivery_service in services
    }
