"""The bench: choosing a printed wave, by hand or by a scan, and the station's page, which works through /api/bench."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from core.auth.roles import Access
from core.errors import NotFoundError
from core.web import SessionDep, require
from fulfillment.packing.models import Wave, WaveState
from fulfillment.printing.queries import WaveProgress, find_printed_wave, list_waves, measure_progress
from fulfillment.printing.waves import find_wave_shop, get_wave
from warehouse_ui.navigation import BENCH
from warehouse_ui.shop_names import name_services, name_shops
from warehouse_ui.templating import render

router = APIRouter(prefix="/bench", include_in_schema=False)

Packer = Annotated[Access, require(*BENCH)]


@router.get("")
def show_choice(request: Request, access: Packer, session: SessionDep) -> Response:
    shop_ids = {access.chosen_shop_id} if access.chosen_shop_id else access.shop_ids
    waves = [wave for wave in list_waves(session, shop_ids) if wave.state is WaveState.PRINTED]
    progress = _measure(session, waves)
    return render(
        request,
        "pages/bench_choice.html",
        access,
        session,
        # What still has to be packed comes first.
        waves=sorted(waves, key=lambda wave: _is_packed(progress.get(wave.id))),
        progress=progress,
        shop_names=name_shops(session, access),
    )


def _is_packed(progress: WaveProgress | None) -> bool:
    return progress is not None and progress.verified >= progress.parcels


def _measure(session: SessionDep, waves: list[Wave]) -> dict[UUID, WaveProgress]:
    by_shop: dict[UUID, list[UUID]] = {}
    for wave in waves:
        by_shop.setdefault(wave.shop_id, []).append(wave.id)
    measured: dict[UUID, WaveProgress] = {}
    for shop_id, wave_ids in by_shop.items():
        measured |= measure_progress(session, shop_id, wave_ids)
    return measured


@router.get("/by-code/{code}")
def find_by_code(code: str, _access: Packer, session: SessionDep) -> dict[str, UUID]:
    """Return the wave of a scanned slip, letter, label or cover sheet."""
    wave_id = find_printed_wave(session, code)
    if wave_id is None:
        raise NotFoundError("No wave carries this code.", code=code)
    return {"wave_id": wave_id}


@router.get("/{wave_id}")
def show_station(request: Request, wave_id: UUID, access: Packer, session: SessionDep) -> Response:
    wave = get_wave(session, find_wave_shop(session, wave_id), wave_id)
    services = name_services(session, wave.shop_id)
    return render(request, "pages/bench.html", access, session, wave=wave, services=services)
