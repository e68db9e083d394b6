"""Limits of law that a program can check: the value of free gifts given to every buyer (総付景品), and what a delivery
service may carry (信書). Tables with date and source; the program warns and leaves out, people decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from personalization.rulesets.catalogue import ServiceInfo


@dataclass(frozen=True, slots=True)
class GiftLimit:
    """From `valid_from`: below `threshold` at most `flat`, otherwise `percent` of the transaction. Yen, with tax."""

    valid_from: date
    threshold: int
    flat: int
    percent: int
    source: str

    def for_transaction(self, transaction: float) -> int:
        """Return the most that free gifts of one transaction may be worth, in yen with tax."""
        return self.flat if transaction < self.threshold else int(transaction) * self.percent // 100

    def find_least_transaction(self, value: int) -> int | None:
        """Return the smallest transaction that may hold gifts of this value; None when none may."""
        if value <= self.flat:
            return 0
        if self.percent == 0:
            return None
        return max(self.threshold, -(-value * 100 // self.percent))


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


@dataclass(frozen=True, slots=True)
class DatedService:
    valid_from: date
    info: ServiceInfo


@dataclass(frozen=True, slots=True)
class Law:
    """What is allowed on which day. `gift_limits` is sorted by day; of two of one day the later one stands.

    `services` by key, each sorted by day; a service that is not in it is as the catalogue of the ruleset says.
    """

    gift_limits: Sequence[GiftLimit] = GIFT_LIMITS
    services: Mapping[str, Sequence[DatedService]] = field(default_factory=dict)

    def find_gift_limit(self, on: date) -> GiftLimit:
        """Return the limit in force; before the first one, the first."""
        return next((limit for limit in reversed(self.gift_limits) if limit.valid_from <= on), self.gift_limits[0])

    def find_service(self, key: str, on: date) -> ServiceInfo | None:
        """Return what the service may carry on that day; before its first entry, what that one says."""
        entries = self.services.get(key)
        if not entries:
            return None
        return next((entry.info for entry in reversed(entries) if entry.valid_from <= on), entries[0].info)

    def narrow(self, limit: GiftLimit, service: ServiceInfo | None) -> "Law":
        """Return a law of these entries only, on any day: what one decision used."""
        services = {} if service is None else {service.key: (DatedService(date.min, service),)}
        return Law((limit,), services)


BUILT_IN_LAW: Final = Law()
