"""Coupon codes and recommendations of one parcel: what may be granted, and how it reads in the plan."""

from dataclasses import dataclass

from personalization.plan import ActionKind, Chosen, Reason
from personalization.resolver.enclosing import Obstacle, Surroundings
from personalization.resolver.supplies import COUPON, name_offer, name_series
from personalization.rulesets.ruleset import Action, Rule


@dataclass(frozen=True, slots=True)
class Grant:
    """Why a coupon is not given, and whether the whole rule is lost by that."""

    obstacle: Obstacle
    is_fatal: bool


def find_coupon_obstacle(action: Action, around: Surroundings, taker: str | None) -> Grant | None:
    """Return what keeps a code from being given: another coupon in this parcel, no paper that would show it, no such
    series, none left.

    A letter that speaks of a code which is not there must not be printed: a series without codes stops the rule, and so
    do papers without a place.
    """
    key = action.series or ""
    if taker is not None:
        return Grant(Obstacle(Reason.COUPON_TAKEN, {"by": taker, "series": key}), is_fatal=False)
    if (papers := around.supplies.unplaced.get(COUPON)) is not None:
        return Grant(Obstacle(Reason.NO_PLACE, {"series": key, "papers": list(papers)}), is_fatal=True)
    offer = around.supplies.coupons.get(key)
    if offer is None:
        return Grant(Obstacle(Reason.COUPON_INACTIVE, {"series": key}), is_fatal=True)
    if offer.scarce and around.ledger.available(name_series(key), around.request) < 1:
        return Grant(Obstacle(Reason.COUPON_EXHAUSTED, {"series": key}), is_fatal=True)
    return None


def take_coupon(rule: Rule, index: int, action: Action, around: Surroundings) -> Chosen:
    """Take one code of the series: counted here, named when the decision is written."""
    offer = around.supplies.coupons[action.series or ""]
    if offer.scarce:
        around.ledger.take(name_series(offer.series), 1, around.request)
    return Chosen(
        rule_key=rule.key,
        action=index,
        kind=ActionKind.COUPON,
        series=offer.series,
        slots=offer.slots,
        code=offer.code,
        valid_until=offer.valid_until,
    )


def recommend(rule: Rule, index: int, action: Action, around: Surroundings) -> Chosen | Obstacle:
    """Return the best products for this slot, fewer than asked for where there are fewer."""
    if (papers := around.supplies.unplaced.get(action.slot or "")) is not None:
        return Obstacle(Reason.NO_PLACE, {"slot": action.slot, "papers": list(papers)})
    products = around.supplies.products.get(name_offer(rule.key, index), ())[: action.count]
    if not products:
        return Obstacle(Reason.NOTHING_TO_RECOMMEND, {"count": action.count})
    return Chosen(rule_key=rule.key, action=index, kind=ActionKind.RECOMMEND, slot=action.slot, products=products)
