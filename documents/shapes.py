"""Lines, boxes, ornaments and pictures, compiled."""

import re
from functools import lru_cache
from typing import NamedTuple

from documents.errors import DocumentError, Refusal
from documents.ink import Ink
from documents.pictures import PictureError, read_picture
from documents.setting import Draw, Setting, Values
from documents.templates import Box, Group, Image, Line, Path, Picture
from documents.typesetting import SHARES, write_color
from documents.units import MM

_PATH_STEP = re.compile(r"([MLCZ])([^MLCZ]*)")
# Control points of a quarter circle by a cubic curve.
_ROUND = 0.5523


def compile_line(element: Line, setting: Setting) -> Draw:
    head = f"{write_color(element.color)} RG {element.weight:g} w"
    dash = f"[{element.dash[0] * MM:.2f} {element.dash[1] * MM:.2f}] 0 d " if element.dash else ""
    after = " [] 0 d" if element.dash else ""
    left, top = setting.left, setting.top
    right, height = left + element.width * MM, element.height * MM

    def draw(_values: Values, ink: Ink, y: float) -> float:
        at = top - y
        line = f"{dash}{head} {left:.2f} {at:.2f} m {right:.2f} {at - height:.2f} l S{after}"
        ink.parts.append(line.encode())
        return height

    return draw


def compile_box(element: Box, setting: Setting) -> Draw:
    height = element.height * MM

    def draw(_values: Values, ink: Ink, y: float) -> float:
        ink.parts.append(make_frame(element, setting, y, height))
        return height

    return draw


def make_frame(element: Box | Group, setting: Setting, y: float, height: float) -> bytes:
    """Return the rectangle of an element that is `height` tall."""
    width, radius = element.width * MM, element.radius * MM
    x, bottom = setting.left, setting.top - y - height
    outline = f"{x:.2f} {bottom:.2f} {width:.2f} {height:.2f} re"
    if radius:
        outline = round_rectangle(x, bottom, width, height, min(radius, width / 2, height / 2))
    return paint_outline(outline, element.fill, element.stroke, element.weight, element.dash)


def compile_path(element: Path, setting: Setting) -> Draw:
    steps = tuple(
        (operator, tuple(float(number) * MM for number in numbers.split()))
        for operator, numbers in _PATH_STEP.findall(element.commands)
    )

    def draw(_values: Values, ink: Ink, y: float) -> float:
        written = []
        for operator, numbers in steps:
            points = zip(numbers[::2], numbers[1::2], strict=True)
            placed = [f"{setting.left + x:.2f} {setting.top - y - down:.2f}" for x, down in points]
            written.append(" ".join([*placed, {"Z": "h"}.get(operator, operator.lower())]))
        ink.parts.append(paint_outline(" ".join(written), element.fill, element.stroke, element.weight))
        return element.height * MM

    return draw


def paint_outline(
    outline: str, fill: str | None, stroke: str | None, weight: float, dash: tuple[float, float] | None = None
) -> bytes:
    """Return the operators that fill and stroke an outline; `dash` in millimetres."""
    colors = f"{write_color(fill)} rg " if fill else ""
    if stroke:
        colors += f"{write_color(stroke)} RG {weight:g} w "
    if dash:
        colors += f"[{dash[0] * MM:.2f} {dash[1] * MM:.2f}] 0 d "
    operator = {(True, True): "B", (True, False): "f", (False, True): "S"}.get((bool(fill), bool(stroke)), "n")
    return f"{colors}{outline} {operator}{' [] 0 d' if dash else ''}".encode()


@lru_cache(maxsize=1024)
def round_rectangle(x: float, y: float, width: float, height: float, radius: float) -> str:
    right, top, bend = x + width, y + height, radius * (1 - _ROUND)
    return (
        f"{x + radius:.2f} {y:.2f} m {right - radius:.2f} {y:.2f} l "
        f"{right - bend:.2f} {y:.2f} {right:.2f} {y + bend:.2f} {right:.2f} {y + radius:.2f} c "
        f"{right:.2f} {top - radius:.2f} l "
        f"{right:.2f} {top - bend:.2f} {right - bend:.2f} {top:.2f} {right - radius:.2f} {top:.2f} c "
        f"{x + radius:.2f} {top:.2f} l "
        f"{x + bend:.2f} {top:.2f} {x:.2f} {top - bend:.2f} {x:.2f} {top - radius:.2f} c "
        f"{x:.2f} {y + radius:.2f} l "
        f"{x:.2f} {y + bend:.2f} {x + bend:.2f} {y:.2f} {x + radius:.2f} {y:.2f} c h"
    )


def compile_image(element: Image, setting: Setting) -> Draw:
    """The picture of a slot, scaled to fit its box."""

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        data = values.get(element.slot)
        return None if data is None else _place_picture(element, element.slot, data, setting, ink, y)

    return draw


def compile_picture(element: Picture, setting: Setting) -> Draw:
    """A picture of the library, scaled to fit its box."""
    data = setting.pictures.get(element.picture)

    def draw(_values: Values, ink: Ink, y: float) -> float:
        if data is None:
            raise DocumentError(Refusal.BROKEN_IMAGE, element.picture, note="–")
        return _place_picture(element, element.picture, data, setting, ink, y)

    return draw


def _place_picture(element: Image | Picture, field: str, data: bytes, setting: Setting, ink: Ink, y: float) -> float:
    box = Rectangle(setting.left, setting.top - y, element.width * MM, element.height * MM)
    draw_picture(ink, data, field, box, element.align)
    return box.height


class Rectangle(NamedTuple):
    """`top` is measured from the bottom of the page or strip, as everything in points is."""

    left: float
    top: float
    width: float
    height: float


def draw_picture(ink: Ink, data: bytes, field: str, box: Rectangle, align: str) -> None:
    """Draw a picture file into a box as large as it fits; `field` is named where it cannot be used."""
    try:
        picture = read_picture(data)
    except PictureError as error:
        raise DocumentError(Refusal.BROKEN_IMAGE, field, note=str(error)) from None
    scale = min(box.width / picture.width, box.height / picture.height)
    width, height = picture.width * scale, picture.height * scale
    left = box.left + (box.width - width) * SHARES[align]
    bottom = box.top - (box.height + height) / 2
    name = f"I{picture.digest[:16]}"
    ink.pictures[name] = picture
    ink.parts.append(f"q {width:.2f} 0 0 {height:.2f} {left:.2f} {bottom:.2f} cm /{name} Do Q".encode())
