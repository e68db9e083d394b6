"""Keeps shipments in step with their orders: makes, changes and cancels them, and holds what may not go."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.audit.service import record_many
from core.tenancy import Shop, WarehouseShop, get_shop
from fulfillment.errors import NoDeliveryServiceError, NoWarehouseError
from fulfillment.holds import HoldIn, find_open_holds, lift_holds, place_holds
from fulfillment.models import ORDER_HOLDS, HoldReason, Shipment, ShipmentLine
from fulfillment.planning.loading import OrderPlan, load_plans
from fulfillment.planning.plans import PlannedShipment
from fulfillment.states import PENDING, ShipmentAct
from fulfillment.transitions import change_states
from orders.catalogue.models import DeliveryService
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


def plan_orders(session: Session, shop_id: UUID, order_ids: Sequence[UUID]) -> list[UUID]:
    """Bring the shipments of these orders up to date; returns those that have to be decided (again). Repeating it
    changes nothing.
    """
    shop = get_shop(session, shop_id)
    plans = load_plans(session, shop_id, order_ids, language=shop.language)
    existing = _load_shipments(session, shop_id, [plan.order_id for plan in plans])
    ways = _Ways(session, shop)
    new: list[Shipment] = []
    changed: list[UUID] = []
    surplus: list[UUID] = []
    by_order: dict[UUID, list[Shipment]] = {}
    for plan in plans:
        made, altered, dropped = _reconcile(session, plan, existing[plan.order_id], ways)
        new += made
        changed += altered
        surplus += dropped
        by_order[plan.order_id] = made + [
            s for s in existing[plan.order_id] if s.state in PENDING and s.id not in dropped
        ]
    session.add_all(new)
    session.flush()  # Holds and transitions below are statements on these rows.
    subjects = [(shipment.id, {"zone": shipment.temperature_zone}) for shipment in new]
    record_many(session, "fulfillment:shipment:plan", shop_id=shop_id, subjects=subjects)
    change_states(session, shop_id, changed, ShipmentAct.CHANGE, wave_id=None, wave_position=None)
    cancelled = change_states(session, shop_id, surplus, ShipmentAct.CANCEL, wave_id=None, wave_position=None)
    return_allotments(session, shop_id, list(cancelled))
    _hold_or_release(session, shop_id, plans, by_order)
    return [shipment.id for shipment in new] + changed


def _load_shipments(session: Session, shop_id: UUID, order_ids: list[UUID]) -> dict[UUID, list[Shipment]]:
    rows = session.execute(
        select(ShipmentLine.order_id, Shipment)
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.shop_id == shop_id, ShipmentLine.order_id.in_(order_ids), Shipment.resend_of_id.is_(None))
        .distinct()
        .order_by(Shipment.serial)
    ).unique()
    found: dict[UUID, list[Shipment]] = defaultdict(list)
    for order_id, shipment in rows:
        found[order_id].append(shipment)
    return found


def _reconcile(
    session: Session, plan: OrderPlan, existing: list[Shipment], ways: _Ways
) -> tuple[list[Shipment], list[UUID], list[UUID]]:
    """Return shipments to make, shipments that changed, shipments to cancel."""
    pending = {shipment.temperature_zone: shipment for shipment in existing if shipment.state in PENDING}
    made, changed = [], []
    for planned in plan.shipments:
        current = pending.pop(planned.temperature_zone, None)
        if current is None:
            part = sum(1 for shipment in existing if shipment.temperature_zone == planned.temperature_zone)
            made.append(_make_shipment(plan, planned, part, ways))
        elif current.content_digest != planned.digest():
            _change_shipment(session, current, plan, planned)
            changed.append(current.id)
    return made, changed, [shipment.id for shipment in pending.values()]


def _make_shipment(plan: OrderPlan, planned: PlannedShipment, part: int, ways: _Ways) -> Shipment:
    shop_id = ways.shop_id
    shipment = Shipment(
        shop_id=shop_id,
        plan_key=f"{plan.order_id}:{planned.temperature_zone}:{part}",
        warehouse_id=ways.choose_warehouse(),
        delivery_service=ways.choose_service(planned.temperature_zone),
        temperature_zone=planned.temperature_zone,
        channel=plan.channel,
        accepted_at=plan.accepted_at,
    )
    _fill_shipment(shipment, plan, planned)
    shipment.lines = _make_lines(shop_id, plan, planned)
    return shipment


def _make_lines(shop_id: UUID, plan: OrderPlan, planned: PlannedShipment) -> list[ShipmentLine]:
    return [ShipmentLine(shop_id=shop_id, order_id=plan.order_id, **asdict(line)) for line in planned.lines]


def _fill_shipment(shipment: Shipment, plan: OrderPlan, planned: PlannedShipment) -> None:
    shipment.customer_id = plan.buyer_customer_id
    shipment.recipient_customer_id = plan.recipient_customer_id
    shipment.is_gift = planned.is_gift
    shipment.recipient_name = planned.recipient.name or planned.recipient.company if planned.recipient else None
    shipment.recipient_key = plan.recipient_key
    shipment.recipient = asdict(planned.recipient) if planned.recipient else None
    shipment.sender = asdict(planned.sender) if planned.sender else None
    shipment.language = plan.language
    shipment.desired_on = planned.desired_on
    shipment.desired_slot = planned.desired_slot
    shipment.ship_not_before = planned.ship_not_before
    shipment.content_digest = planned.digest()


def _change_shipment(session: Session, shipment: Shipment, plan: OrderPlan, planned: PlannedShipment) -> None:
    """Give a shipment its new content; papers printed before are of an earlier revision and no longer good."""
    session.execute(delete(ShipmentLine).where(ShipmentLine.shipment_id == shipment.id))
    session.add_all(
        ShipmentLine(shipment_id=shipment.id, **asdict(line), shop_id=shipment.shop_id, order_id=plan.order_id)
        for line in planned.lines
    )
    _fill_shipment(shipment, plan, planned)
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
