"""Lays a copy out: its flow on as many pages as it needs, and the fixed elements of each page.

A template is compiled once. What returns from copy to copy — the shop's address, a wave's date — is drawn once, too.
"""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from documents.checking import CompiledTemplate
from documents.drawing import compile_element, list_patterns, list_values
from documents.errors import DocumentError
from documents.flowing import CompiledFlow, Placement
from documents.ink import Fragment, Ink
from documents.setting import ALWAYS_ABSENT, Draw, Setting, Values, Watch
from documents.specs import CopySpec
from documents.templates import AnyElement, Box, Group, Line, Path, Picture, Text, TextBox, VerticalBox
from documents.typesetting import get_type_style
from documents.units import MM
from documents.values import Before, Reader

BUILT_IN = {ALWAYS_ABSENT, "copy_url", "copy_code", "copy_code_plain", "page", "pages"}


class Page(NamedTuple):
    """`static` never changes between the copies of a template, and is drawn first."""

    width: float
    height: float
    static: Fragment | None
    ink: Ink


class Piece(NamedTuple):
    """A fixed element and the distance of its top from that of the page."""

    draw: Draw
    y: float


class Program:
    """A template compiled: copies in, pages out."""

    def __init__(self, compiled: CompiledTemplate, watch: Watch | None = None) -> None:
        template = compiled.template
        self._template, self._watch = template, watch
        self.width, self.height = template.page.width * MM, template.page.height * MM
        styles = {name: get_type_style(style) for name, style in template.styles.items()}
        strips = Setting(styles, compiled.slots, pictures=compiled.pictures, watch=watch)
        self._setting = replace(strips, top=self.height)
        flow = () if template.flow is None else template.flow.elements
        everything = (*template.elements, *flow)
        patterns = {text for element in everything for text in list_patterns(element)}
        looked_at = {key for element in everything for key in list_values(element)} | BUILT_IN
        self._blank = dict.fromkeys(looked_at)
        self._reader = Reader(compiled.slots, patterns, looked_at, template.language)
        self._pieces = [
            (element, self._make_piece(element)) for element in template.elements if not self._is_static(element)
        ]
        self._own_pictures = [(name, data) for name, data in compiled.pictures.items() if name in compiled.slots]
        self._lists: dict[tuple[bool, bool], list[Piece]] = {}
        self._static = {first: self._draw_static(first) for first in (True, False)}
        self._flow = None if template.flow is None else CompiledFlow(template.flow, strips)

    def begin(self) -> Before:
        """Return what one run remembers from copy to copy."""
        return self._reader.begin()

    def lay_out(self, spec: CopySpec, before: Before) -> list[Page]:
        """Return the pages of a copy; raises DocumentError, naming field, character and the copy's reference."""
        try:
            return self._lay_out(spec, before)
        except DocumentError as error:
            raise error.of_copy(spec.reference) from None

    def _lay_out(self, spec: CopySpec, before: Before) -> list[Page]:
        values = self._reader.read(spec, before)
        for name, data in self._own_pictures:
            if values[name] is None:
                values[name] = data
        flowing = self._paginate(values)
        count = len(flowing)
        values["pages"] = str(count)
        pages = []
        for number, placements in enumerate(flowing, 1):
            values["page"] = str(number)
            ink = Ink()
            for piece in self._list_pieces(number == 1, number == count):
                piece.draw(values, ink, piece.y)
            parts, height = ink.parts, self.height
            for x, y, content in placements:
                if isinstance(content, Fragment):
                    parts.append((x, height - y, content))
                else:
                    ink.place(content, x, height - y)
            if self._watch is not None:
                self._watch.page(ink, placements)
            pages.append(Page(self.width, self.height, self._static[number == 1], ink))
        return pages

    def _paginate(self, values: Values) -> list[tuple[Placement, ...]]:
        if self._flow is None or self._template.flow is None:
            return [()]
        if self._watch is not None:
            return self._watch.paginate(self._template.flow, self._flow.cut(values))
        return self._flow.set(values)

    def _is_static(self, element: AnyElement) -> bool:
        return self._watch is None and is_static(element)

    def _make_piece(self, element: AnyElement) -> Piece:
        return Piece(compile_element(element, self._setting.moved(element.x * MM)), element.y * MM)

    def _list_pieces(self, first: bool, last: bool) -> list[Piece]:
        known = self._lists.get((first, last))
        if known is None:
            known = [piece for element, piece in self._pieces if _is_on(element, first, last)]
            self._lists[first, last] = known
        return known

    def _draw_static(self, first: bool) -> Fragment | None:
        """Return what is the same on every first (or later) page."""
        ink = Ink()
        for element in self._template.elements:
            if self._is_static(element) and element.on in ("every", "first" if first else "later"):
                compile_element(element, self._setting.moved(element.x * MM))(self._blank, ink, element.y * MM)
        return ink.cut() if ink.parts else None


@lru_cache(maxsize=256)
def get_program(compiled: CompiledTemplate) -> Program:
    return Program(compiled)


def _is_on(element: AnyElement, first: bool, last: bool) -> bool:
    if element.type == "page_number" and element.only_if_many and first and last:
        return False
    return {"every": True, "first": first, "later": not first, "last": last}[element.on]


def is_static(element: AnyElement) -> bool:
    """Say whether an element is the same in every copy."""
    if element.show_if_slot or element.show_if_flag or element.on == "last":
        return False
    if isinstance(element, Group):
        return all(is_static(child) for child in element.elements)
    if isinstance(element, Text | TextBox | VerticalBox):
        return not list(list_values(element))
    return isinstance(element, Line | Box | Path | Picture)
