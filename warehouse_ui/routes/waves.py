"""Waves: gather what is ready, print it, follow it, exchange files with the carrier, hand it over."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from core.audit.service import record
from core.auth.roles import Access, Role
from core.storage.service import read_file
from core.web import SessionDep, require
from fulfillment.dispatch.hand_over import find_ready_parcels, hand_over
from fulfillment.packing.models import Wave, WaveState
from fulfillment.printers.queries import RunFilter, find_paper_states, list_runs
from fulfillment.printers.running import log_download
from fulfillment.printing.queries import (
    PAGE,
    get_print_file,
    list_picks,
    list_print_jobs,
    list_waves,
    measure_progress,
)
from fulfillment.printing.waves import WaveChoice, create_wave, find_wave_shop, get_wave, print_wave
from fulfillment.queries import ShipmentFilter, count_planned, list_shipments
from orders.catalogue.queries import list_delivery_services
from warehouse_ui.answers import go_to, is_fragment, take_over
from warehouse_ui.navigation import FLOOR
from warehouse_ui.paging import make_links
from warehouse_ui.printing import has_open, load_parts, measure_making, tell_runs
from warehouse_ui.templating import render

router = APIRouter(prefix="/waves", include_in_schema=False)

Floor = Annotated[Access, require(*FLOOR)]
Operator = Annotated[Access, require(Role.OPERATOR)]


@router.get("")
def show_list(request: Request, access: Floor, session: SessionDep, before: UUID | None = None) -> Response:
    waves = list_waves(session, [access.shop_id], before=before, limit=PAGE + 1)
    shown = waves[:PAGE]
    may_create = access.principal.has_role(access.shop_id, Role.OPERATOR)
    return render(
        request,
        "pages/waves.html",
        access,
        session,
        waves=shown,
        progress=measure_progress(session, access.shop_id, [wave.id for wave in shown]),
        may_create=may_create,
        ready=count_planned(session, access.shop_id) if may_create else 0,
        services=[each for each in list_delivery_services(session, access.shop_id) if each.active],
        links=make_links("/waves", {}, current=before, following=shown[-1].id if len(waves) > PAGE else None),
    )


@router.post("")
def create(
    access: Operator,
    session: SessionDep,
    delivery_service: Annotated[str, Form()] = "",
    temperature_zone: Annotated[str, Form()] = "",
    limit: Annotated[int, Form(ge=1, le=2000)] = 200,
) -> Response:
    choice = WaveChoice(
        delivery_service=delivery_service or None, temperature_zone=temperature_zone or None, limit=limit
    )
    wave = create_wave(session, access.shop_id, choice)
    return go_to(f"/waves/{wave.id}", "wave_created")


@router.get("/{wave_id}")
def show_wave(request: Request, wave_id: UUID, access: Floor, session: SessionDep, watch: str = "") -> Response:
    """The page; to htmx only its progress, which asks again while files are made or something is at a printer."""
    wave = get_wave(session, find_wave_shop(session, wave_id), wave_id)
    if is_fragment(request) and watch == "files" and wave.state is not WaveState.PRINTING:
        # Title, buttons and list stand outside the fragment: the whole page is shown anew.
        return take_over(f"/waves/{wave_id}", "wave_printed")
    template = "fragments/wave_progress.html" if is_fragment(request) else "pages/wave.html"
    return render(request, template, access, session, **_values(session, access, wave))


def _values(session: SessionDep, access: Access, wave: Wave) -> dict[str, Any]:
    parts = load_parts(session, wave.shop_id, list_print_jobs(session, wave.shop_id, wave.id))
    made = [part.printing for part in parts if not part.is_reprint]
    is_operator = access.principal.has_role(wave.shop_id, Role.OPERATOR)
    chosen = ShipmentFilter(wave_id=wave.id)
    rows = list_shipments(session, wave.shop_id, chosen, limit=200) if is_operator else []
    return {
        "wave": wave,
        "parts": parts,
        "made": made,
        "making": measure_making(made),
        "held": [each for printing in made for each in printing.held],
        "is_at_printer": has_open(parts),
        "log": tell_runs(session, list_runs(session, [wave.shop_id], RunFilter(wave_id=wave.id, limit=20))),
        "progress": measure_progress(session, wave.shop_id, [wave.id]).get(wave.id),
        "picks": list_picks(session, wave.shop_id, wave.id),
        "rows": rows,
        "paper_states": find_paper_states(session, wave.shop_id, [row.id for row in rows]),
        "ready": len(find_ready_parcels(session, wave.shop_id, wave_id=wave.id)),
        "may": {
            "open": is_operator,
            "reprint": any(part.files for part in parts),
            "print": is_operator and wave.state is WaveState.OPEN,
            "bench": access.principal.has_role(wave.shop_id, Role.PACKER) and wave.state is WaveState.PRINTED,
            "carrier": is_operator and wave.state is WaveState.PRINTED,
        },
    }


@router.post("/{wave_id}/print")
def start_printing(wave_id: UUID, access: Operator, session: SessionDep) -> Response:
    print_wave(session, access.check_shop(find_wave_shop(session, wave_id)), wave_id)
    return go_to(f"/waves/{wave_id}", "printing")


@router.get("/print-files/{print_file_id}")
def show_pdf(print_file_id: UUID, _access: Floor, session: SessionDep) -> Response:
    """The PDF itself. Reading it is on record: it shows names and addresses."""
    found = get_print_file(session, print_file_id)
    data = read_file(session, found.file_id)
    record(session, "fulfillment:print_file:read", shop_id=found.shop_id, subject_id=found.id)
    log_download(session, found)
    name = f"{found.kind.value}-{found.id.hex[-6:]}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(data, media_type="application/pdf", headers=headers)


@router.post("/{wave_id}/hand-over")
def give_to_carrier(request: Request, wave_id: UUID, access: Floor, session: SessionDep) -> Response:
    """Hand over every verified parcel of the wave; what may not leave is shown with its reason."""
    shop_id = access.check_shop(find_wave_shop(session, wave_id))
    result = hand_over(session, shop_id, find_ready_parcels(session, shop_id, wave_id=wave_id))
    if result.refused:
        wave = get_wave(session, shop_id, wave_id)
        values = _values(session, access, wave)
        return render(request, "pages/wave.html", access, session, **values, refused=result.refused, status=409)
    return go_to(f"/waves/{wave_id}", "handed_over" if result.handed_over else None)
