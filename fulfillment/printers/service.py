"""Adding, changing and calibrating printers. Only an administrator of all shops of a warehouse may."""

from dataclasses import dataclass
from ipaddress import ip_address
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.auth.authority import Authority
from core.db import system_scope
from core.errors import ForbiddenError
from core.tenancy import WarehouseShop
from fulfillment.packing.models import PrintFileKind
from fulfillment.printers.addresses import is_permitted, read_address
from fulfillment.printers.calibration import Measured, correct
from fulfillment.printers.choices import read_calibration
from fulfillment.printers.errors import PrinterAddressError, PrinterInputError, PrinterNotFoundError
from fulfillment.printers.media import MEDIA
from fulfillment.printers.models import Printer, PrinterKind

DPI = (203, 300, 600)


@dataclass(frozen=True, kw_only=True)
class PrinterIn:
    """What is entered of a printer. `takes`: the kinds of files it is offered for."""

    name: str
    kind: PrinterKind
    address: str = ""
    takes: tuple[PrintFileKind, ...] = tuple(PrintFileKind)
    media: str = "iso_a4_210x297mm"
    tray: str = ""
    dpi: int = 600


def save_printer(
    session: Session, shop_id: UUID, warehouse_id: UUID, given: PrinterIn, printer_id: UUID | None = None
) -> Printer:
    """Add a printer, or change one; `shop_id` is the shop of the person, for the record.

    Raises PrinterInputError or PrinterAddressError naming the field.
    """
    address = _check(given)
    _check_name(session, warehouse_id, given.name.strip(), printer_id)
    if printer_id is None:
        printer = Printer(warehouse_id=warehouse_id)
        session.add(printer)
    else:
        printer = get_printer(session, warehouse_id, printer_id)
    printer.name, printer.kind, printer.address = given.name.strip(), given.kind, address
    printer.takes, printer.media = sorted(kind.value for kind in given.takes), given.media
    printer.tray, printer.dpi = given.tray.strip() or None, given.dpi
    session.flush()  # Its id is answered.
    details = {"printer": str(printer.id), "kind": printer.kind.value}
    record(session, "fulfillment:printer:save", shop_id=shop_id, subject_id=printer.id, details=details)
    return printer


def _check(given: PrinterIn) -> str | None:
    if not 0 < len(given.name.strip()) <= 80:
        raise PrinterInputError("name", "A printer needs a name of at most 80 characters.")
    if given.media not in MEDIA:
        raise PrinterInputError("media", "This paper is not known.")
    if given.dpi not in DPI:
        raise PrinterInputError("dpi", "A printer has 203, 300 or 600 dots to the inch.")
    if not given.takes:
        raise PrinterInputError("takes", "A printer takes at least one kind of papers.")
    if given.kind is PrinterKind.DOWNLOAD or (given.kind is PrinterKind.ZPL and not given.address.strip()):
        return None
    address = read_address(given.kind, given.address)
    try:
        machine = ip_address(address.host)
    except ValueError:
        return given.address.strip()  # A name: what it means is looked up whenever it is used.
    if not is_permitted(machine):
        raise PrinterAddressError("public")
    return given.address.strip()


def _check_name(session: Session, warehouse_id: UUID, name: str, printer_id: UUID | None) -> None:
    statement = select(Printer.id).where(Printer.warehouse_id == warehouse_id, Printer.name == name)
    taken = session.scalar(statement)
    if taken is not None and taken != printer_id:
        raise PrinterInputError("name", "Another printer of this warehouse has this name.")


def get_printer(session: Session, warehouse_id: UUID, printer_id: UUID) -> Printer:
    printer = session.get(Printer, printer_id)
    if printer is None or printer.warehouse_id != warehouse_id or printer.removed_at is not None:
        raise PrinterNotFoundError(printer_id)
    return printer


def remove_printer(session: Session, shop_id: UUID, warehouse_id: UUID, printer_id: UUID) -> None:
    """Take a printer out of use; the log keeps its name. Its name is free again."""
    printer = get_printer(session, warehouse_id, printer_id)
    printer.removed_at = clock.now()
    printer.name = f"{printer.name} ({printer.id})"
    record(session, "fulfillment:printer:remove", shop_id=shop_id, subject_id=printer.id)


def calibrate(session: Session, shop_id: UUID, warehouse_id: UUID, printer_id: UUID, measured: Measured) -> Printer:
    """Correct a printer by what was measured on a page that was printed with the correction it has now."""
    printer = get_printer(session, warehouse_id, printer_id)
    after = correct(read_calibration(printer), measured, MEDIA[printer.media])
    printer.scale_x, printer.scale_y = (round((scale - 1) * 1000, 3) for scale in (after.scale_x, after.scale_y))
    printer.offset_x, printer.offset_y = round(after.offset_x, 3), round(after.offset_y, 3)
    printer.calibrated_at = clock.now()
    details = {"scale": [printer.scale_x, printer.scale_y], "offset": [printer.offset_x, printer.offset_y]}
    record(session, "fulfillment:printer:calibrate", shop_id=shop_id, subject_id=printer.id, details=details)
    return printer


def check_keeper(authority: Authority, warehouse_id: UUID) -> None:
    """Refuse who may not change the printers of a warehouse: papers of all its shops go there.

    All its shops are looked at, also those that the caller may not see.
    """
    if authority.everywhere:
        return
    with system_scope() as session:
        shops = set(session.scalars(select(WarehouseShop.shop_id).where(WarehouseShop.warehouse_id == warehouse_id)))
    if not shops or not shops <= authority.shop_ids:
        raise ForbiddenError("Only an administrator of all shops of this warehouse may change its printers.")
