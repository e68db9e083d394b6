"""What waits for a person: parcels that changed after printing, events that could not be worked, parcels set aside,
shipments on hold. Customer success sees what concerns customers; the rest is the operator's.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.audit.service import record
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.models import HoldReason
from fulfillment.packing.exceptions import list_open_exceptions, solve_exception
from fulfillment.queries import ShipmentFilter, list_shipments
from fulfillment.states import ShipmentState
from orders.intake.queries import list_failed_events
from orders.intake.service import retry_events
from personalization.versions.queries import list_open_releases
from warehouse_ui.answers import go_to
from warehouse_ui.changed_words import load_differences
from warehouse_ui.forms import FormDep
from warehouse_ui.navigation import ATTENTION
from warehouse_ui.paging import make_links
from warehouse_ui.templating import render

router = APIRouter(prefix="/attention", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
Anyone = Annotated[Access, require(*ATTENTION)]
PAGE = 50


@router.get("")
def show_list(request: Request, access: Anyone, session: SessionDep, before: UUID | None = None) -> Response:
    shop_id = access.shop_id
    is_operator = access.principal.has_role(shop_id, Role.OPERATOR)
    changed = list_shipments(session, shop_id, ShipmentFilter(hold=HoldReason.CHANGED_AFTER_PRINT), limit=PAGE)
    record(session, "fulfillment:attention:read", shop_id=shop_id, details={"changed": len(changed)})
    values = {
        "is_operator": is_operator,
        "changed": changed,
        # What is scheduled and well asks for nobody.
        "releases": [
            each for each in list_open_releases(session, shop_id) if is_operator and each.state != "scheduled"
        ],
        "differences": load_differences(session, shop_id, [row.id for row in changed]),
        "held": list_shipments(session, shop_id, ShipmentFilter(states=[ShipmentState.HELD]), limit=20),
        **(_list_operators_part(session, shop_id, before) if is_operator else {}),
    }
    return render(request, "pages/attention.html", access, session, **values)


def _list_operators_part(session: Session, shop_id: UUID, before: UUID | None) -> dict[str, Any]:
    events = list_failed_events(session, shop_id, before=before, limit=PAGE + 1)
    following = events[PAGE - 1].id if len(events) > PAGE else None
    return {
        "events": events[:PAGE],
        "aside": list_open_exceptions(session, shop_id),
        "links": make_links("/attention", {}, current=before, following=following),
    }


@router.post("/retry")
def retry(access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Work these events again; those that somebody else retried already are passed over."""
    retry_events(session, access.shop_id, [UUID(str(value)) for value in form.getlist("event")])
    return go_to("/attention", "retried")


@router.post("/exceptions/{exception_id}/solve")
def solve(exception_id: UUID, access: Operator, session: SessionDep) -> Response:
    solve_exception(session, access.shop_id, exception_id)
    return go_to("/attention", "solved")
