"""Facts of a world, asked for as the deciding code does, and what its customers did."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.db import session_scope
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from orders.normalised import NormalisedOrder
from orders.service import record_order
from personalization.facts.fact import AsOf
from personalization.facts.question import Question, ask
from personalization.loading.loader import Loading
from personalization.requests import DecisionRequest
from tests.factories.crm_link import make_touchpoint
from tests.factories.personalization import NOON, TOKYO
from tests.personalization.world import World


def load(
    world: World, requests: Sequence[DecisionRequest], *questions: Question, as_of: AsOf = AsOf.RECORDED
) -> list[list[Any]]:
    """Return, per question, its values by request."""
    with session_scope([world.shop_id]) as session:
        columns = Loading(session, world.shop_id, TOKYO, requests, as_of).load(questions)
    return [[columns[question].get(row) for row in range(len(requests))] for question in questions]


def load_one(world: World, request: DecisionRequest, key: str, as_of: AsOf = AsOf.RECORDED, **parameters: Any) -> Any:
    [[value]] = load(world, [request], ask(key, **parameters), as_of=as_of)
    return value


def happen(world: World, *touchpoints: TouchpointIn) -> None:
    with session_scope([world.shop_id]) as session:
        record_touchpoints(session, world.shop_id, touchpoints)


def purchase(customer_id: UUID, days_ago: int, **changes: Any) -> TouchpointIn:
    occurred_at = NOON - timedelta(days=days_ago)
    return make_touchpoint(customer_id, occurred_at=occurred_at, **changes)


def place(world: World, order: NormalisedOrder) -> tuple[UUID, UUID]:
    """Record an order; returns its id and its buyer's."""
    with session_scope([world.shop_id]) as session:
        order_id = record_order(session, world.shop_id, order)
        [[buyer]] = session.connection().exec_driver_sql(
            "SELECT buyer_customer_id FROM orders WHERE id = %(id)s", {"id": order_id}
        )
    return order_id, UUID(str(buyer))


def load_all(world: World, request: DecisionRequest, expected: dict[str, Any], as_of: AsOf = AsOf.RECORDED) -> Any:
    """Return the facts that `expected` names, to be compared with it. Keys are facts without parameters."""
    found = load(world, [request], *[ask(key) for key in expected], as_of=as_of)
    return {key: value for key, [value] in zip(expected, found, strict=True)}
