"""What waits for a person: events that could not be worked, parcels set aside, shipments on hold."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.packing.exceptions import list_open_exceptions, solve_exception
from fulfillment.queries import ShipmentFilter, list_shipments
from fulfillment.states import ShipmentState
from orders.intake.queries import list_failed_events
from orders.intake.service import retry_events
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep
from warehouse_ui.paging import make_links
from warehouse_ui.templating import render

router = APIRouter(prefix="/attention", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
PAGE = 50


@router.get("")
def show_list(request: Request, access: Operator, session: SessionDep, before: UUID | None = None) -> Response:
    events = list_failed_events(session, access.shop_id, before=before, limit=PAGE + 1)
    following = events[PAGE - 1].id if len(events) > PAGE else None
    held = list_shipments(session, access.shop_id, ShipmentFilter(states=[ShipmentState.HELD]), limit=20)
    links = make_links("/attention", {}, current=before, following=following)
    values = {
        "events": events[:PAGE],
        "held": held,
        "aside": list_open_exceptions(session, access.shop_id),
        "links": links,
    }
    return render(request, "pages/attention.html", access, session, **values)


@router.post("/retry")
def retry(access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Work these events again; those that somebody else retried already are passed over."""
    retry_events(session, access.shop_id, [UUID(str(value)) for value in form.getlist("event")])
    return go_to("/attention", "retried")


@router.post("/exceptions/{exception_id}/solve")
def solve(exception_id: UUID, access: Operator, session: SessionDep) -> Response:
    solve_exception(session, access.shop_id, exception_id)
    return go_to("/attention", "solved")
