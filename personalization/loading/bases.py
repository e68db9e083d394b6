"""What facts about orders are read from: the rows of the wanted orders, their lines, fees and discounts."""

from enum import StrEnum
from typing import Final

WANTED_COLUMNS: Final = {"position": "integer", "order_id": "uuid", "today": "date"}


class Basis(StrEnum):
    ORDERS = "orders"
    LINES = "lines"
    FEES = "fees"
    DISCOUNTS = "discounts"


# What was paid for the pieces that still stand, with tax: excluded tax is added at the line's rate.
_PAID: Final = """
    trunc(CAST((l.amount - l.discount_amount - l.points_amount)
               * greatest(0, l.quantity - l.cancelled_quantity - l.refunded_quantity) / l.quantity AS numeric)
          * (1 + CASE WHEN l.tax_included THEN 0 ELSE coalesce(l.tax_rate, 0) END))
"""
# {wanted} is the table of the orders that are asked for.
SQL: Final = {
    Basis.ORDERS: """
        SELECT wanted.position, wanted.today, o.*
          FROM {wanted} JOIN orders o ON o.shop_id = :shop_id AND o.id = wanted.order_id
    """,
    Basis.LINES: f"""
        SELECT wanted.position, l.sku, p.category, l.unit_price, l.product_id, l.attributes, {_PAID} AS paid,
               greatest(0, l.quantity - l.cancelled_quantity - l.refunded_quantity) AS open,
               l.requires_shipping AND coalesce(p.ships, true)
               AND l.quantity > l.cancelled_quantity + l.refunded_quantity AS packed,
               p.weight_g, p.thickness_mm, coalesce(p.is_set, false) AS is_set
          FROM {{wanted}} JOIN order_lines l ON l.shop_id = :shop_id AND l.order_id = wanted.order_id
           AND l.removed_at IS NULL
          LEFT JOIN products p ON p.shop_id = :shop_id AND p.id = l.product_id
    """,
    Basis.FEES: """
        SELECT wanted.position, f.kind, f.amount - f.discount_amount AS amount
          FROM {wanted} JOIN order_fees f ON f.shop_id = :shop_id AND f.order_id = wanted.order_id
    """,
    Basis.DISCOUNTS: """
        SELECT wanted.position, d.kind, d.amount
          FROM {wanted} JOIN order_discounts d ON d.shop_id = :shop_id AND d.order_id = wanted.order_id
    """,
}
FIRST_ORDERS: Final = """
    SELECT DISTINCT ON (wanted.position) wanted.position, o.placed_at, o.number,
           hashtextextended(o.number, 0) AS name
      FROM {wanted} JOIN orders o ON o.shop_id = :shop_id AND o.id = wanted.order_id
     ORDER BY wanted.position, o.placed_at, o.number
"""
FILTERS: Final = {
    "skus": "sku = ANY(CAST(:{p} AS text[]))",
    "categories": "category = ANY(CAST(:{p} AS text[]))",
}
