"""What a file of copies is beside its pages: how it is named, found through, printed and laid onto sheets."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_TOLERANCE = 0.01


class Duplex(StrEnum):
    """How sheets are turned. Duplex copies begin on fronts: a blank back is put in where one is missing."""

    SIMPLEX = "simplex"
    LONG_EDGE = "long_edge"
    SHORT_EDGE = "short_edge"


class Separator(StrEnum):
    """What stands before each group of copies (`CopySpec.group`): nothing, a blank page, or a page with its name."""

    NONE = "none"
    BLANK = "blank"
    TITLED = "titled"


@dataclass(frozen=True, kw_only=True)
class LabelSheet:
    """A sheet of equal labels, in mm: where the first one lies, how far apart they are, which is free first.

    `start` counts from 1, row by row; it concerns the first sheet only. ValueError for what cannot be on the sheet.
    """

    width: float
    height: float
    columns: int
    rows: int
    label_width: float
    label_height: float
    left: float = 0.0
    top: float = 0.0
    column_gap: float = 0.0
    row_gap: float = 0.0
    start: int = 1

    def __post_init__(self) -> None:
        if self.columns < 1 or self.rows < 1 or not 1 <= self.start <= self.count:
            raise ValueError("A sheet has at least one label, and starts at one of them.")
        if min(self.width, self.height, self.label_width, self.label_height) <= 0:
            raise ValueError("A sheet and its labels have a size.")
        if min(self.left, self.top, self.column_gap, self.row_gap) < 0:
            raise ValueError("Margins and gaps are not negative.")
        right = self.left + self.columns * self.label_width + (self.columns - 1) * self.column_gap
        bottom = self.top + self.rows * self.label_height + (self.rows - 1) * self.row_gap
        if right > self.width + _TOLERANCE or bottom > self.height + _TOLERANCE:
            raise ValueError("The labels reach beyond their sheet.")

    @property
    def count(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What makes a printer exact: what is drawn is scaled about the top left corner of the sheet and moved (mm, right
    and down). A rule of 100 mm that measures 99.4 asks for a scale of 100 / 99.4.
    """

    scale_x: float = 1.0
    scale_y: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0

    def __post_init__(self) -> None:
        if not (0.9 <= self.scale_x <= 1.1 and 0.9 <= self.scale_y <= 1.1):
            raise ValueError("A printer is corrected by 10 % at most.")
        if max(abs(self.offset_x), abs(self.offset_y)) > 20:
            raise ValueError("A printer is corrected by 20 mm at most.")

    @property
    def is_neutral(self) -> bool:
        return self.scale_x == self.scale_y == 1.0 and self.offset_x == self.offset_y == 0.0


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """`title`, `author` and `created_at` are told in the file's properties; the same options give the same bytes.

    `page_labels`: pages are called by their copy's reference and number. `bookmarks`: one for each reference, under
    its group where there are groups. `pdf_a`: PDF/A-2b. `tray_by_size`: the reader asks the printer for the tray
    that holds this size (a hint: not every reader heeds it).
    """

    title: str = ""
    author: str = ""
    created_at: datetime | None = None
    page_labels: bool = False
    bookmarks: bool = False
    pdf_a: bool = False
    duplex: Duplex = Duplex.SIMPLEX
    separator: Separator = Separator.NONE
    sheet: LabelSheet | None = None
    tray_by_size: bool = False
    calibration: Calibration = field(default_factory=Calibration)

    def __post_init__(self) -> None:
        if self.created_at is not None and self.created_at.tzinfo is None:
            raise ValueError("The moment of a file needs its time zone.")
        if not (self.title + self.author).isprintable():
            raise ValueError("Title and author hold printable characters only.")


PLAIN = FileOptions()
