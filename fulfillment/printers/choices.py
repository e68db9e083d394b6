"""How a file is printed: turned, separated, laid onto sheets of labels. Pure; remembered per printer as plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from documents.file_options import Calibration, Duplex, FileOptions, Separator
from fulfillment.printers.errors import PrinterInputError
from fulfillment.printers.media import SHEETS
from fulfillment.printers.models import Printer

SIDES = {
    Duplex.SIMPLEX: "one-sided",
    Duplex.LONG_EDGE: "two-sided-long-edge",
    Duplex.SHORT_EDGE: "two-sided-short-edge",
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """`sheet` is a key of `media.SHEETS`; `start` the first free label of the first sheet, from 1."""

    duplex: Duplex = Duplex.SIMPLEX
    separator: Separator = Separator.NONE
    sheet: str | None = None
    start: int = 1

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)


def read_choices(given: Mapping[str, Any]) -> Choices:
    """Read choices from a form or from what was kept. Raises PrinterInputError naming the field."""
    try:
        choices = Choices(
            duplex=Duplex(given.get("duplex") or Duplex.SIMPLEX),
            separator=Separator(given.get("separator") or Separator.NONE),
            sheet=given.get("sheet") or None,
            start=int(given.get("start") or 1),
        )
    except ValueError:
        raise PrinterInputError("choices", "These choices are not known.") from None
    if choices.sheet is not None and choices.sheet not in SHEETS:
        raise PrinterInputError("sheet", "This sheet of labels is not known.")
    most = SHEETS[choices.sheet].sheet.count if choices.sheet else 1
    if choices.sheet is not None and not 1 <= choices.start <= most:
        raise PrinterInputError("start", f"The first free label is one of 1 to {most}.")
    return choices


def make_options(choices: Choices, printer: Printer | None, title: str) -> FileOptions:
    """Return what the file has to be for a printer: with its correction, scaled the other way of its error."""
    sheet = replace(SHEETS[choices.sheet].sheet, start=choices.start) if choices.sheet else None
    return FileOptions(
        title=title,
        page_labels=True,
        bookmarks=True,
        duplex=choices.duplex,
        separator=choices.separator,
        sheet=sheet,
        tray_by_size=printer is not None and printer.tray is not None,
        calibration=read_calibration(printer) if printer is not None else Calibration(),
    )


def read_calibration(printer: Printer) -> Calibration:
    return Calibration(
        scale_x=1 + printer.scale_x / 1000,
        scale_y=1 + printer.scale_y / 1000,
        offset_x=printer.offset_x,
        offset_y=printer.offset_y,
    )
