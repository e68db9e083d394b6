"""What a laid-out page is made of: marks at fixed places. Points, from the top left of the page or strip, y down."""

from typing import NamedTuple

from documents.matrix_codes import Symbol
from documents.pictures import Picture
from documents.typefaces import Face

MM = 72 / 25.4


class TextMark(NamedTuple):
    """`y` is the baseline; `tracking` in points."""

    x: float
    y: float
    text: str
    face: Face
    size: float
    color: str
    tracking: float


class RectMark(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    fill: str | None
    stroke: str | None
    weight: float
    radius: float


class LineMark(NamedTuple):
    x: float
    y: float
    to_x: float
    to_y: float
    color: str
    weight: float
    dash: tuple[float, float] | None


class PathMark(NamedTuple):
    """`steps` are operators of a PDF path with coordinates in points, y down, from (x, y)."""

    x: float
    y: float
    steps: tuple[tuple[str, tuple[float, ...]], ...]
    fill: str | None
    stroke: str | None
    weight: float


class ImageMark(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    picture: Picture


class QrMark(NamedTuple):
    """`size` without quiet zone."""

    x: float
    y: float
    size: float
    symbol: Symbol


class BarsMark(NamedTuple):
    """Bars and spaces by turns, `widths` in modules."""

    x: float
    y: float
    module: float
    height: float
    widths: tuple[int, ...]


Mark = TextMark | RectMark | LineMark | PathMark | ImageMark | QrMark | BarsMark


class Placement(NamedTuple):
    """Marks moved to their place on a page."""

    x: float
    y: float
    marks: tuple[Mark, ...]


class LaidOutPage(NamedTuple):
    """`static` never changes between the copies of a template, and is drawn first."""

    width: float
    height: float
    static: tuple[Mark, ...]
    placements: tuple[Placement, ...]
