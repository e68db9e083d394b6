"""Printers of a warehouse: entered, tried, calibrated; and how many shipments go into one file. For administrators."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core.auth.authority import authority_of
from core.auth.roles import Access, Role
from core.errors import AppError, InvalidInputError
from core.tenancy import get_shop
from core.web import SessionDep, require
from fulfillment.packing.models import PrintFileKind
from fulfillment.printers.calibration import CROSS_MM, Measured, draw_page, find_rules
from fulfillment.printers.choices import read_calibration
from fulfillment.printers.media import MEDIA
from fulfillment.printers.models import Printer, PrinterKind
from fulfillment.printers.queries import find_printer, list_printers
from fulfillment.printers.service import DPI, PrinterIn, calibrate, check_keeper, remove_printer, save_printer
from fulfillment.printers.trying import send_calibration, try_printer
from fulfillment.printing.waves import LARGEST_PART, read_part_size, set_part_size
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import get_language, gettext, mark
from warehouse_ui.print_words import plain_reason
from warehouse_ui.shop_names import name_warehouses
from warehouse_ui.templating import render

router = APIRouter(prefix="/printers", include_in_schema=False)

Administrator = Annotated[Access, require(Role.ADMINISTRATOR)]
NAMES: Final = {
    "name": mark("名前（同じ倉庫に同じ名前のプリンターがないか）"),
    "media": mark("用紙"),
    "dpi": mark("解像度"),
    "takes": mark("印刷するもの"),
    "rule": mark("線の長さ（5%以上のずれは、プリンターのドライバーの拡大・縮小を確かめてください）"),
    "cross": mark("十字の位置"),
}


@dataclass(frozen=True)
class Entered:
    """The form as it stands: of a printer, or as it was typed."""

    name: str = ""
    kind: str = PrinterKind.IPP.value
    address: str = ""
    takes: tuple[str, ...] = tuple(kind.value for kind in PrintFileKind)
    media: str = "iso_a4_210x297mm"
    tray: str = ""
    dpi: str = "600"
    warehouse: str = ""


@router.get("")
def show_printers(request: Request, access: Administrator, session: SessionDep) -> Response:
    values = {
        "printers": list_printers(session, [access.shop_id]),
        "warehouses": name_warehouses(session, access.shop_id),
        "part_size": read_part_size(get_shop(session, access.shop_id)),
        "largest": LARGEST_PART,
        "media": MEDIA,
    }
    return render(request, "pages/printers.html", access, session, **values)


@router.post("/part-size")
def save_part_size(
    access: Administrator, session: SessionDep, size: Annotated[int | None, Form(ge=1, le=500)] = None
) -> Response:
    set_part_size(session, access.shop_id, size)
    return go_to("/printers", "part_size_set")


@router.get("/new")
def show_new(request: Request, access: Administrator, session: SessionDep) -> Response:
    return _show_form(request, access, session, Entered())


@router.post("")
def add(request: Request, access: Administrator, session: SessionDep, form: FormDep) -> Response:
    entered = _read(form)
    warehouses = name_warehouses(session, access.shop_id)
    warehouse_id = next((each for each in warehouses if str(each) == entered.warehouse), next(iter(warehouses), None))
    if warehouse_id is None:
        raise InvalidInputError("No warehouse serves this shop.", field="warehouse")
    check_keeper(authority_of(access.principal), warehouse_id)
    try:
        save_printer(session, access.shop_id, warehouse_id, _to_input(entered))
    except InvalidInputError as error:
        return _show_form(request, access, session, entered, refused=error)
    return go_to("/printers", "printer_saved")


@router.get("/{printer_id}")
def show_printer(request: Request, printer_id: UUID, access: Administrator, session: SessionDep) -> Response:
    printer = _find(session, access, printer_id)
    entered = Entered(
        printer.name,
        printer.kind.value,
        printer.address or "",
        tuple(printer.takes),
        printer.media,
        printer.tray or "",
        str(printer.dpi),
        str(printer.warehouse_id),
    )
    return _show_form(request, access, session, entered, printer=printer)


@router.post("/{printer_id}")
def change(request: Request, printer_id: UUID, access: Administrator, session: SessionDep, form: FormDep) -> Response:
    printer, entered = _find(session, access, printer_id), _read(form)
    try:
        save_printer(session, access.shop_id, printer.warehouse_id, _to_input(entered), printer_id)
    except InvalidInputError as error:
        return _show_form(request, access, session, entered, printer=printer, refused=error)
    return go_to("/printers", "printer_saved")


@router.post("/{printer_id}/remove")
def remove(printer_id: UUID, access: Administrator, session: SessionDep) -> Response:
    printer = _find(session, access, printer_id)
    remove_printer(session, access.shop_id, printer.warehouse_id, printer_id)
    return go_to("/printers", "printer_removed")


@router.post("/{printer_id}/test")
def test(request: Request, printer_id: UUID, access: Administrator, session: SessionDep) -> Response:
    """Ask the printer how it does; nothing is printed."""
    printer = _find(session, access, printer_id)
    try:
        tried = try_printer(session, access.shop_id, printer)
    except AppError as error:
        return _show_calibration(request, access, session, printer, failed=describe_error(error))
    reasons = [plain_reason(reason) for reason in tried.reasons]
    return _show_calibration(request, access, session, printer, tried=tried, reasons=reasons)


@router.get("/{printer_id}/calibration")
def show_calibration(request: Request, printer_id: UUID, access: Administrator, session: SessionDep) -> Response:
    return _show_calibration(request, access, session, _find(session, access, printer_id))


@router.get("/{printer_id}/calibration.pdf")
def show_page(printer_id: UUID, access: Administrator, session: SessionDep) -> Response:
    printer = _find(session, access, printer_id)
    data = draw_page(printer.media, read_calibration(printer), get_language())
    headers = {"Content-Disposition": 'inline; filename="calibration.pdf"'}
    return Response(data, media_type="application/pdf", headers=headers)


@router.post("/{printer_id}/calibration")
def print_page(request: Request, printer_id: UUID, access: Administrator, session: SessionDep) -> Response:
    printer = _find(session, access, printer_id)
    try:
        send_calibration(session, access.shop_id, printer, get_language())
    except AppError as error:
        return _show_calibration(request, access, session, printer, failed=describe_error(error))
    return go_to(f"/printers/{printer_id}/calibration", "test_sent")


@router.post("/{printer_id}/measured")
def measure(request: Request, printer_id: UUID, access: Administrator, session: SessionDep, form: FormDep) -> Response:
    printer = _find(session, access, printer_id)
    given = {name: read_text(form, name) for name in ("rule_x", "rule_y", "cross_x", "cross_y")}
    try:
        measured = Measured(**{name: _read_millimetres(text) for name, text in given.items()})
        calibrate(session, access.shop_id, printer.warehouse_id, printer_id, measured)
    except InvalidInputError as error:
        session.rollback()
        printer = _find(session, access, printer_id)
        return _show_calibration(request, access, session, printer, failed=_name(error), given=given)
    return go_to(f"/printers/{printer_id}/calibration", "printer_calibrated")


def _read_millimetres(text: str) -> float:
    try:
        return float(text.translate(str.maketrans("０１２３４５６７８９．，,", "0123456789...")))
    except ValueError:
        raise InvalidInputError("This is no length in millimetres.", field="rule") from None


def _find(session: Session, access: Access, printer_id: UUID) -> Printer:
    """Return a printer that this person may change."""
    printer = find_printer(session, [access.shop_id], printer_id)
    check_keeper(authority_of(access.principal), printer.warehouse_id)
    return printer


def _read(form: FormDep) -> Entered:
    texts = {name: read_text(form, name) for name in ("name", "kind", "address", "media", "tray", "dpi", "warehouse")}
    return Entered(takes=tuple(str(value) for value in form.getlist("takes")), **texts)


def _to_input(entered: Entered) -> PrinterIn:
    if entered.kind not in set(PrinterKind):
        raise InvalidInputError("This kind of printer is not known.", field="kind")
    return PrinterIn(
        name=entered.name,
        kind=PrinterKind(entered.kind),
        address=entered.address,
        takes=tuple(PrintFileKind(kind) for kind in entered.takes if kind in set(PrintFileKind)),
        media=entered.media,
        tray=entered.tray,
        dpi=int(entered.dpi) if entered.dpi.isdecimal() else 0,
    )


def _name(error: InvalidInputError) -> str:
    field = str(error.details.get("field"))
    if error.code == "printer_address" or field not in NAMES:
        return describe_error(error)
    return gettext("「%(name)s」を確かめてください。") % {"name": gettext(NAMES[field])}


def _show_form(
    request: Request,
    access: Access,
    session: Session,
    entered: Entered,
    *,
    printer: Printer | None = None,
    refused: InvalidInputError | None = None,
) -> Response:
    values: dict[str, Any] = {
        "entered": entered,
        "printer": printer,
        "refused": _name(refused) if refused else "",
        "wrong": refused.details.get("field", "") if refused else "",
        "warehouses": name_warehouses(session, access.shop_id),
        "kinds": list(PrinterKind),
        "files": list(PrintFileKind),
        "media": list(MEDIA.values()),
        "dpis": DPI,
    }
    return render(request, "pages/printer.html", access, session, status=422 if refused else 200, **values)


def _show_calibration(request: Request, access: Access, session: Session, printer: Printer, **shown: Any) -> Response:
    rules = find_rules(MEDIA[printer.media])
    given = {
        "rule_x": f"{rules[0]:g}",
        "rule_y": f"{rules[1]:g}",
        "cross_x": f"{CROSS_MM:g}",
        "cross_y": f"{CROSS_MM:g}",
    }
    values = {"given": given, "tried": None, "reasons": [], "failed": ""} | shown
    status = 422 if values["failed"] else 200
    return render(
        request,
        "pages/printer_calibration.html",
        access,
        session,
        printer=printer,
        rules=rules,
        status=status,
        **values,
    )
