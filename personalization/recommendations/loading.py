"""What each parcel of a batch may be recommended: its basket, its person's purchases, and the products on sale."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from orders.catalogue.models import Product
from personalization.facts.fact import AsOf
from personalization.loading.history import AS_OF
from personalization.plan import RecommendedProduct
from personalization.recommendations.fitting import AlsoBought
from personalization.recommendations.ranking import list_candidates, rank
from personalization.recommendations.service import find_model
from personalization.requests import DecisionRequest
from personalization.resolver.batch import get_person
from personalization.resolver.supplies import name_offer
from personalization.rulesets.ruleset import Action, Rule

BASKETS: Final = text(
    f"""
    SELECT wanted.position, array_agg(DISTINCT l.sku) AS skus
      FROM {rowset("wanted", {"position": "integer", "order_id": "uuid"})}
      JOIN order_lines l ON l.shop_id = :shop_id AND l.order_id = wanted.order_id AND l.removed_at IS NULL
     WHERE l.sku IS NOT NULL GROUP BY wanted.position
    """
)
SUBJECTS: Final = rowset("subjects", {"customer_id": "uuid", "moment": "timestamptz"})
EARLIER: Final = {
    as_of: text(
        f"""
        SELECT subjects.customer_id, subjects.moment, array_agg(DISTINCT sku) AS skus
          FROM {SUBJECTS}
          JOIN touchpoints t ON t.shop_id = :shop_id AND t.customer_id = subjects.customer_id AND t.kind = 'purchase'
           AND t.occurred_at <= subjects.moment AND {condition}
         CROSS JOIN LATERAL unnest(t.skus) AS sku
         GROUP BY subjects.customer_id, subjects.moment
        """
    )
    for as_of, condition in AS_OF.items()
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One row of the batch for which one action of a matching rule wants products."""

    row: int
    rule: Rule
    index: int
    action: Action


@dataclass(frozen=True, slots=True)
class Shelf:
    """What asks are answered from. `had` is by (person, moment), `baskets` by row."""

    baskets: Mapping[int, Collection[str]]
    had: Mapping[tuple[Any, Any], Collection[str]]

    def seeds(self, ask: Ask, request: DecisionRequest) -> tuple[Collection[str], Collection[str]]:
        return self.baskets.get(ask.row, ()), self.had.get((get_person(request, ask.rule.audience), request.moment), ())


def load_products(
    session: Session, shop_id: UUID, requests: Sequence[DecisionRequest], asks: Sequence[Ask], as_of: AsOf
) -> dict[int, dict[str, tuple[RecommendedProduct, ...]]]:
    """Return row → offer → products, the best first. Each row is answered by the newest model fitted before it."""
    if not asks:
        return {}
    shelf = _read_shelf(session, shop_id, requests, asks, as_of)
    models = {moment: find_model(session, shop_id, moment) for moment in {requests[ask.row].moment for ask in asks}}
    known = [(ask, model) for ask in asks if (model := models[requests[ask.row].moment]) is not None]
    on_sale = _read_on_sale(session, shop_id, _list_candidates(requests, known, shelf))
    found: dict[int, dict[str, tuple[RecommendedProduct, ...]]] = defaultdict(dict)
    for ask, model in known:
        wanted = _choose(ask, model, shelf.seeds(ask, requests[ask.row]), on_sale)
        found[ask.row][name_offer(ask.rule.key, ask.index)] = tuple(wanted)
    return dict(found)


def _choose(
    ask: Ask, model: AlsoBought, seeds: tuple[Collection[str], Collection[str]], on_sale: Mapping[str, Product]
) -> Iterator[RecommendedProduct]:
    categories = ask.action.categories
    eligible = [sku for sku, product in on_sale.items() if product.category in categories] if categories else on_sale
    ranked = rank(model, *seeds, eligible, popular=ask.action.popular)
    for sku in islice(ranked, ask.action.count):
        product = on_sale[sku]
        yield RecommendedProduct(sku, product.name, product.name_en or product.name)


def _list_candidates(
    requests: Sequence[DecisionRequest], known: Sequence[tuple[Ask, AlsoBought]], shelf: Shelf
) -> set[str]:
    found: set[str] = set()
    for ask, model in known:
        basket, earlier = shelf.seeds(ask, requests[ask.row])
        found |= list_candidates(model, {*basket, *earlier}, popular=ask.action.popular)
    return found


def _read_shelf(
    session: Session, shop_id: UUID, requests: Sequence[DecisionRequest], asks: Sequence[Ask], as_of: AsOf
) -> Shelf:
    rows = sorted({ask.row for ask in asks})
    wanted = [{"position": row, "order_id": order_id} for row in rows for order_id in requests[row].order_ids]
    bound = {"shop_id": shop_id, "wanted": pack_rows(wanted)}
    baskets = {row.position: row.skus for row in session.execute(BASKETS, bound)}
    people = {(get_person(requests[ask.row], ask.rule.audience), requests[ask.row].moment) for ask in asks}
    subjects = pack_rows({"customer_id": person, "moment": moment} for person, moment in people if person is not None)
    found = session.execute(EARLIER[as_of], {"shop_id": shop_id, "subjects": subjects})
    # PostgreSQL keeps microseconds, as Python does: moments come back as they went.
    return Shelf(baskets, {(row.customer_id, row.moment): row.skus for row in found})


def _read_on_sale(session: Session, shop_id: UUID, skus: Collection[str]) -> dict[str, Product]:
    """Return the products that can be bought now: in use, not sold out, and something that is sent."""
    rows = session.scalars(
        select(Product)
        .where(Product.shop_id == shop_id, Product.sku.in_(sorted(skus)), Product.active, Product.ships)
        .where(Product.sold_out.is_(False))
    )
    return {product.sku: product for product in rows}
