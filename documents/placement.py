"""Checks that what a template places is on its page and has a possible size. Millimetres."""

from collections.abc import Iterator

from documents.errors import TemplateProblem
from documents.templates import AnyElement, Flow, Group, Page, Qr, Table, Template, TextBox
from documents.walking import walk_elements

_TOLERANCE = 0.01
# A QR symbol of version 3 with its quiet zone at three dots of a 203 dpi printer to a module.
_SMALLEST_QR = 14.0


def check_placement(template: Template) -> Iterator[TemplateProblem]:
    page = template.page
    for number, element in enumerate(template.elements):
        place = f"elements[{number}]"
        if element.x + _width(element) > page.width + _TOLERANCE:
            yield _off_page(place, "width")
        if element.y + _height(element) > page.height + _TOLERANCE:
            yield _off_page(place, "height")
        yield from _check_group(place, element)
    if template.flow is not None:
        yield from _check_flow(template.flow, page)
    for place, element in walk_elements(template):
        yield from _check_sizes(place, element)


def _check_flow(flow: Flow, page: Page) -> Iterator[TemplateProblem]:
    for name in ("first", "later"):
        frame = getattr(flow, name)
        if frame.bottom > page.height or frame.top >= frame.bottom:
            yield TemplateProblem(
                f"flow.{name}", "impossible_size", "流し込みの範囲が紙に収まりません", "The frame is not on the page"
            )
    for number, element in enumerate(flow.elements):
        place = f"flow.elements[{number}]"
        if element.x + _width(element) > page.width + _TOLERANCE:
            yield _off_page(place, "width")
        yield from _check_group(place, element)


def _check_group(place: str, element: AnyElement) -> Iterator[TemplateProblem]:
    if not isinstance(element, Group):
        return
    for number, child in enumerate(element.elements):
        where = f"{place}.elements[{number}]"
        if child.x + _width(child) > element.width - 2 * element.padding + _TOLERANCE:
            yield TemplateProblem(where, "off_group", "グループの幅からはみ出します", "It is wider than its group")
        yield from _check_group(where, child)


def _check_sizes(place: str, element: AnyElement) -> Iterator[TemplateProblem]:
    if isinstance(element, Qr) and element.text is None and element.size < _SMALLEST_QR:
        yield TemplateProblem(
            place + ".size",
            "impossible_size",
            f"QRコードは{_SMALLEST_QR:g}mm以上にしてください",
            f"A QR code needs {_SMALLEST_QR:g} mm or more",
        )
    if isinstance(element, TextBox) and element.overflow == "shrink" and element.height is None:
        yield TemplateProblem(
            place + ".overflow", "impossible_size", "縮小には高さが必要です", "To shrink, the box needs a height"
        )
    if isinstance(element, TextBox) and element.overflow == "continue":
        inside = place.count("elements") > 1 or not place.startswith("flow")
        if inside or element.height is not None:
            yield TemplateProblem(
                place + ".overflow",
                "impossible_size",
                "次のページへ続くのは流し込みの、高さを決めない枠だけです",
                "Only a box of the flow without a height can go on overleaf",
            )
    if isinstance(element, Table):
        columns = sum(column.width for column in element.columns) + element.gutter * (len(element.columns) - 1)
        columns += 2 * element.inset
        if abs(columns - element.width) > _TOLERANCE:
            yield TemplateProblem(
                place + ".columns",
                "impossible_size",
                f"列と間隔の合計{columns:g}mmが表の幅{element.width:g}mmと違います",
                f"Columns and gutters are {columns:g} mm, the table {element.width:g} mm wide",
            )


def _off_page(place: str, side: str) -> TemplateProblem:
    return TemplateProblem(f"{place}.{side}", "off_page", "紙からはみ出します", "It lies beyond the page")


def _width(element: AnyElement) -> float:
    return element.size if isinstance(element, Qr) else element.width


def _height(element: AnyElement) -> float:
    return element.size if isinstance(element, Qr) else getattr(element, "height", None) or 0.0
