"""Keeps shipments in step with their orders: makes, changes and cancels them, and holds what may not go."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.audit.service import record_many
from core.ids import new_id
from core.tenancy import Shop, WarehouseShop, get_shop
from fulfillment.errors import NoDeliveryServiceError, NoWarehouseError
from fulfillment.holds import HoldIn, find_open_holds, lift_holds, place_holds
from fulfillment.models import ORDER_HOLDS, HoldReason, Shipment, ShipmentLine
from fulfillment.planning.contents import Content, OrderPlan, absorb, arrange
from fulfillment.planning.joining import dump_line, join_box, take_lines
from fulfillment.planning.loading import find_neighbours, load_boxes, load_plans, lock_orders
from fulfillment.planning.settings import read_merge_hours
from fulfillment.states import ShipmentAct
from fulfillment.transitions import change_states
from orders.catalogue.models import DeliveryService
from orders.models import Order
from orders.problems import holds_shipping
from personalization.locks import make_bucket_locks, take_locks
from personalization.service import return_allotments


class _Ways:
    """Which warehouse packs for the shop and which delivery service carries each temperature zone."""

    def __init__(self, session: Session, shop: Shop) -> None:
        self._shop = shop
        self.shop_id = shop.id
        self._warehouse_id = session.scalar(
            select(WarehouseShop.warehouse_id)
            .where(WarehouseShop.shop_id == shop.id)
            .order_by(WarehouseShop.warehouse_id)
        )
        self._services = session.scalars(
            select(DeliveryService)
            .where(DeliveryService.shop_id == shop.id, DeliveryService.active)
            .order_by(DeliveryService.id)
        ).all()

    def choose_warehouse(self) -> UUID:
        if self._warehouse_id is None:
            raise NoWarehouseError(self._shop.id)
        return self._warehouse_id

    def choose_service(self, zone: str) -> str:
        """Return the shop's preferred service where it carries this zone, else the first that does."""
        able = [service.key for service in self._services if zone in service.temperature_zones]
        preferred = self._shop.profile.get("delivery_service")
        if not able:
            raise NoDeliveryServiceError(zone)
        return preferred if preferred in able else able[0]


def plan_orders(session: Session, shop_id: UUID, order_ids: Collection[UUID]) -> list[UUID]:
    """Bring the shipments of these orders up to date; returns those that have to be decided (again). Repeating it
    changes nothing.
    """
    shop = get_shop(session, shop_id)
    hours = read_merge_hours(shop)
    locked = _lock(session, shop_id, order_ids, hours)
    # In this sequence: what is handed over meanwhile is either still a box here, or counted as sent.
    boxes = load_boxes(session, shop_id, locked)
    plans = {plan.order_id: plan for plan in load_plans(session, shop_id, sorted(locked), language=shop.language)}
    contents = arrange(plans, [box for _, box in boxes.values()])
    if hours:
        holding = {plan.order_id for plan in plans.values() if holds_shipping(plan.problems)}
        absorb(contents, plans, within_hours=hours, holding=holding)
    applied = _Applied(session, shop, plans, {shipment_id: found for shipment_id, (found, _) in boxes.items()})
    for content in contents:
        applied.take(content)
    applied.write()
    _hold_or_release(session, shop_id, list(plans.values()), applied.by_order)
    return applied.list_undecided()


def _lock(session: Session, shop_id: UUID, order_ids: Collection[UUID], hours: float) -> set[UUID]:
    """Lock the orders and all that share, or may come to share, a box with them."""
    wanted = set(order_ids)
    if hours:
        # Two new orders of one customer would not see each other, each being planned in a transaction of its own.
        buyers = session.scalars(
            select(Order.buyer_customer_id).where(
                Order.shop_id == shop_id, Order.id.in_(wanted), Order.buyer_customer_id.is_not(None)
            )
        )
        take_locks(session, make_bucket_locks(shop_id, "planning", [buyer for buyer in buyers if buyer]))
        wanted |= find_neighbours(session, shop_id, wanted, timedelta(hours=hours))
    return lock_orders(session, shop_id, wanted)


class _Applied:
    """Writes what `arrange` and `absorb` have worked out, and remembers what has to be decided again."""

    def __init__(
        self, session: Session, shop: Shop, plans: Mapping[UUID, OrderPlan], shipments: Mapping[UUID, Shipment]
    ) -> None:
        self._session = session
        self._shop_id = shop.id
        self._plans = plans
        self._shipments = shipments
        self._ways = _Ways(session, shop)
        self._taken_keys = _load_plan_keys(session, shop.id, plans)
        self._new: list[Shipment] = []
        self._changed: list[UUID] = []
        self._surplus: list[UUID] = []
        self._absorbed: list[tuple[Shipment, Content]] = []
        self._made: dict[int, Shipment] = {}
        self.by_order: dict[UUID, list[Shipment]] = {order_id: [] for order_id in plans}

    def take(self, content: Content) -> None:
        """Make, change or give up one box."""
        shipment = self._shipments[content.box.shipment_id] if content.box else None
        if not content.shares:
            if shipment is not None and content.absorbed_by is not None:
                self._absorbed.append((shipment, content.absorbed_by))
            elif shipment is not None:
                self._surplus.append(shipment.id)
            return
        if shipment is None:
            shipment = self._make(content)
            self._new.append(shipment)
        elif shipment.content_digest != content.digest() or _is_for_others(shipment, content.lead(self._plans)):
            _change_shipment(self._session, shipment, content, self._plans)
            self._changed.append(shipment.id)
        self._made[id(content)] = shipment
        for order_id in content.shares:
            self.by_order[order_id].append(shipment)

    def _make(self, content: Content) -> Shipment:
        lead = content.lead(self._plans)
        shipment_id = new_id()
        key = f"{lead.order_id}:{content.zone}:0"
        shipment = Shipment(
            id=shipment_id,
            shop_id=self._shop_id,
            plan_key=f"{lead.order_id}:{content.zone}:{shipment_id}" if key in self._taken_keys else key,
            warehouse_id=self._ways.choose_warehouse(),
            delivery_service=self._ways.choose_service(content.zone),
            temperature_zone=content.zone,
            channel=lead.channel,
        )
        self._taken_keys.add(key)
        _fill_shipment(shipment, content, self._plans)
        shipment.lines = list(_make_lines(shipment, content))
        return shipment

    def write(self) -> None:
        session, shop_id = self._session, self._shop_id
        session.add_all(self._new)
        session.flush()  # Holds and transitions below are statements on these rows.
        subjects = [(shipment.id, {"zone": shipment.temperature_zone}) for shipment in self._new]
        record_many(session, "fulfillment:shipment:plan", shop_id=shop_id, subjects=subjects)
        change_states(session, shop_id, self._changed, ShipmentAct.CHANGE, wave_id=None, wave_position=None)
        # Nobody can answer any more whether it goes as it was printed: it does not.
        lift_holds(session, shop_id, self._changed, [HoldReason.CHANGED_AFTER_PRINT], cause_gone=True)
        cancelled = change_states(session, shop_id, self._surplus, ShipmentAct.CANCEL, wave_id=None, wave_position=None)
        return_allotments(session, shop_id, list(cancelled))
        for shipment, content in self._absorbed:
            lines = [dump_line(line.order_line_id, line.quantity) for line in take_lines(session, shipment)]
            join_box(session, shipment, self._made[id(content)], lines)

    def list_undecided(self) -> list[UUID]:
        """Return what is new or changed; where an order lost or gained a box, its other boxes as well: which of them
        is the first, and so holds its inserts, may be another one.
        """
        undecided = [shipment.id for shipment in self._new] + self._changed
        if not (self._new or self._surplus or self._absorbed):
            return undecided
        others = [shipment.id for boxes in self.by_order.values() if len(boxes) > 1 for shipment in boxes]
        return list(dict.fromkeys(undecided + others))


def _load_plan_keys(session: Session, shop_id: UUID, plans: Mapping[UUID, OrderPlan]) -> set[str]:
    keys = [f"{plan.order_id}:{wanted.temperature_zone}:0" for plan in plans.values() for wanted in plan.shipments]
    statement = select(Shipment.plan_key).where(Shipment.shop_id == shop_id, Shipment.plan_key.in_(keys))
    return set(session.scalars(statement))


def _make_lines(shipment: Shipment, content: Content) -> Iterator[ShipmentLine]:
    lines = [(order_id, line) for order_id, share in content.shares.items() for line in share.lines]
    for order_id, line in lines:
        yield ShipmentLine(shop_id=shipment.shop_id, order_id=order_id, **asdict(line))


def _fill_shipment(shipment: Shipment, content: Content, plans: Mapping[UUID, OrderPlan]) -> None:
    lead = content.lead(plans)
    share = content.shares[lead.order_id]
    shipment.accepted_at = lead.accepted_at
    shipment.customer_id = lead.buyer_customer_id
    shipment.recipient_customer_id = lead.recipient_customer_id
    shipment.is_gift = share.is_gift
    shipment.recipient_name = share.recipient.name or share.recipient.company if share.recipient else None
    shipment.recipient_key = lead.recipient_key
    shipment.recipient = asdict(share.recipient) if share.recipient else None
    shipment.sender = asdict(share.sender) if share.sender else None
    shipment.language = lead.language
    shipment.desired_on = share.desired_on
    shipment.desired_slot = share.desired_slot
    shipment.ship_not_before = content.ship_not_before
    shipment.content_digest = content.digest()


def _is_for_others(shipment: Shipment, lead: OrderPlan) -> bool:
    """Tell whether its papers would speak to somebody else, or in another language: goods and address may be the same.

    Nobody becomes another one by being joined: orders and shipments follow together.
    """
    told = (shipment.customer_id, shipment.recipient_customer_id, shipment.language)
    return told != (lead.buyer_customer_id, lead.recipient_customer_id, lead.language)


def _change_shipment(session: Session, shipment: Shipment, content: Content, plans: Mapping[UUID, OrderPlan]) -> None:
    """Give a shipment its new content; papers printed before are of an earlier revision and no longer good."""
    session.execute(delete(ShipmentLine).where(ShipmentLine.shipment_id == shipment.id))
    for line in _make_lines(shipment, content):
        line.shipment_id = shipment.id
        session.add(line)
    _fill_shipment(shipment, content, plans)
    shipment.revision += 1
    session.expire(shipment, ["lines"])


def _hold_or_release(
    session: Session, shop_id: UUID, plans: list[OrderPlan], by_order: dict[UUID, list[Shipment]]
) -> None:
    """Place the holds that each order's problems ask for, and lift those whose cause is gone."""
    wanted = {
        (shipment.id, HoldReason(problem["code"])): problem["details"]
        for plan in plans
        for problem in plan.problems
        if problem["code"] in ORDER_HOLDS
        for shipment in by_order[plan.order_id]
    }
    place_holds(
        session, shop_id, [HoldIn(id_, reason, {"of_order": details}) for (id_, reason), details in wanted.items()]
    )
    shipment_ids = [shipment.id for shipments in by_order.values() for shipment in shipments]
    outdated: dict[HoldReason, list[UUID]] = defaultdict(list)
    for shipment_id, reason in find_open_holds(session, shop_id, shipment_ids):
        if reason in ORDER_HOLDS and (shipment_id, reason) not in wanted:
            outdated[reason].append(shipment_id)
    for reason, ids in outdated.items():
        lift_holds(session, shop_id, ids, [reason])
