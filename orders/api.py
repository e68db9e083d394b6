"""JSON endpoints of orders. Every reading of an order's people is on record."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Header, Query, Response

from core.audit.service import record
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from orders import queries
from orders.intake.submitting import submit_order
from orders.rechecking import recheck_orders
from orders.schemas import OrderOut, OrderPageOut, OrderRowOut, SubmittedOut

router = APIRouter(prefix="/api", tags=["orders"])
Sender = Annotated[Access, require(Role.OPERATOR, Role.ORGANISER)]
Office = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]
PAGE = 50


@router.post("/orders", status_code=201)
def post_order(
    access: Sender,
    session: SessionDep,
    response: Response,
    document: Annotated[dict[str, Any], Body(description="One plain JSON order")],
    idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
) -> SubmittedOut:
    """Record an order. With a key that was here before, the same order answers 200 and changes nothing;
    another one 409.
    """
    submitted = submit_order(session, access.shop_id, idempotency_key, document)
    if submitted.repeated:
        response.status_code = 200
    return SubmittedOut(order_id=submitted.order_id, repeated=submitted.repeated)


@router.get("/orders")
def list_orders(
    access: Office,
    session: SessionDep,
    number: Annotated[str | None, Query(max_length=200)] = None,
    customer_id: UUID | None = None,
    before: datetime | None = None,
    before_id: UUID | None = None,
) -> OrderPageOut:
    """List orders, latest first; or those of a customer; or those with a number."""
    key = (before, before_id) if before is not None and before_id is not None else None
    if number is not None:
        found = queries.find_orders_by_number(session, access.shop_id, number)
        return OrderPageOut(orders=[OrderRowOut.model_validate(order) for order in found])
    if customer_id is not None:
        page = queries.orders_of_customer(session, access.shop_id, customer_id, before=key, limit=PAGE)
    else:
        page = queries.list_orders(session, access.shop_id, before=key, limit=PAGE)
    last = page[-1] if len(page) == PAGE else None
    return OrderPageOut(
        orders=[OrderRowOut.model_validate(order) for order in page],
        before=last.placed_at if last else None,
        before_id=last.id if last else None,
    )


@router.get("/orders/{order_id}")
def show_order(order_id: UUID, access: Office, session: SessionDep) -> OrderOut:
    found = queries.get_order(session, access.shop_id, order_id)
    record(session, "orders:order:read", shop_id=access.shop_id, subject_id=order_id)
    return OrderOut.from_record(found)


@router.post("/orders/{order_id}/recheck")
def post_recheck(order_id: UUID, access: Office, session: SessionDep) -> OrderOut:
    """Match unknown SKUs and find the order's problems again."""
    queries.get_order(session, access.shop_id, order_id)
    recheck_orders(session, access.shop_id, [order_id])
    return OrderOut.from_record(queries.get_order(session, access.shop_id, order_id))
