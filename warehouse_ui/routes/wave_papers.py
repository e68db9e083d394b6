"""Papers of a wave onto a printer, and again after a jam."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from core.auth.roles import Access
from core.errors import InvalidInputError
from core.web import SessionDep, require
from documents.file_options import Duplex, Separator
from fulfillment.packing.models import PrintFileKind, PrintJob, Wave
from fulfillment.printers.choices import Choices, read_choices
from fulfillment.printers.media import SHEETS
from fulfillment.printers.models import Printer, PrinterKind
from fulfillment.printers.queries import find_printer, list_warehouse_printers
from fulfillment.printers.running import ask_runs
from fulfillment.printing.queries import list_print_jobs
from fulfillment.printing.waves import find_wave_shop, get_wave
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.navigation import FLOOR
from warehouse_ui.printing import KINDS, load_parts
from warehouse_ui.templating import render

router = APIRouter(prefix="/waves", include_in_schema=False)

Floor = Annotated[Access, require(*FLOOR)]


@router.get("/{wave_id}/paper")
def show_paper(
    request: Request,
    wave_id: UUID,
    access: Floor,
    session: SessionDep,
    kind: PrintFileKind = PrintFileKind.PAPERS,
    printer: str = "",
    only: str = "",
) -> Response:
    """Choose the printer, how, and which parts; `only` names one printing."""
    shop_id = access.check_shop(find_wave_shop(session, wave_id))
    wave = get_wave(session, shop_id, wave_id)
    everything = load_parts(session, shop_id, list_print_jobs(session, shop_id, wave_id))
    printers = list_warehouse_printers(session, wave.warehouse_id, kind)
    chosen = _choose_printer(printers, printer)
    values: dict[str, Any] = {
        "wave": wave,
        "kind": kind,
        "kinds": KINDS,
        "parts": [part for part in everything if part.find(kind)],
        "only": only,
        "printers": printers,
        "chosen": chosen,
        "choices": read_choices(chosen.choices.get(kind.value, {})) if chosen else Choices(),
        "duplexes": list(Duplex),
        "separators": list(Separator),
        "sheets": list(SHEETS.values()),
        "may_lay_out": chosen is not None and kind is not PrintFileKind.COVER and chosen.kind is not PrinterKind.ZPL,
    }
    return render(request, "pages/wave_paper.html", access, session, **values)


def _choose_printer(printers: list[Printer], wanted: str) -> Printer | None:
    """Return the printer that was named, else the one that was used last for anything."""
    named = next((each for each in printers if str(each.id) == wanted), None)
    return named or next((each for each in printers if each.choices), None) or next(iter(printers), None)


@router.post("/{wave_id}/paper")
def put_on_paper(wave_id: UUID, access: Floor, session: SessionDep, form: FormDep) -> Response:
    shop_id = access.check_shop(find_wave_shop(session, wave_id))
    wave = get_wave(session, shop_id, wave_id)
    kind = _read_kind(read_text(form, "kind"))
    printer = find_printer(session, [shop_id], _read_id(read_text(form, "printer_id")))
    given = read_choices({name: read_text(form, name) for name in ("duplex", "separator", "sheet", "start")})
    runs = ask_runs(session, shop_id, _read_parts(session, wave, form), kind, printer, given)
    return go_to(f"/waves/{wave_id}#papers", "run_asked" if printer.address else "run_ready") if runs else go_to("/")


def _read_parts(session: SessionDep, wave: Wave, form: FormDep) -> list[PrintJob]:
    wanted = {str(value) for value in form.getlist("part")}
    parts = [each for each in list_print_jobs(session, wave.shop_id, wave.id) if str(each.id) in wanted]
    if not parts:
        raise InvalidInputError("Choose at least one part.", field="part")
    return parts


def _read_kind(text: str) -> PrintFileKind:
    if text not in set(PrintFileKind):
        raise InvalidInputError("This kind of papers is not known.", field="kind")
    return PrintFileKind(text)


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInputError("Choose a printer.", field="printer_id") from None
