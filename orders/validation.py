"""What every normalised order must keep, whatever its door: checked once, naming field and reason. Pure."""

import re
from collections.abc import Sequence

from orders.currency import LARGEST_AMOUNT
from orders.faults import Fault
from orders.normalised import NormalisedDiscount, NormalisedFee, NormalisedLine, NormalisedOrder, NormalisedRefund

_CURRENCY = re.compile(r"[A-Z]{3}")
MOST_LINES = 2000


def validate_order(order: NormalisedOrder) -> list[Fault]:
    """Return every fault of an order; an order with faults is refused whole."""
    faults = [Fault(name, "missing") for name in ("external_id", "number", "source") if not getattr(order, name)]
    checks = [
        (bool(_CURRENCY.fullmatch(order.currency)), "currency", "unknown_value", "ISO 4217"),
        (bool(order.lines), "lines", "empty", ""),
        (len(order.lines) <= MOST_LINES, "lines", "out_of_range", f"<= {MOST_LINES}"),
        (0 <= order.total <= LARGEST_AMOUNT, "total", "out_of_range", f"0..{LARGEST_AMOUNT}"),
        (sum(abs(line.amount) for line in order.lines) <= LARGEST_AMOUNT, "lines", "out_of_range", "amounts"),
    ]
    faults += [Fault(name, code, detail) for holds, name, code, detail in checks if not holds]
    faults += _find_repeated(order)
    for index, line in enumerate(order.lines):
        faults += _check_line(line, f"lines[{index}].")
    return faults + _find_negative(order)


def _find_negative(order: NormalisedOrder) -> list[Fault]:
    groups: dict[str, Sequence[NormalisedFee | NormalisedDiscount | NormalisedRefund]]
    groups = {"fees": order.fees, "discounts": order.discounts, "refunds": order.refunds}
    return [
        Fault(f"{name}[{index}].amount", "out_of_range", ">= 0")
        for name, items in groups.items()
        for index, item in enumerate(items)
        if not 0 <= item.amount <= LARGEST_AMOUNT
    ]


def _find_repeated(order: NormalisedOrder) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for index, line in enumerate(order.lines):
        if line.external_id in seen:
            faults.append(Fault(f"lines[{index}].id", "repeated"))
        seen.add(line.external_id)
    return faults


def _check_line(line: NormalisedLine, path: str) -> list[Fault]:
    checks = [
        (line.quantity >= 1, "quantity", ">= 1"),
        (line.unit_price >= 0, "unit_price", ">= 0"),
        (0 <= line.discount <= line.amount, "discount", "0..amount"),
        (0 <= line.cancelled_quantity <= line.quantity, "cancelled_quantity", "0..quantity"),
        (bool(line.title or line.sku), "title", "title or sku"),
    ]
    return [Fault(path + name, "out_of_range", detail) for holds, name, detail in checks if not holds]
