"""Rows of a file → one normalised order. Several rows make one order; what they say of the order must agree. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from core.tabular.importer import ImportContext, Row
from orders.contacts import is_empty
from orders.faults import Fault, FaultyInputError
from orders.imports.layouts import (
    LineKind,
    Standing,
    read_line_kind,
    read_price,
    read_standing,
    read_tax_rate,
)
from orders.imports.order_fields import ORDER_LEVEL
from orders.normalised import (
    Contact,
    DiscountKind,
    FeeKind,
    GiftWishes,
    NormalisedDiscount,
    NormalisedFee,
    NormalisedLine,
    NormalisedOrder,
    PaymentState,
    TemperatureZone,
)
from orders.validation import validate_order

Values = Mapping[str, Any]
_PREFECTURE: Final = re.compile(r"(東京都|北海道|京都府|大阪府|[^\s\d]{2,3}?県)")
_FEE_COLUMNS: Final = (
    ("shipping_fee", FeeKind.SHIPPING),
    ("cod_fee", FeeKind.CASH_ON_DELIVERY),
    ("handling_fee", FeeKind.HANDLING),
    ("wrapping_fee", FeeKind.WRAPPING),
)
_DISCOUNT_COLUMNS: Final = (
    ("discount", DiscountKind.MANUAL),
    ("coupon_discount", DiscountKind.COUPON),
    ("points", DiscountKind.POINTS),
)
_ZONES: Final = {
    **{zone.value: zone for zone in TemperatureZone},
    "常温": TemperatureZone.AMBIENT,
    "冷蔵": TemperatureZone.CHILLED,
    "クール": TemperatureZone.CHILLED,
    "冷凍": TemperatureZone.FROZEN,
}


class RowFaultsError(FaultyInputError):
    """Faults of one order by the number of their row; None: of the order as a whole."""

    def __init__(self, faults: Sequence[tuple[int | None, Fault]]) -> None:
        self.by_row = faults
        super().__init__([fault for _, fault in faults])


def build_order(rows: Sequence[Row], context: ImportContext) -> NormalisedOrder:
    """Make the order of these rows; raises RowFaultsError naming row, field and reason."""
    layout = context.options.get("layout", "plain")
    values, faults = merge_rows(rows)
    standing = read_standing(layout, values)
    if standing.refused:
        faults.append((None, Fault("status", standing.refused)))
    faults += _check_lines(rows, layout)
    if faults:
        raise RowFaultsError(faults)
    order = _make_order(rows, values, standing, context)
    found = validate_order(order)
    if found:
        raise RowFaultsError([(None, fault) for fault in found])
    return order


def merge_rows(rows: Sequence[Row]) -> tuple[dict[str, Any], list[tuple[int | None, Fault]]]:
    """Gather what the rows say of their order; a row may leave out what an earlier one said, not contradict it."""
    merged: dict[str, Any] = {}
    faults: list[tuple[int | None, Fault]] = []
    for row in rows:
        for field in ORDER_LEVEL:
            value = row.values.get(field.name)
            if value is None:
                continue
            known = merged.setdefault(field.name, value)
            if known != value:
                code = "several_destinations" if field.name == "destination" else "conflicting"
                faults.append((row.number, Fault(field.name, code)))
    return merged, faults


def _check_lines(rows: Sequence[Row], layout: str) -> list[tuple[int | None, Fault]]:
    faults: list[tuple[int | None, Fault]] = []
    for row in rows:
        values = row.values
        if read_line_kind(layout, values) is not LineKind.GOODS:
            continue
        if not (values.get("sku") or values.get("sku_other") or values.get("title")):
            faults.append((row.number, Fault("sku", "missing")))
        faults += [
            (row.number, Fault(name, "missing")) for name in ("unit_price", "quantity") if values.get(name) is None
        ]
        if values.get("quantity") == 0:
            faults.append((row.number, Fault("quantity", "out_of_range", ">= 1")))
    return faults


def _make_order(rows: Sequence[Row], values: Values, standing: Standing, context: ImportContext) -> NormalisedOrder:
    layout = context.options.get("layout", "plain")
    placed_at: datetime = values["placed_at"]
    updated_at: datetime = values.get("updated_at") or context.received_at
    lines, by_kind = _read_lines(rows, layout, context.currency)
    buyer = _read_contact(values, "buyer", context)
    return NormalisedOrder(
        source=context.options.get("source") or layout,
        external_id=values["order_id"],
        number=values.get("number") or values["order_id"],
        placed_at=placed_at,
        source_updated_at=updated_at,
        accepted_at=context.received_at,
        currency=context.currency,
        total=values["total"],
        tax_total=values.get("tax_total"),
        prices_include_tax=all(line.tax_included for line in lines),
        lines=lines,
        fees=_read_fees(values, by_kind),
        discounts=_read_discounts(values, by_kind),
        buyer=buyer,
        recipient=_read_contact(values, "recipient", context) or buyer,
        sender=_read_contact(values, "sender", context),
        payment_state=standing.payment or PaymentState.PENDING,
        payment_method=values.get("payment_method"),
        paid_at=values.get("paid_at"),
        # A file without the moment must give the same order each time it is read.
        cancelled_at=(values.get("cancelled_at") or placed_at) if standing.cancelled else None,
        shipped_elsewhere=standing.shipped,
        channel=values.get("channel"),
        desired_on=values.get("desired_on"),
        desired_slot=values.get("desired_slot"),
        ship_not_before=values.get("ship_not_before"),
        temperature_zone=_ZONES.get(values.get("temperature_zone") or ""),
        gift=_read_gift(values),
        subscription_id=values.get("subscription_id"),
        subscription_cycle=values.get("subscription_cycle"),
        coupon_codes=values.get("coupon_code") or (),
        tags=values.get("tags") or (),
        note=values.get("note"),
        attributes=values.get("attributes") or {},
    )


def _read_lines(
    rows: Sequence[Row], layout: str, currency: str
) -> tuple[tuple[NormalisedLine, ...], dict[LineKind, int]]:
    """Return the goods, and the sums of the other kinds of rows."""
    lines: list[NormalisedLine] = []
    sums: dict[LineKind, int] = {}
    for position, row in enumerate(rows, start=1):
        kind = read_line_kind(layout, row.values)
        price, tax_included = read_price(layout, row.values, currency)
        quantity = row.values.get("quantity") or 1
        if kind is not LineKind.GOODS:
            sums[kind] = sums.get(kind, 0) + abs(price * quantity)
            continue
        sku = row.values.get("sku") or row.values.get("sku_other")
        option = row.values.get("option")
        lines.append(
            NormalisedLine(
                external_id=row.values.get("line_id") or str(position),
                sku=sku,
                title=row.values.get("title") or sku or "",
                quantity=quantity,
                unit_price=price,
                tax_rate=read_tax_rate(row.values),
                tax_included=tax_included,
                attributes={"option": option} if option else {},
            )
        )
    return tuple(lines), sums


def _read_fees(values: Values, sums: Mapping[LineKind, int]) -> tuple[NormalisedFee, ...]:
    """Rows of their own count before the column of the order, which repeats them."""
    amounts = {kind: values.get(name) or 0 for name, kind in _FEE_COLUMNS}
    amounts[FeeKind.SHIPPING] = sums.get(LineKind.SHIPPING, amounts[FeeKind.SHIPPING])
    amounts[FeeKind.HANDLING] = sums.get(LineKind.HANDLING, amounts[FeeKind.HANDLING])
    amounts[FeeKind.OTHER] = max(0, values.get("other_fee") or 0)
    return tuple(NormalisedFee(kind=kind, amount=amount) for kind, amount in amounts.items() if amount)


def _read_discounts(values: Values, sums: Mapping[LineKind, int]) -> tuple[NormalisedDiscount, ...]:
    amounts = {kind: abs(values.get(name) or 0) for name, kind in _DISCOUNT_COLUMNS}
    # NextEngine books a discount as a negative cost.
    amounts[DiscountKind.MANUAL] += max(0, -(values.get("other_fee") or 0))
    amounts[DiscountKind.MANUAL] = sums.get(LineKind.DISCOUNT, amounts[DiscountKind.MANUAL])
    amounts[DiscountKind.POINTS] = sums.get(LineKind.POINTS, amounts[DiscountKind.POINTS])
    return tuple(NormalisedDiscount(kind=kind, amount=amount) for kind, amount in amounts.items() if amount)


def _read_contact(values: Values, role: str, context: ImportContext) -> Contact | None:
    parts = {name: values.get(f"{role}_{name}") for name in Contact.__slots__ if name != "external_id"}
    parts["external_id"] = values.get(f"{role}_id")
    found = _PREFECTURE.match(parts["address1"] or "") if not parts["region"] else None
    if found:
        parts["region"], parts["address1"] = found.group(1), (parts["address1"] or "")[found.end() :].strip()
    contact = Contact(**parts)
    if is_empty(contact):
        return None
    return Contact(**{**parts, "country": parts["country"] or context.country})


def _read_gift(values: Values) -> GiftWishes | None:
    gift = GiftWishes(
        wrapping=values.get("wrapping"),
        noshi=values.get("noshi"),
        noshi_name=values.get("noshi_name"),
        message=values.get("gift_message"),
    )
    return None if gift == GiftWishes() else gift
