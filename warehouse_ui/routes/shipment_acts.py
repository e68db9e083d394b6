"""What people do to a shipment: stop, release, cancel, split, merge, send again, answer a change after printing."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from starlette.datastructures import FormData

from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from core.web import SessionDep, require
from fulfillment import service
from fulfillment.interrupting import keep_as_printed, print_anew
from fulfillment.planning.settings import MOST_HOURS, set_merge_hours
from fulfillment.printing.reprinting import reprint
from fulfillment.rearranging.service import LaterPart, merge_shipments, split_shipment, undo_rearrangement
from fulfillment.resending import ResendChoice, resend_shipment
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, read_counts, read_text
from warehouse_ui.i18n import gettext
from warehouse_ui.navigation import SHIPMENTS

router = APIRouter(prefix="/shipments", include_in_schema=False)

Office = Annotated[Access, require(*SHIPMENTS)]
Operator = Annotated[Access, require(Role.OPERATOR)]
Text = Annotated[str, Form()]


@router.post("/merging")
def set_merging(
    access: Operator, session: SessionDep, hours: Annotated[int, Form(ge=0, le=MOST_HOURS)] = 0
) -> Response:
    """Switch the shop's rule for merging on, off, or to other hours."""
    set_merge_hours(session, access.shop_id, hours)
    return go_to("/shipments", "merging_set")


@router.post("/{shipment_id}/hold")
def hold(shipment_id: UUID, access: Office, session: SessionDep, note: Text = "") -> Response:
    service.hold_shipment(session, access.shop_id, shipment_id, note=note)
    return go_to(f"/shipments/{shipment_id}", "held")


@router.post("/{shipment_id}/release")
def release(shipment_id: UUID, access: Office, session: SessionDep) -> Response:
    service.release_shipment(session, access.shop_id, shipment_id)
    return go_to(f"/shipments/{shipment_id}", "released")


@router.post("/{shipment_id}/cancel")
def cancel(shipment_id: UUID, access: Office, session: SessionDep) -> Response:
    service.cancel_shipment(session, access.shop_id, shipment_id)
    return go_to(f"/shipments/{shipment_id}", "cancelled")


@router.post("/{shipment_id}/reprint")
def reprint_papers(shipment_id: UUID, access: Operator, session: SessionDep, reason: Text = "") -> Response:
    reprint(session, access.shop_id, shipment_id, reason=reason)
    return go_to(f"/shipments/{shipment_id}", "reprinting")


@router.post("/{shipment_id}/resend")
def resend(shipment_id: UUID, access: Office, session: SessionDep, form: FormDep) -> Response:
    """Send everything again, or only the numbers that the form names per line and per insert."""
    choice = None
    if read_text(form, "what") == "chosen":
        choice = ResendChoice(
            lines=_read_lines(form), inserts=read_counts(form, "insert-"), letter=bool(read_text(form, "letter"))
        )
    again = resend_shipment(
        session,
        access.shop_id,
        shipment_id,
        reason=read_text(form, "reason"),
        choice=choice,
        asked=_read_id(asked) if (asked := read_text(form, "asked")) else None,
    )
    return go_to(f"/shipments/{again.id}", "resent")


@router.post("/{shipment_id}/split")
def split(shipment_id: UUID, access: Office, session: SessionDep, form: FormDep) -> Response:
    """Put the numbers that the form names per line into a shipment of their own."""
    later = LaterPart(
        not_before=_read_day(form, "not_before") if read_text(form, "later") == "day" else None,
        waits=read_text(form, "later") == "wait",
    )
    part = split_shipment(
        session, access.shop_id, shipment_id, _read_lines(form), reason=read_text(form, "reason"), later=later
    )
    return go_to(f"/shipments/{part.id}", "split")


@router.post("/{shipment_id}/merge")
def merge(shipment_id: UUID, access: Office, session: SessionDep, form: FormDep) -> Response:
    """Put the ticked shipments and this one into one box."""
    others = [_read_id(str(value)) for value in form.getlist("with")]
    kept = merge_shipments(session, access.shop_id, [shipment_id, *others], reason=read_text(form, "reason"))
    return go_to(f"/shipments/{kept.id}", "merged")


@router.post("/{shipment_id}/rearrangements/{rearrangement_id}/undo")
def undo(shipment_id: UUID, rearrangement_id: UUID, access: Office, session: SessionDep, reason: Text = "") -> Response:
    undo_rearrangement(session, access.shop_id, rearrangement_id, reason=reason)
    return go_to(f"/shipments/{shipment_id}", "undone")


@router.post("/{shipment_id}/keep-as-printed")
def keep(
    shipment_id: UUID, access: Office, session: SessionDep, reason: Text = "", back: Text = "", seen: Text = ""
) -> Response:
    """Let it go as printed, by an answer to what the page showed."""
    keep_as_printed(session, access.shop_id, shipment_id, reason=reason, seen=seen or None)
    return go_to(_find_way_back(shipment_id, back), "kept")


@router.post("/{shipment_id}/print-anew")
def take_out(shipment_id: UUID, access: Office, session: SessionDep, reason: Text = "", back: Text = "") -> Response:
    print_anew(session, access.shop_id, shipment_id, reason=reason)
    return go_to(_find_way_back(shipment_id, back), "taken_out")


def _find_way_back(shipment_id: UUID, back: str) -> str:
    return "/attention" if back == "attention" else f"/shipments/{shipment_id}"


def _read_lines(form: FormData) -> dict[UUID, int]:
    return {_read_id(line): count for line, count in read_counts(form, "line-").items()}


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInputError(gettext("送られた内容を読み取れません。"), field="id") from error


def _read_day(form: FormData, name: str) -> date:
    try:
        return date.fromisoformat(read_text(form, name))
    except ValueError as error:
        raise InvalidInputError(gettext("日付を入力してください。"), field=name) from error
