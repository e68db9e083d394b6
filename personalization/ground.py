"""What rules are checked against, read from the shop: inserts, coupon series, law, and the names it has ever used."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.tenancy import get_shop
from personalization.coupons.queries import list_series_keys
from personalization.inserts import load_inserts
from personalization.legal.service import load_law
from personalization.rulesets.checking import Ground
from personalization.rulesets.mentions import list_mentions
from personalization.rulesets.ruleset import RulesetDocument

# Each asks for the named values only, by equality, so that an index answers and a history is not read through.
_EXISTING: Final[Mapping[str, str]] = {
    "sku": "SELECT code AS name FROM product_codes WHERE shop_id = :shop_id AND kind = 'sku' AND code = ANY(:names)",
    "category": "SELECT DISTINCT category AS name FROM products WHERE shop_id = :shop_id AND category = ANY(:names)",
    "customer_tag": "SELECT DISTINCT tag AS name FROM tags WHERE shop_id = :shop_id AND tag = ANY(:names)",
    "rank": "SELECT DISTINCT rank AS name FROM ranks WHERE shop_id = :shop_id AND rank = ANY(:names)",
    "scheme": "SELECT DISTINCT scheme AS name FROM ranks WHERE shop_id = :shop_id AND scheme = ANY(:names)",
    "order_tag": "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE EXISTS"
    " (SELECT FROM orders WHERE shop_id = :shop_id AND name = ANY(tags))",
    "campaign": "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE EXISTS"
    " (SELECT FROM touchpoints WHERE shop_id = :shop_id AND campaign = name)",
}


def load_ground(session: Session, shop_id: UUID) -> Ground:
    """Return what the shop has and what it may do today."""
    return Ground(
        inserts=load_inserts(session, shop_id),
        series=list_series_keys(session, shop_id),
        law=load_law(session, shop_id),
        today=clock.now().astimezone(get_shop(session, shop_id).zone).date(),
    )


def load_known_values(session: Session, shop_id: UUID, document: RulesetDocument) -> dict[str, Collection[str]]:
    """Return, of the names that the document uses, those that the shop's records have, by kind."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for mention in list_mentions(document):
        wanted[mention.kind].add(mention.value)
    # At most one statement per kind of name.
    return {
        kind: set(session.scalars(text(_EXISTING[kind]), {"shop_id": shop_id, "names": sorted(names)}))
        for kind, names in wanted.items()
    }
