"""What one invoice on request is about: rows and figures, the same whenever the order is. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fulfillment.errors import InvoiceNotPossibleError
from fulfillment.invoicing.figures import Figures, Returned, Sold, add_up, share_out, split_refund
from fulfillment.invoicing.models import InvoiceKind
from fulfillment.invoicing.settings import InvoiceSettings
from orders.kinds import ContactRole
from orders.models import OrderContact, OrderLine, Refund
from orders.money import RateTotal
from orders.queries import OrderRecord


@dataclass(frozen=True, kw_only=True)
class InvoiceRow:
    """`line` is None for what is no line of the order: fees and goodwill paid back."""

    line: OrderLine | None
    quantity: int | None
    amount: int


@dataclass(frozen=True, kw_only=True)
class Content:
    """`figures` is None for a refund, of which `by_rate` and `total` say everything."""

    kind: InvoiceKind
    orders: Sequence[OrderRecord]
    shipment_id: UUID | None = None
    refund: Refund | None = None
    rows: Sequence[InvoiceRow]
    by_rate: Sequence[RateTotal]
    figures: Figures | None = None
    transaction_on: date

    @property
    def total(self) -> int:
        return sum(each.gross for each in self.by_rate)

    @property
    def totals(self) -> list[list[Any]]:
        return [[str(each.rate), each.net, each.tax, each.gross] for each in self.by_rate]

    def digest(self, number: str) -> bytes:
        """Digest what is invoiced by whom; neither the day nor whom it is for belongs to it."""
        said = {
            "kind": self.kind.value,
            "issuer": number,
            "orders": [str(record.order.id) for record in self.orders],
            "shipment": str(self.shipment_id),
            "refund": str(self.refund.id if self.refund else None),
            "rows": [[str(row.line.id if row.line else None), row.quantity, row.amount] for row in self.rows],
            "totals": self.totals,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


def describe_sale(
    kind: InvoiceKind,
    orders: Sequence[OrderRecord],
    settings: InvoiceSettings,
    *,
    transaction_on: date,
    sold: Sold[OrderLine],
    shipment_id: UUID | None = None,
) -> Content:
    """Return the content of an invoice for what was sold; raises InvoiceNotPossibleError."""
    figures = add_up(sold, settings.rounding)
    if figures is None:
        raise InvoiceNotPossibleError("tax_rate")
    if not sold.lines:
        raise InvoiceNotPossibleError("nothing_sold")
    rows = [
        InvoiceRow(line=line, quantity=quantity, amount=amount)
        for (line, quantity), amount in zip(sold.lines, figures.amounts, strict=True)
    ]
    return Content(
        kind=kind,
        orders=orders,
        shipment_id=shipment_id,
        rows=rows,
        by_rate=figures.by_rate,
        figures=figures,
        transaction_on=transaction_on,
    )


def find_addressee(content: Content) -> OrderContact | None:
    """Return to whom an invoice is made out: the buyer, else the recipient; None where no name is known."""
    contacts = content.orders[0].contacts
    found = contacts.get(ContactRole.BUYER) or contacts.get(ContactRole.RECIPIENT)
    return found if found is not None and (found.company or found.name) else None


def need_addressee(content: Content) -> None:
    """A simplified invoice and one of a refund need no name (消費税法 第57条の4); an erased person has none.

    Raises InvoiceNotPossibleError.
    """
    if content.kind is InvoiceKind.INVOICE and find_addressee(content) is None:
        raise InvoiceNotPossibleError("addressee")


def list_sold(record: OrderRecord) -> Sold[OrderLine]:
    """Return all of an order that was not cancelled; what was paid back later has a document of its own."""
    left = [(line, line.quantity - line.cancelled_quantity) for line in record.lines]
    return Sold(lines=[(line, quantity) for line, quantity in left if quantity > 0], fees=record.fees)


def describe_refund(record: OrderRecord, refund: Refund, settings: InvoiceSettings, *, transaction_on: date) -> Content:
    """Return the content of a refund's invoice; raises InvoiceNotPossibleError."""
    sale = add_up(list_sold(record), settings.rounding)
    if sale is None:
        raise InvoiceNotPossibleError("tax_rate")
    rows = [_read_row(part, {line.external_id: line for line in record.lines}) for part in refund.lines]
    known = [row for row in rows if row is not None and row.line is not None and row.amount]
    returned = [
        Returned(row.amount, row.line.tax_rate, row.line.tax_included)
        for row in known
        if row.line is not None and row.line.tax_rate is not None
    ]
    by_rate = split_refund(refund.amount, returned, sale.by_rate, settings.rounding)
    rest = refund.amount - sum(row.amount for row in known)
    more = [InvoiceRow(line=None, quantity=None, amount=rest)] if rest else []
    if not by_rate:
        raise InvoiceNotPossibleError("nothing_sold")
    return Content(
        kind=InvoiceKind.RETURN_INVOICE,
        orders=[record],
        refund=refund,
        rows=[*known, *more],
        by_rate=by_rate,
        transaction_on=transaction_on,
    )


def _read_row(part: Mapping[str, Any], lines: Mapping[str, OrderLine]) -> InvoiceRow | None:
    """Return a refunded line; where the door told no amount, the share of the units is taken."""
    line = lines.get(str(part.get("line")))
    if line is None:
        return None
    quantity = int(part.get("quantity") or 0)
    paid = line.amount - line.discount_amount - line.points_amount
    amount = int(part.get("amount") or 0) or share_out(paid, line.quantity, 0, quantity)
    return InvoiceRow(line=line, quantity=quantity or None, amount=amount)
