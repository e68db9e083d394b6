"""Every router of the program. Each package adds its line here."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request

from core.auth.api import router as administration
from core.auth.roles import Access
from core.outbox.api import router as outbox
from core.tabular.api import router as uploads
from core.web import require_anyone
from crm_link.api import router as customers
from fulfillment.api import router as shipments
from fulfillment.backtest.api import router as backtests
from fulfillment.bulk_events.api import router as bulk_events
from fulfillment.carriers.api import router as carriers
from fulfillment.dispatch.api import router as dispatch
from fulfillment.invoicing.api import router as invoices
from fulfillment.packing.api import router as packing
from fulfillment.printers.api import router as printers
from fulfillment.printing.api import router as waves
from fulfillment.rearranging.api import router as rearrangements
from fulfillment.rule_versions.api import router as rules
from orders.api import router as orders
from orders.catalogue.api import router as catalogue
from orders.intake.api import router as intake
from personalization.coupons.api import router as coupons
from personalization.experiments.api import costs_router as experiment_costs
from personalization.experiments.api import router as experiments
from personalization.legal.api import router as law
from personalization.prediction.api import router as predictions
from warehouse_ui.routers import ROUTERS as SCREENS

description = APIRouter(include_in_schema=False)
# Routes are tried in this order: the busiest stands first.
ROUTERS = (
    packing,
    description,
    administration,
    outbox,
    orders,
    intake,
    catalogue,
    uploads,
    customers,
    shipments,
    rearrangements,
    invoices,
    waves,
    printers,
    dispatch,
    carriers,
    experiments,
    experiment_costs,
    backtests,
    bulk_events,
    rules,
    predictions,
    coupons,
    law,
    *SCREENS,
)


@description.get("/api/openapi.json")
def describe_api(request: Request, _access: Annotated[Access, require_anyone()]) -> dict[str, Any]:
    """The OpenAPI description of every endpoint for programs."""
    app: FastAPI = request.app
    return app.openapi()


def include_routers(app: FastAPI) -> None:
    for router in ROUTERS:
        app.include_router(router)
