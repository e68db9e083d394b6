"""Limits of law that a program can check: the value of free gifts given to every buyer (総付景品).

Tables with date and source; the program warns and leaves out, people decide.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class GiftLimit:
    """From `valid_from`: below `threshold` at most `flat`, otherwise `percent` of the transaction. Yen, with tax."""

    valid_from: date
    threshold: int
    flat: int
    percent: int
    source: str


# Samples and one's own discount coupons are exempt (告示 第2項): only inserts of kind `gift` are counted.
GIFT_LIMITS = (
    GiftLimit(
        valid_from=date(2007, 3, 31),
        threshold=1000,
        flat=200,
        percent=20,
        source="景品表示法 第4条、一般消費者に対する景品類の提供に関する事項の制限(昭和52年公正取引委員会告示第5号)",
    ),
)


def get_gift_limit(transaction: float, on: date) -> int:
    """Return the most that free gifts of one transaction may be worth, in yen with tax."""
    table = next((limit for limit in reversed(GIFT_LIMITS) if limit.valid_from <= on), GIFT_LIMITS[0])
    return table.flat if transaction < table.threshold else int(transaction) * table.percent // 100
