"""How each fact about orders is read: one SQL expression over the rows of one basis, grouped by shipment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from personalization.facts.choices import WEEKDAYS
from personalization.loading.bases import Basis


@dataclass(frozen=True, slots=True)
class Reading:
    """`sql` is an aggregate over the rows of one shipment; for sets, a word (`many`: an array of words) of one row.
    {filter} becomes the conditions that the question's parameters name; :name is their bound value. `default` stands
    where there are no rows.
    """

    basis: Basis
    sql: str
    default: float | None = None
    many: bool = False


def _first(value: str) -> str:
    """The value of the first order that has one."""
    return f"(array_agg({value} ORDER BY placed_at, number) FILTER (WHERE {value} IS NOT NULL))[1]"


def _order(sql: str) -> Reading:
    return Reading(Basis.ORDERS, sql)


def _first_of(column: str) -> Reading:
    return _order(_first(column))


def _asked(column: str) -> Reading:
    return _order(f"CAST(bool_or(coalesce({column}, '') <> '') AS integer)")


def _line(sql: str, default: float | None = 0) -> Reading:
    return Reading(Basis.LINES, f"{sql} FILTER (WHERE open > 0{{filter}})", default)


def _has_line(where: str) -> Reading:
    return Reading(Basis.LINES, f"CAST(coalesce(bool_or({where}) FILTER (WHERE open > 0), false) AS integer)", 0)


def _fee(kind: str) -> Reading:
    return Reading(Basis.FEES, f"coalesce(sum(amount) FILTER (WHERE kind = '{kind}'), 0)", 0)


_TAKEN_OFF: Final = "sum(discount_total + points_total)"
_PLACED: Final = "CAST(min(placed_at) AT TIME ZONE :zone AS {kind})"
_PLACED_DAY: Final = _PLACED.format(kind="date")
_WEEKDAYS: Final = ", ".join(f"'{weekday.value}'" for weekday in WEEKDAYS)
_PLAIN: Final = "CASE WHEN jsonb_typeof(attributes -> :name) IN ('string', 'number', 'boolean') THEN {value} END"
_NUMERIC: Final = r"'^\s*[-+]?\d{{1,15}}(\.\d{{1,15}})?\s*$'"
_TEXT: Final = "attributes ->> :name"
_NUMBER: Final = f"CASE WHEN ({_TEXT}) ~ {_NUMERIC} THEN CAST({_TEXT} AS double precision) END"
_FLAG: Final = f"CASE lower({_TEXT}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
_DATE: Final = (
    f"CASE WHEN ({_TEXT}) ~ '^\\d{{{{4}}}}-\\d\\d-\\d\\d$' AND pg_input_is_valid({_TEXT}, 'date') "
    f"THEN CAST({_TEXT} AS date) - DATE '1970-01-01' END"
)


def _attribute(value: str) -> Reading:
    return _first_of(_PLAIN.format(value=value))


def _days(date: str) -> str:
    """A date as the days since 1970-01-01 that columns hold."""
    return f"({date} - DATE '1970-01-01')"


READINGS: Final[Mapping[str, Reading]] = {
    "order.total": _order("sum(total - refunded_total)"),
    "order.refunded_total": _order("sum(refunded_total)"),
    "order.discount_total": _order(_TAKEN_OFF),
    "order.discount_rate": _order(f"least(100, 100 * {_TAKEN_OFF} / nullif(sum(CAST(goods_total AS numeric)), 0))"),
    "order.points_used": _order("sum(points_total)"),
    "order.fees_total": _order("sum(fees_total)"),
    "order.tax_total": _order("CASE WHEN count(*) = count(tax_total) THEN sum(tax_total) END"),
    "order.currency": _first_of("currency"),
    "order.has_coupon": _order("CAST(bool_or(cardinality(coupon_codes) > 0) AS integer)"),
    "order.coupon_codes": Reading(Basis.ORDERS, "coupon_codes", many=True),
    "order.tags": Reading(Basis.ORDERS, "tags", many=True),
    "order.has_note": _asked("note"),
    "order.channel": _first_of("channel"),
    "order.source": _first_of("source"),
    "order.payment_method": _first_of("payment_method"),
    "order.payment_state": _first_of("payment_state"),
    "order.language": _first_of("nullif(lower(split_part(replace(locale, '_', '-'), '-', 1)), '')"),
    "order.placed_date": _order(_days(_PLACED_DAY)),
    "order.placed_weekday": _order(f"(ARRAY[{_WEEKDAYS}])[CAST(extract(isodow FROM {_PLACED_DAY}) AS integer)]"),
    "order.placed_hour": _order(f"extract(hour FROM {_PLACED.format(kind='timestamp')})"),
    "order.days_since_placed": _order(f"min(today) - {_PLACED_DAY}"),
    "order.is_subscription": _order("CAST(bool_or(subscription_id IS NOT NULL) AS integer)"),
    "order.subscription_cycle": _first_of("subscription_cycle"),
    "order.temperature_zone": _first_of("temperature_zone"),
    "order.has_desired_date": _order("CAST(bool_or(desired_on IS NOT NULL) AS integer)"),
    "order.desired_date": _order(_days(_first("desired_on"))),
    "order.days_to_desired_date": _order(f"{_first('desired_on')} - min(today)"),
    "order.desired_slot": _first_of("desired_slot"),
    "order.ship_not_before": _order(_days("max(ship_not_before)")),
    "order.has_gift_wrapping": _asked("gift_wrapping"),
    "order.gift_wrapping": _first_of("gift_wrapping"),
    "order.has_noshi": _asked("gift_noshi"),
    "order.noshi": _first_of("gift_noshi"),
    "order.has_gift_message": _asked("gift_message"),
    "order.attribute": _attribute(_TEXT),
    "order.attribute_number": _attribute(_NUMBER),
    "order.attribute_flag": _attribute(_FLAG),
    "order.attribute_date": _attribute(_DATE),
    "order.goods_total": _line("sum(paid)"),
    "order.amount_of": _line("sum(paid)"),
    "order.highest_price": _line("max(unit_price)", None),
    "order.line_count": _line("count(*)"),
    "order.quantity": _line("sum(open)"),
    "order.quantity_of": _line("sum(open)"),
    "order.sku_count": _line("count(DISTINCT sku)"),
    "order.category_count": _line("count(DISTINCT category)"),
    "order.weight": Reading(
        Basis.LINES,
        "CASE WHEN count(*) FILTER (WHERE packed) = count(weight_g) FILTER (WHERE packed) "
        "THEN coalesce(sum(weight_g * open) FILTER (WHERE packed), 0) END",
    ),
    "order.thickest": Reading(
        Basis.LINES,
        "CASE WHEN count(*) FILTER (WHERE packed) = count(thickness_mm) FILTER (WHERE packed) "
        "THEN max(thickness_mm) FILTER (WHERE packed) END",
    ),
    "order.has_set": _has_line("is_set"),
    "order.has_unknown_goods": _has_line("product_id IS NULL"),
    "order.has_line_wishes": _has_line("coalesce(attributes, '{{}}') <> '{{}}'"),
    "order.skus": Reading(Basis.LINES, "CASE WHEN open > 0 THEN nullif(sku, '') END"),
    "order.categories": Reading(Basis.LINES, "CASE WHEN open > 0 THEN category END"),
    "order.shipping_fee": _fee("shipping"),
    "order.cash_on_delivery_fee": _fee("cash_on_delivery"),
    "order.wrapping_fee": _fee("wrapping"),
    "order.coupon_discount": Reading(Basis.DISCOUNTS, "coalesce(sum(amount) FILTER (WHERE kind = 'coupon'), 0)", 0),
}
