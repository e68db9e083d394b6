"""A normalised order laid out as rows of its tables: totals, shares of discounts and points, contacts by role. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.ids import new_id
from orders.contacts import fold, is_same_person
from orders.kinds import ContactRole
from orders.money import Rounding, Taxable, allocate_discount, total_by_rate
from orders.normalised import Contact, DiscountKind, GiftWishes, NormalisedFee, NormalisedLine, NormalisedOrder

Values = dict[str, Any]
_SAME_NAMES = (
    *("source", "external_id", "number", "channel", "placed_at", "source_updated_at", "currency", "tax_total", "total"),
    *("prices_include_tax", "payment_state", "payment_method", "paid_at", "desired_on", "desired_slot"),
    *("ship_not_before", "temperature_zone", "subscription_id", "subscription_cycle", "coupon_codes", "tags", "note"),
    *("locale", "is_test", "shipped_elsewhere", "attributes"),
)


@dataclass(frozen=True, slots=True)
class People:
    """Who the roles of an order are, as customers; None: not to be told."""

    buyer: UUID | None = None
    recipient: UUID | None = None
    sender: UUID | None = None


@dataclass(slots=True)
class OrderRows:
    orders: list[Values] = field(default_factory=list)
    contacts: list[Values] = field(default_factory=list)
    lines: list[Values] = field(default_factory=list)
    fees: list[Values] = field(default_factory=list)
    discounts: list[Values] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shares:
    """What each line and fee bears of discounts and points, in their sequence."""

    line_discounts: Sequence[int]
    line_points: Sequence[int]
    fee_discounts: Sequence[int]


def is_gift_to_other(order: NormalisedOrder) -> bool:
    return order.buyer is not None and order.recipient is not None and not is_same_person(order.buyer, order.recipient)


def sum_discounts(order: NormalisedOrder) -> tuple[int, int]:
    """Return (discounts, points)."""
    points = sum(item.amount for item in order.discounts if item.kind is DiscountKind.POINTS)
    return sum(item.amount for item in order.discounts) - points, points


def share_discounts(order: NormalisedOrder) -> Shares:
    """Keep what the door itself allocated; share the rest, and then the points, in proportion to what is left."""
    discount, points = sum_discounts(order)
    lines, fees = [line.discount for line in order.lines], [fee.discount for fee in order.fees]
    line_rest = [line.amount - own for line, own in zip(order.lines, lines, strict=True)]
    fee_rest = [max(0, fee.amount - own) for fee, own in zip(order.fees, fees, strict=True)]
    more_lines, more_fees = allocate_discount(max(0, discount - sum(lines) - sum(fees)), line_rest, fee_rest)
    lines = [own + more for own, more in zip(lines, more_lines, strict=True)]
    fees = [own + more for own, more in zip(fees, more_fees, strict=True)]
    line_rest = [line.amount - own for line, own in zip(order.lines, lines, strict=True)]
    fee_rest = [max(0, fee.amount - own) for fee, own in zip(order.fees, fees, strict=True)]
    line_points, fee_points = allocate_discount(points, line_rest, fee_rest)
    return Shares(lines, line_points, [own + more for own, more in zip(fees, fee_points, strict=True)])


def compute_total(order: NormalisedOrder) -> int | None:
    """Return what the parts add up to; None when they cannot say (edited orders, prices without tax and rates)."""
    if any(line.cancelled_quantity for line in order.lines):
        return None
    discount, points = sum_discounts(order)
    plain = sum(line.amount for line in order.lines) + sum(fee.amount for fee in order.fees) - discount - points
    items: tuple[NormalisedLine | NormalisedFee, ...] = (*order.lines, *order.fees)
    outside = [item for item in items if not item.tax_included]
    if not outside:
        return plain
    if order.tax_total is not None:
        return plain + order.tax_total
    if any(item.tax_rate is None for item in outside) or discount or points:
        return None
    taxed = [Taxable(item.amount, item.tax_rate, False) for item in outside if item.tax_rate is not None]
    return plain + sum(total.tax for total in total_by_rate(taxed, Rounding.FLOOR))


def lay_out_order(
    rows: OrderRows, order: NormalisedOrder, head: Values, people: People, products: Mapping[str, UUID]
) -> None:
    """Append the rows of one order; `head` has id, shop_id, content_digest and accepted_at; `products` is by SKU."""
    shares = share_discounts(order)
    rows.orders.append(_lay_out_head(order, head, people))
    own = {"shop_id": head["shop_id"], "order_id": head["id"]}
    rows.contacts += _lay_out_contacts(order, own, people)
    rows.lines += _lay_out_lines(order, own, shares, products)
    rows.fees += [
        {
            "id": new_id(),
            **own,
            "position": position,
            "kind": fee.kind,
            "title": fee.title,
            "amount": fee.amount,
            "tax_rate": fee.tax_rate,
            "tax_included": fee.tax_included,
            "discount_amount": shares.fee_discounts[position],
        }
        for position, fee in enumerate(order.fees)
    ]
    rows.discounts += [
        {
            "id": new_id(),
            **own,
            "position": position,
            "kind": item.kind,
            "code": item.code,
            "title": item.title,
            "amount": item.amount,
        }
        for position, item in enumerate(order.discounts)
    ]


def _lay_out_head(order: NormalisedOrder, head: Values, people: People) -> Values:
    discount, points = sum_discounts(order)
    gift = order.gift or GiftWishes()
    return {
        **head,
        **{name: getattr(order, name) for name in _SAME_NAMES},
        "buyer_customer_id": people.buyer,
        "recipient_customer_id": people.recipient,
        "sender_customer_id": people.sender,
        "goods_total": sum(line.amount for line in order.lines),
        "fees_total": sum(fee.amount for fee in order.fees),
        "discount_total": discount,
        "points_total": points,
        "computed_total": compute_total(order),
        "snapshot_cancelled_at": order.cancelled_at,
        "snapshot_cancel_reason": order.cancel_reason,
        "is_gift": is_gift_to_other(order),
        "gift_wrapping": gift.wrapping,
        "gift_noshi": gift.noshi,
        "gift_noshi_name": gift.noshi_name,
        "gift_message": gift.message,
    }


def _lay_out_contacts(order: NormalisedOrder, own: Values, people: People) -> list[Values]:
    roles: list[tuple[ContactRole, Contact | None, UUID | None]] = [
        (ContactRole.BUYER, order.buyer, people.buyer),
        (ContactRole.RECIPIENT, order.recipient, people.recipient),
        (ContactRole.SENDER, order.sender, people.sender),
    ]
    return [
        {
            "id": new_id(),
            **own,
            "role": role,
            "customer_id": customer_id,
            "name_folded": fold(contact.name) or None,
            **{name: getattr(contact, name) for name in Contact.__slots__},
        }
        for role, contact, customer_id in roles
        if contact is not None
    ]


def _lay_out_lines(order: NormalisedOrder, own: Values, shares: Shares, products: Mapping[str, UUID]) -> list[Values]:
    return [
        {
            "id": new_id(),
            **own,
            "external_id": line.external_id,
            "position": position,
            "sku": line.sku,
            "product_id": products.get(line.sku or ""),
            "title": line.title,
            "quantity": line.quantity,
            "cancelled_quantity": line.cancelled_quantity,
            "unit_price": line.unit_price,
            "amount": line.amount,
            "tax_rate": line.tax_rate,
            "tax_included": line.tax_included,
            "discount_amount": shares.line_discounts[position],
            "points_amount": shares.line_points[position],
            "requires_shipping": line.requires_shipping,
            "attributes": line.attributes,
        }
        for position, line in enumerate(order.lines)
    ]
