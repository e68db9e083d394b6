"""Asks personalization what goes into shipments, and does what the answer says: decision, priority, holds."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import clock
from core.db import is_among
from core.jobs.service import enqueue_many
from core.rowsets import pack_rows, rowset
from core.tenancy import get_shop
from fulfillment.drawable import FOUND_AT, find_undrawables
from fulfillment.holds import HoldIn, lift_holds, place_holds
from fulfillment.models import HoldReason, Shipment, ShipmentHold, ShipmentLine
from fulfillment.paper_places import load_places, name_papers
from fulfillment.parts import find_places
from fulfillment.spaces import ANY_SPACE, load_spaces
from fulfillment.standing import is_decidable
from orders.catalogue.terms import load_services
from personalization.models import DecisionMode
from personalization.plan import ActionKind, Chosen, DecisionOutcome, Plan
from personalization.requests import DecisionRequest
from personalization.service import decide

_STORE = text(
    "UPDATE shipments SET decision_id = decided.decision_id, priority = decided.priority FROM "
    + rowset("decided", {"id": "uuid", "decision_id": "uuid", "priority": "integer"})
    + " WHERE shipments.id = decided.id"
)
# Placed and lifted by decisions.
DECISION_HOLDS = (HoldReason.RULE, HoldReason.CARE_FLAG, HoldReason.CANNOT_DRAW)


def enqueue_decisions(
    session: Session, shop_id: UUID, shipment_ids: Collection[UUID], *, interrupting: bool = False
) -> None:
    """Ask for these shipments to be decided again; several causes at once make one decision.

    Those that are printed by the time it is done are left as they are; if the cause is `interrupting` they are
    reviewed.
    """
    marks = {"interrupting": True} if interrupting else {}
    batch = [
        ({"shipment_id": str(shipment_id), **marks}, "/".join([str(shipment_id), *marks]))
        for shipment_id in sorted(shipment_ids)
    ]
    enqueue_many(session, "fulfillment.decide_shipments", shop_id=shop_id, batch=batch)


def decide_shipments(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> list[DecisionOutcome]:
    """Decide those of the shipments whose papers are not printed yet; later changes of printed ones interrupt
    instead.
    """
    shipments = _lock_shipments(session, shop_id, shipment_ids)
    return decide_locked(session, shop_id, shipments, DecisionMode.LIVE)


def decide_locked(
    session: Session, shop_id: UUID, shipments: Sequence[Shipment], mode: DecisionMode
) -> list[DecisionOutcome]:
    """Decide shipments that the caller has locked, and hold those that a rule or a care flag wants looked at."""
    requests = build_requests(session, shop_id, shipments) if shipments else []
    outcomes = decide(session, shop_id, requests, mode=mode, places=partial(load_places, session, shop_id))
    _store(session, outcomes)
    # At freeze the papers themselves are drawn at once.
    undrawable = {} if mode is DecisionMode.FREEZE else find_undrawables(session, shop_id, shipments, outcomes)
    _apply_holds(session, shop_id, outcomes, undrawable)
    return outcomes


def _lock_shipments(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> list[Shipment]:
    statement = (
        select(Shipment)
        .where(Shipment.shop_id == shop_id, is_among(Shipment.id, set(shipment_ids)), is_decidable())
        .order_by(Shipment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement))


def build_requests(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> list[DecisionRequest]:
    """Return what is asked about these shipments, as of now."""
    ids = [shipment.id for shipment in shipments]
    orders = _load_order_ids(session, shop_id, ids)
    shop = get_shop(session, shop_id)
    today = clock.now().astimezone(shop.zone).date()
    spaces = load_spaces(session, shop_id, ids, load_services(session, shop_id), today)
    places = find_places(session, shop_id, shipments)
    now = clock.now()
    return [
        DecisionRequest(
            shipment_id=shipment.id,
            order_ids=orders[shipment.id],
            customer_id=shipment.customer_id,
            recipient_customer_id=shipment.recipient_customer_id,
            is_gift=shipment.is_gift,
            moment=now,
            accepted_at=shipment.accepted_at,
            warehouse_id=shipment.warehouse_id,
            delivery_service=shipment.delivery_service,
            country=(shipment.recipient or {}).get("country") or "JP",
            prefecture=(shipment.recipient or {}).get("region"),
            space=spaces.get(shipment.id, ANY_SPACE),
            part=places[shipment.id].part,
            with_letter=places[shipment.id].with_letter,
            again=places[shipment.id].again,
            root_id=places[shipment.id].root_id,
            papers=name_papers(shop, is_gift=shipment.is_gift, language=shipment.language),
        )
        for shipment in shipments
    ]


def _load_order_ids(session: Session, shop_id: UUID, shipment_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    rows = session.execute(
        select(ShipmentLine.shipment_id, ShipmentLine.order_id)
        .where(ShipmentLine.shop_id == shop_id, is_among(ShipmentLine.shipment_id, shipment_ids))
        .distinct()
        .order_by(ShipmentLine.order_id)
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for shipment_id, order_id in rows:
        found[shipment_id].append(order_id)
    return found


def _store(session: Session, outcomes: Sequence[DecisionOutcome]) -> None:
    """Point each shipment to its decision, and set the priority that it chose, in one statement."""
    if not outcomes:
        return
    rows = [
        {"id": outcome.shipment_id, "decision_id": outcome.decision_id, "priority": outcome.plan.priority}
        for outcome in outcomes
    ]
    session.execute(_STORE, {"decided": pack_rows(rows)})


def _apply_holds(
    session: Session, shop_id: UUID, outcomes: Sequence[DecisionOutcome], undrawable: Mapping[UUID, dict[str, Any]]
) -> None:
    """Hold what the decision wants looked at, unless a person has looked already; let go what no longer asks for it."""
    before = _load_decision_holds(session, shop_id, [outcome.shipment_id for outcome in outcomes])
    placing: list[HoldIn] = []
    lifting: dict[HoldReason, list[UUID]] = defaultdict(list)
    for outcome in outcomes:
        wanted = list_wanted_holds(outcome.plan)
        if outcome.shipment_id in undrawable:
            wanted[HoldReason.CANNOT_DRAW] = undrawable[outcome.shipment_id]
        for reason in DECISION_HOLDS:
            earlier = before.get((outcome.shipment_id, reason), [])
            details = wanted.get(reason)
            if details is None and any(is_open for is_open, _ in earlier):
                lifting[reason].append(outcome.shipment_id)
            elif details is not None and all(seen != details for _, seen in earlier):
                placing.append(HoldIn(outcome.shipment_id, reason, details))
    place_holds(session, shop_id, placing)
    for reason, ids in lifting.items():
        lift_holds(session, shop_id, ids, [reason], cause_gone=True)


def list_wanted_holds(plan: Plan) -> dict[HoldReason, dict[str, Any]]:
    """Return the holds of a plan, with the rules that ask for them and their words."""
    wanted: dict[HoldReason, dict[str, Any]] = {}
    for chosen in plan.of_kind(ActionKind.HOLD):
        reason = _hold_reason(chosen)
        entry = wanted.setdefault(reason, {"rules": [], "texts": []})
        entry["rules"].append(chosen.rule_key)
        entry["texts"].append(dict(chosen.text or {}))
    return wanted


def _hold_reason(chosen: Chosen) -> HoldReason:
    return HoldReason.CARE_FLAG if chosen.rule_key.startswith("system:care") else HoldReason.RULE


def _load_decision_holds(
    session: Session, shop_id: UUID, shipment_ids: list[UUID]
) -> dict[tuple[UUID, HoldReason], list[tuple[bool, dict[str, Any]]]]:
    rows = session.scalars(
        select(ShipmentHold).where(
            ShipmentHold.shop_id == shop_id,
            is_among(ShipmentHold.shipment_id, shipment_ids),
            ShipmentHold.reason.in_(DECISION_HOLDS),
        )
    )
    found: dict[tuple[UUID, HoldReason], list[tuple[bool, dict[str, Any]]]] = defaultdict(list)
    for hold in rows:
        if hold.reason is HoldReason.CANNOT_DRAW and hold.details.get("at") != FOUND_AT["at"]:
            continue
        found[hold.shipment_id, hold.reason].append((hold.released_at is None, dict(hold.details)))
    return found
