"""What would this customer get now, with this basket? Asked of the real tables, and taken back before anybody sees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.ids import new_id
from core.tenancy import WarehouseShop, get_shop
from crm_link.errors import CustomerNotFoundError
from crm_link.models import Customer
from fulfillment.backtest.rulebooks import load_draft, load_live
from fulfillment.paper_places import load_places, name_papers
from fulfillment.rule_catalogue import load_rule_catalogue
from orders.catalogue.models import Product
from orders.models import Order, OrderKey, OrderLine
from orders.normalised import PaymentState
from personalization.errors import RulesetError
from personalization.explaining import PlanExplanation, explain_plan
from personalization.facts.fact import AsOf
from personalization.naming import load_naming
from personalization.past_state import load_past_state
from personalization.plan import Plan
from personalization.publishing import check_ruleset, find_live_id
from personalization.requests import DecisionRequest
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.catalogue import dump_catalogue
from personalization.simulating import load_past_batch, simulate, with_arms


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketLine:
    """`price` of one piece with tax, in the smallest unit of money; None: the product's own."""

    sku: str
    quantity: int = 1
    price: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketIn:
    """An order that nobody placed; what is left out is as for a plain order of the buyer to themselves."""

    lines: Sequence[BasketLine] = ()
    channel: str | None = None
    coupon_codes: Sequence[str] = ()
    is_gift: bool = False
    delivery_service: str | None = None
    country: str = "JP"
    prefecture: str | None = None
    subscription_cycle: int | None = None
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`unknown_skus` are in no product list: they count as pieces, but belong to no category."""

    plan: Plan
    told: PlanExplanation
    unknown_skus: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Whom it is about and when; `moment` None: now. `document`: a draft in place of the live rules."""

    customer_id: UUID
    basket: BasketIn
    moment: datetime | None = None
    document: dict[str, Any] | None = None


def ask_what_if(session: Session, shop_id: UUID, question: Question, language: str = "ja") -> WhatIf:
    """Return the plan for a basket and why. Writes nothing: the order stands within a savepoint only.

    Raises RulesetError for a mistake in the document, CustomerNotFoundError.
    """
    if (
        session.scalar(select(Customer.id).where(Customer.shop_id == shop_id, Customer.id == question.customer_id))
        is None
    ):
        raise CustomerNotFoundError(question.customer_id)
    rulebook = _load_rulebook(session, shop_id, question.document)
    record(session, "fulfillment:what_if:asked", shop_id=shop_id, subject_id=question.customer_id)
    savepoint = session.begin_nested()
    try:
        return _ask(session, shop_id, question, rulebook, language)
    finally:
        savepoint.rollback()


def _ask(session: Session, shop_id: UUID, question: Question, rulebook: Rulebook, language: str) -> WhatIf:
    moment = question.moment or clock.now()
    order_id, unknown = _place_order(session, shop_id, question, moment)
    request = _make_request(session, shop_id, question, moment, order_id)
    as_of = AsOf.RECORDED if question.moment is None else AsOf.KNOWN
    batch = load_past_batch(session, shop_id, [request], [rulebook.document], as_of=as_of)
    batch = with_arms(session, shop_id, batch, rulebook.document, simulated=question.document is not None)
    state = load_past_state(session, shop_id, moment, [question.customer_id], [rulebook])
    places = partial(load_places, session, shop_id)
    [found] = simulate(session, shop_id, rulebook, batch, state, as_of=as_of, places=places)
    plan = found.resolved.plan
    names = load_naming(session, shop_id, rulebook, batch)
    return WhatIf(plan, explain_plan(rulebook, batch, plan, language, names), unknown)


def _load_rulebook(session: Session, shop_id: UUID, document: dict[str, Any] | None) -> Rulebook:
    live = load_live(session, shop_id, find_live_id(session, shop_id))
    if document is None:
        return live
    catalogue = load_rule_catalogue(session, shop_id)
    problems = check_ruleset(session, shop_id, document, catalogue)
    if problems:
        raise RulesetError(problems)
    return load_draft(document, dump_catalogue(catalogue), live)


def _make_request(
    session: Session, shop_id: UUID, question: Question, moment: datetime, order_id: UUID
) -> DecisionRequest:
    warehouse_id = session.scalar(
        select(WarehouseShop.warehouse_id)
        .where(WarehouseShop.shop_id == shop_id)
        .order_by(WarehouseShop.warehouse_id)
        .limit(1)
    )
    basket, shop = question.basket, get_shop(session, shop_id)
    return DecisionRequest(
        shipment_id=new_id(),
        order_ids=(order_id,),
        customer_id=question.customer_id,
        # A gift goes to somebody we know nothing of.
        recipient_customer_id=None if basket.is_gift else question.customer_id,
        is_gift=basket.is_gift,
        moment=moment,
        accepted_at=moment,
        warehouse_id=warehouse_id or new_id(),
        delivery_service=basket.delivery_service,
        country=basket.country,
        prefecture=basket.prefecture,
        papers=name_papers(shop, is_gift=basket.is_gift, language=shop.language),
    )


def _place_order(session: Session, shop_id: UUID, question: Question, moment: datetime) -> tuple[UUID, tuple[str, ...]]:
    basket, order_id = question.basket, new_id()
    products = {
        product.sku: product
        for product in session.scalars(
            select(Product).where(Product.shop_id == shop_id, Product.sku.in_([line.sku for line in basket.lines]))
        )
    }
    lines = [
        _make_line(shop_id, order_id, place, line, products.get(line.sku)) for place, line in enumerate(basket.lines)
    ]
    total = sum(line.amount for line in lines)
    session.add(OrderKey(id=order_id, shop_id=shop_id, source="what-if", external_id=str(order_id)))
    session.flush()
    session.add(_make_order(session, shop_id, question, moment, order_id, total))
    session.flush()
    session.add_all(lines)
    session.flush()  # Facts are read by plain statements.
    return order_id, tuple(sorted({line.sku for line in basket.lines} - products.keys()))


def _make_line(shop_id: UUID, order_id: UUID, place: int, line: BasketLine, product: Product | None) -> OrderLine:
    price = line.price if line.price is not None else (product.price if product and product.price else 0)
    return OrderLine(
        id=new_id(),
        shop_id=shop_id,
        order_id=order_id,
        external_id=str(place),
        position=place,
        sku=line.sku,
        product_id=None if product is None else product.id,
        title=line.sku if product is None else product.name,
        quantity=line.quantity,
        cancelled_quantity=0,
        refunded_quantity=0,
        unit_price=price,
        amount=price * line.quantity,
        tax_rate=None if product is None else product.tax_rate,
        tax_included=True,
        discount_amount=0,
        points_amount=0,
        requires_shipping=True,
    )


def _make_order(
    session: Session, shop_id: UUID, question: Question, moment: datetime, order_id: UUID, total: int
) -> Order:
    basket = question.basket
    return Order(
        id=order_id,
        shop_id=shop_id,
        source="what-if",
        external_id=str(order_id),
        number=f"what-if-{order_id}",
        channel=basket.channel,
        placed_at=moment,
        source_updated_at=moment,
        accepted_at=moment,
        buyer_customer_id=question.customer_id,
        recipient_customer_id=None if basket.is_gift else question.customer_id,
        currency=get_shop(session, shop_id).currency,
        goods_total=total,
        fees_total=0,
        discount_total=0,
        points_total=0,
        total=total,
        prices_include_tax=True,
        payment_state=PaymentState.PAID,
        is_gift=basket.is_gift,
        subscription_id=None if basket.subscription_cycle is None else "what-if",
        subscription_cycle=basket.subscription_cycle,
        coupon_codes=list(basket.coupon_codes),
        tags=[],
        is_test=False,
        shipped_elsewhere=False,
        attributes=basket.attributes or None,
    )
