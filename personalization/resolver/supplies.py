"""What one parcel could be offered besides inserts: products to recommend, coupon codes. Values, stored for replays."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from personalization.plan import RecommendedProduct, Texts


@dataclass(frozen=True, slots=True)
class CouponOffer:
    """One series as this parcel sees it. `slots` are its texts; `code` is there once one was reserved.

    `scarce`: there are only so many codes, counted by the ledger as `name_series`.
    """

    series: str
    slots: Mapping[str, Texts]
    valid_until: date | None = None
    scarce: bool = False
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Supplies:
    """`products`: "rule/action" → the best products that this person may be shown, the best first. `unplaced`: what no
    paper of this parcel would show (the coupon, or a slot for products) → those papers.
    """

    products: Mapping[str, tuple[RecommendedProduct, ...]] = field(default_factory=dict)
    coupons: Mapping[str, CouponOffer] = field(default_factory=dict)
    unplaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def without(self, unplaced: Mapping[str, tuple[str, ...]]) -> "Supplies":
        """Return the same less what no paper shows."""
        return replace(self, unplaced={**self.unplaced, **unplaced})


COUPON: Final = "coupon"
NO_SUPPLIES: Final = Supplies()


def name_offer(rule_key: str, action: int) -> str:
    return f"{rule_key}/{action}"


def name_series(series: str) -> str:
    """Return what the ledger counts a series by: no insert's key has a colon."""
    return f"coupon:{series}"
