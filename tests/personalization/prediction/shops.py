"""A shop with enough invented customers for models, and models whose parameters are known."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from core.db import session_scope
from crm_link.service import record_touchpoints, resolve_customers
from personalization.models import FittedModel
from personalization.prediction.kinds import ModelKind
from tests.factories.crm_link import make_person, make_touchpoint
from tests.factories.personalization import NOON

PARAMETERS: dict[ModelKind, dict[str, Any]] = {
    ModelKind.BG_NBD: {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    ModelKind.GAMMA_GAMMA: {"p": 6.25, "q": 3.74, "v": 1545.0, "correlation": 0.1},
    ModelKind.RFM: {"recency": (30, 60, 120, 240), "frequency": (1, 1, 2, 4), "monetary": (1000, 3000, 5000, 9000)},
}


def keep_models(shop_id: UUID, known_until: datetime, **changed: dict[str, Any]) -> None:
    """Keep models of known parameters as if fitted on what was known before the moment."""
    with session_scope([shop_id]) as session:
        for kind, parameters in PARAMETERS.items():
            values = {**parameters, **changed.get(kind.value, {})}
            model = FittedModel(shop_id=shop_id, kind=kind, known_until=known_until, customers=500, parameters=values)
            session.add(model)


def let_many_buy(shop_id: UUID, people: int = 300, seed: int = 1) -> list[UUID]:
    """Let invented people begin within the last year and come back at a pace of their own, or not."""
    random = Random(seed)
    with session_scope([shop_id]) as session:
        customers = resolve_customers(session, shop_id, [make_person() for _ in range(people)])
        touchpoints = []
        for customer_id in customers:
            day, pace, mean = random.uniform(30, 365), random.gammavariate(2, 30), random.gammavariate(6, 800)
            lost = random.betavariate(0.8, 2.4)
            while day > 0:
                amount = max(1, round(random.gammavariate(8, mean / 8)))
                occurred_at = NOON - timedelta(days=day)
                touchpoints.append(make_touchpoint(customer_id, occurred_at=occurred_at, amount=amount))
                if random.random() < lost:
                    break
                day -= random.expovariate(1 / pace)
        record_touchpoints(session, shop_id, touchpoints)
    return customers
