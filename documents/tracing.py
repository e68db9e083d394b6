"""Draws a copy for the designer: everything that can be drawn, where each element came to stand, and what is wrong.

Never for print: what cannot be drawn right is left out here and told, instead of refusing the whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from documents.composing import Page, Program
from documents.errors import DocumentError
from documents.flowing import Placement, Strip, paginate
from documents.ink import Ink
from documents.pdf_file import PdfFile
from documents.setting import Draw, Setting, Values
from documents.specs import CopySpec
from documents.templates import AnyElement, Flow
from documents.units import MM
from documents.walking import list_used_slots, walk_elements

_MOST_FAULTS = 60
# How tall something is taken to be that could not be drawn and says no height itself.
_GUESS = 5 * MM


@dataclass(frozen=True)
class Mark:
    """Where an element stands: page from 1, millimetres from the page's top left."""

    place: str
    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Fault:
    """What could not be drawn. `place` is empty when no element is to blame."""

    place: str
    error: DocumentError


@dataclass(frozen=True)
class Trace:
    """`pdf` is None when nothing could be drawn at all."""

    pdf: bytes | None
    pages: int
    marks: tuple[Mark, ...]
    faults: tuple[Fault, ...]


def trace_copy(spec: CopySpec) -> Trace:
    """Draw a copy as far as it can be drawn. Values that cannot be read are left out, needed ones become samples."""
    template = spec.template.template
    faults: list[Fault] = []
    given_up: set[str] = set()
    while True:
        follower = _Follower({id(element): place for place, element in walk_elements(template)})
        try:
            program = Program(spec.template, follower)
            pages = program.lay_out(spec, program.begin())
        except DocumentError as error:
            slot = error.field.partition("[")[0]
            places = list_used_slots(template).get(slot, [""])
            faults += [Fault(place, error) for place in places]
            if slot in given_up or slot not in spec.template.slots:
                return Trace(None, 0, (), tuple(faults))
            given_up.add(slot)
            spec = replace(spec, values={**spec.values, slot: spec.template.slots[slot].sample})
            continue
        faults += follower.faults[:_MOST_FAULTS]
        return Trace(_write(pages, template.language), len(pages), tuple(follower.list_marks()), tuple(faults))


def _write(pages: list[Page], language: str) -> bytes:
    sink = BytesIO()
    file = PdfFile(sink, language)
    for page in pages:
        file.add_page(page)
    file.finish()
    return sink.getvalue()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An element as it was drawn into an ink, in points from its top left."""

    place: str
    x: float
    y: float
    width: float
    height: float


class _Follower:
    """Takes note while a copy is laid out. Points; y downwards from the top of what the ink stands for."""

    def __init__(self, places: dict[int, str]) -> None:
        self._places = places
        self._drawn: dict[int, list[_Drawn]] = {}  # by ink
        self._strips: dict[int, _Drawn] = {}  # by content
        self._owners: dict[int, AnyElement] = {}  # by content
        self._kept: list[Any] = []  # what is known by its id must stay
        self._pages: list[tuple[Ink, tuple[Placement, ...]]] = []
        self.faults: list[Fault] = []

    def draw(self, element: AnyElement, setting: Setting, draw: Draw) -> Draw:
        place = self._places[id(element)]

        def follow(values: Values, ink: Ink, y: float) -> float | None:
            try:
                height = draw(values, ink, y)
            except DocumentError as error:
                self.faults.append(Fault(place, error))
                height = _guess_height(element)
            if height is not None:
                drawn = _Drawn(place, setting.left, y, _width(element), height)
                self._drawn.setdefault(id(ink), []).append(drawn)
                self._kept.append(ink)
            return height

        return follow

    def cut(self, element: AnyElement, cut: Callable[[Values], list[Strip]]) -> Callable[[Values], list[Strip]]:
        place = self._places[id(element)]

        def follow(values: Values) -> list[Strip]:
            try:
                strips = cut(values)
            except DocumentError as error:
                self.faults.append(Fault(place, error))
                return []
            for strip in strips:
                self._strips[id(strip.content)] = _Drawn(place, strip.x, 0.0, _width(element), strip.height)
                self._kept.append(strip.content)
            return strips

        return follow

    def paginate(self, flow: Flow, strips: list[Strip]) -> list[tuple[Placement, ...]]:
        """Set the strips; one that is taller than a page is left out and told."""
        while True:
            try:
                return paginate(flow, strips)
            except DocumentError as error:
                tallest = max(strips, key=lambda strip: strip.height)
                self.faults.append(Fault(self._strips[id(tallest.content)].place, error))
                strips = [strip for strip in strips if strip is not tallest]

    def page(self, ink: Ink, placements: tuple[Placement, ...]) -> None:
        self._pages.append((ink, placements))

    def list_marks(self) -> list[Mark]:
        """Return one mark for each element on each page: around everything it drew there."""
        found: dict[tuple[str, int], Mark] = {}
        for page, (ink, placements) in enumerate(self._pages, 1):
            for x, y, drawn in self._list_drawn(ink, placements):
                mark = Mark(
                    drawn.place, page, (x + drawn.x) / MM, (y + drawn.y) / MM, drawn.width / MM, drawn.height / MM
                )
                before = found.get((drawn.place, page))
                found[drawn.place, page] = mark if before is None else _surround(before, mark)
        return list(found.values())

    def _list_drawn(self, ink: Ink, placements: tuple[Placement, ...]) -> Iterator[tuple[float, float, _Drawn]]:
        for drawn in self._drawn.get(id(ink), ()):
            yield 0.0, 0.0, drawn
        for x, y, content in placements:
            strip = self._strips.get(id(content))
            if strip is not None:
                yield 0.0, y, strip
            for drawn in self._drawn.get(id(content), ()):
                yield x, y, drawn


def _surround(one: Mark, other: Mark) -> Mark:
    x, y = min(one.x, other.x), min(one.y, other.y)
    right = max(one.x + one.width, other.x + other.width)
    bottom = max(one.y + one.height, other.y + other.height)
    return Mark(one.place, one.page, x, y, right - x, bottom - y)


def _width(element: AnyElement) -> float:
    width: float | None = getattr(element, "width", None) or getattr(element, "size", None)
    return (width or 0.0) * MM


def _guess_height(element: AnyElement) -> float:
    height: float | None = getattr(element, "height", None) or getattr(element, "size", None)
    return height * MM if height else _GUESS
