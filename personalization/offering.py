"""What a batch may be offered besides inserts: coupons and products, for the rules that match. Reads only."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from personalization.coupons.series import SeriesInfo, load_series
from personalization.facts.fact import AsOf
from personalization.placing import Places, Placing
from personalization.plan import Plan
from personalization.recommendations.loading import Ask, load_products
from personalization.resolver.batch import Batch
from personalization.resolver.resolve import Matches, Resolved, Rulebook
from personalization.resolver.supplies import CouponOffer, Supplies


@dataclass(frozen=True, slots=True)
class Offers:
    """`series` are all that matching rules name and that are in use, `supplies` by row; `placing` tells what papers
    show.
    """

    series: Mapping[str, SeriesInfo] = field(default_factory=dict)
    supplies: Mapping[int, Supplies] = field(default_factory=dict)
    placing: Placing | None = None


def load_offers(
    session: Session,
    shop_id: UUID,
    rulebook: Rulebook,
    batch: Batch,
    matches: Matches,
    as_of: AsOf = AsOf.RECORDED,
    places: Callable[[], Places] | None = None,
) -> Offers:
    """Return what the matching rules could offer, and what none of the parcel's papers could show. No statement while
    none of them offers anything.
    """
    asks, wanted = _list_asks(rulebook, matches)
    if not asks and not wanted:
        return Offers()
    series = load_series(session, shop_id, sorted({key for keys in wanted.values() for key in keys}))
    products = load_products(session, shop_id, batch.requests, asks, as_of)
    placing = Placing(rulebook.catalogue, batch.requests, places)
    rules = rulebook.document.active
    supplies = {
        row: Supplies(
            products.get(row, {}),
            _make_offers(batch, row, wanted.get(row, set()), series),
            placing.find_hopeless(row, map(rules.__getitem__, matches.acting.of(row))),
        )
        for row in {ask.row for ask in asks} | wanted.keys()
    }
    return Offers(series, supplies, placing)


def _list_asks(rulebook: Rulebook, matches: Matches) -> tuple[list[Ask], dict[int, set[str]]]:
    """Return who asks for products, and row → series."""
    asks: list[Ask] = []
    wanted: dict[int, set[str]] = defaultdict(set)
    offering = {i: r for i, r in enumerate(rulebook.document.active) if r.coupons or r.recommendations}
    if not offering:
        return asks, wanted
    is_offering = np.isin(matches.acting.numbers, list(offering))
    pairs = zip(matches.acting.rows[is_offering].tolist(), matches.acting.numbers[is_offering].tolist(), strict=True)
    for row, rule in ((row, offering[number]) for row, number in pairs):
        asks += [Ask(row, rule, index, action) for index, action in rule.recommendations]
        wanted[row].update(action.series or "" for _, action in rule.coupons)
    return asks, {row: keys for row, keys in wanted.items() if keys}


def _make_offers(batch: Batch, row: int, keys: set[str], series: Mapping[str, SeriesInfo]) -> dict[str, CouponOffer]:
    accepted_on = batch.requests[row].accepted_at.astimezone(batch.zone).date()
    found = ((key, series[key].make_offer(accepted_on)) for key in sorted(keys) if key in series)
    return {key: offer for key, offer in found if offer is not None}


def name_code(resolved: Resolved, code: str) -> Resolved:
    """Write the reserved code into the plan, and into what a replay is given."""
    plan, supplies = resolved.plan, resolved.supplies
    coupon = plan.coupon
    if coupon is None or coupon.series is None:
        return resolved
    fired = tuple(replace(chosen, code=code) if chosen is coupon else chosen for chosen in plan.fired)
    offers = {**supplies.coupons, coupon.series: replace(supplies.coupons[coupon.series], code=code)}
    return replace(resolved, plan=Plan(fired, plan.lost), supplies=Supplies(supplies.products, offers))
