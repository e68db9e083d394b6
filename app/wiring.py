"""Who hears of what, and which modules bring jobs and senders with them. Each package adds its lines here."""

import core.outbox.delivery
import core.tabular.tasks  # noqa: F401 (registers its jobs)
import crm_link.imports.registration
import fulfillment.backtest.erasure
import fulfillment.backtest.tasks  # registers its job
import fulfillment.bulk_events.importers
import fulfillment.bulk_events.listening
import fulfillment.tasks
import orders.erasure
import orders.following
import orders.imports.registration
import orders.tasks
import personalization.erasure
import personalization.prediction.tasks  # registers its jobs
from core.events import subscribe
from crm_link.events import CustomerChanged, CustomerErased, CustomersMoved
from fulfillment import listening
from orders.events import OrdersRecorded
from personalization.coupons.redeeming import note_redemptions
from personalization.events import ExperimentChanged, RulesetPublished, ShipmentsDisplaced


def wire() -> None:
    """Subscribe upper packages to the events of lower ones. Repeating it changes nothing."""
    crm_link.imports.registration.register_importers()
    orders.imports.registration.register_importers()
    fulfillment.bulk_events.importers.register_importers()
    subscribe(CustomerErased, orders.erasure.forget_customer)
    subscribe(CustomersMoved, orders.following.follow_customer)
    subscribe(CustomerErased, personalization.erasure.forget_customer)
    subscribe(CustomersMoved, personalization.erasure.follow_customer)
    subscribe(OrdersRecorded, note_redemptions)
    subscribe(OrdersRecorded, listening.plan_recorded_orders)
    subscribe(ShipmentsDisplaced, listening.decide_displaced)
    subscribe(RulesetPublished, listening.decide_by_new_rules)
    subscribe(ExperimentChanged, listening.decide_by_new_rules)
    subscribe(CustomerChanged, listening.decide_for_customers)
    subscribe(CustomerErased, listening.forget_customer)
    subscribe(CustomerErased, fulfillment.backtest.erasure.forget_customer)
    subscribe(CustomersMoved, listening.move_customer)
    subscribe(CustomerErased, fulfillment.bulk_events.listening.forget_customer)
    subscribe(CustomersMoved, fulfillment.bulk_events.listening.follow_customer)
