"""The print log: who put what on which printer, what came of it, and the next step."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from core.auth.roles import Access
from core.web import SessionDep, require
from fulfillment.printers.handing import get_run_of, hand_out
from fulfillment.printers.models import PrintRun, RunState
from fulfillment.printers.queries import PAGE, RunFilter, list_printers, list_runs
from fulfillment.printers.running import answer_doubt, cancel_run, repeat_run
from fulfillment.printing.queries import get_print_job
from warehouse_ui.answers import go_to
from warehouse_ui.downloads import answer_file
from warehouse_ui.navigation import FLOOR
from warehouse_ui.paging import make_links
from warehouse_ui.printing import tell_runs
from warehouse_ui.templating import render

router = APIRouter(prefix="/prints", include_in_schema=False)

Floor = Annotated[Access, require(*FLOOR)]


@router.get("")
def show_log(
    request: Request,
    access: Floor,
    session: SessionDep,
    state: str = "",
    printer: str = "",
    before: UUID | None = None,
) -> Response:
    printers = list_printers(session, [access.shop_id])
    chosen = next((each for each in printers if str(each.id) == printer), None)
    wanted = RunFilter(
        state=RunState(state) if state in set(RunState) else None,
        printer_id=chosen.id if chosen else None,
        before=before,
        limit=PAGE + 1,
    )
    found = list_runs(session, [access.shop_id], wanted)
    shown = found[:PAGE]
    asked = {"state": state, "printer": printer}
    following = shown[-1].run.id if len(found) > PAGE else None
    return render(
        request,
        "pages/prints.html",
        access,
        session,
        lines=tell_runs(session, shown),
        printers=printers,
        states=list(RunState),
        asked=asked,
        links=make_links("/prints", asked, current=before, following=following),
    )


@router.post("/{print_run_id}/file")
def fetch_file(print_run_id: UUID, access: Floor, session: SessionDep) -> Response:
    handed = hand_out(session, get_run_of(session, access.shop_ids, print_run_id))
    return answer_file(handed.name, handed.data, handed.media_type)


@router.post("/{print_run_id}/answer")
def answer(print_run_id: UUID, access: Floor, session: SessionDep, came_out: Annotated[bool, Form()]) -> Response:
    run = get_run_of(session, access.shop_ids, print_run_id)
    answer_doubt(session, run.shop_id, run.id, came_out=came_out)
    return _back(session, run, "run_answered")


@router.post("/{print_run_id}/repeat")
def repeat(print_run_id: UUID, access: Floor, session: SessionDep) -> Response:
    run = get_run_of(session, access.shop_ids, print_run_id)
    repeat_run(session, run.shop_id, run.id)
    return _back(session, run, "run_asked")


@router.post("/{print_run_id}/cancel")
def cancel(print_run_id: UUID, access: Floor, session: SessionDep) -> Response:
    run = get_run_of(session, access.shop_ids, print_run_id)
    cancel_run(session, run.shop_id, run.id)
    return _back(session, run, "run_cancelled")


def _back(session: SessionDep, run: PrintRun, done: str) -> Response:
    """Go where the person stands: the wave of these papers."""
    wave_id = get_print_job(session, run.print_job_id).wave_id
    return go_to(f"/waves/{wave_id}" if wave_id else "/prints", done)
