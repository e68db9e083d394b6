"""Lays a copy out: its flow on as many pages as it needs, and the fixed elements of each page."""

from dataclasses import replace
from functools import lru_cache

from documents.checking import CompiledTemplate
from documents.context import Context
from documents.drawing import draw_element
from documents.errors import DocumentError
from documents.flowing import cut_strips, paginate
from documents.formatting import list_fields
from documents.marks import MM, LaidOutPage, Mark, Placement
from documents.specs import CopySpec
from documents.templates import AnyElement, Box, Group, Line, Path, Text, TextBox
from documents.typesetting import get_type_style
from documents.values import resolve_values


def lay_out_copy(spec: CopySpec) -> list[LaidOutPage]:
    """Return the pages of a copy; raises DocumentError, naming field, character and the copy's reference."""
    try:
        return _lay_out(spec)
    except DocumentError as error:
        raise error.of_copy(spec.reference) from None


def _lay_out(spec: CopySpec) -> list[LaidOutPage]:
    template = spec.template.template
    context = _make_context(spec)
    flowing: list[tuple[Placement, ...]] = [()]
    if template.flow is not None:
        flowing = paginate(template.flow, cut_strips(template.flow, context))
    pages = []
    for number, placements in enumerate(flowing, 1):
        fixed = _draw_fixed(spec, context, number, len(flowing))
        static = draw_static(spec.template, number == 1)
        page = template.page
        pages.append(LaidOutPage(page.width * MM, page.height * MM, static, (Placement(0.0, 0.0, fixed), *placements)))
    return pages


def _make_context(spec: CopySpec) -> Context:
    styles = {name: get_type_style(style) for name, style in spec.template.template.styles.items()}
    return Context(styles, resolve_values(spec), spec.flags, spec.template.language, spec.url)


def _draw_fixed(spec: CopySpec, context: Context, page: int, pages: int) -> tuple[Mark, ...]:
    context = replace(context, values={**context.values, "page": page, "pages": pages})
    marks: list[Mark] = []
    for element in _list_dynamic(spec.template):
        if _is_on(element, page, pages):
            draw_element(element, context, element.x * MM, element.y * MM, marks)
    return tuple(marks)


def _is_on(element: AnyElement, page: int, pages: int) -> bool:
    if element.type == "page_number" and element.only_if_many and pages == 1:
        return False
    return {"every": True, "first": page == 1, "later": page > 1, "last": page == pages}[element.on]


@lru_cache(maxsize=256)
def _list_dynamic(compiled: CompiledTemplate) -> tuple[AnyElement, ...]:
    return tuple(element for element in compiled.template.elements if not _is_static(element))


@lru_cache(maxsize=512)
def draw_static(compiled: CompiledTemplate, first: bool) -> tuple[Mark, ...]:
    """Return what is the same on every first (or later) page of a template."""
    styles = {name: get_type_style(style) for name, style in compiled.template.styles.items()}
    context = Context(styles, {}, frozenset(), compiled.language, "")
    marks: list[Mark] = []
    for element in compiled.template.elements:
        if _is_static(element) and element.on in ("every", "first" if first else "later"):
            draw_element(element, context, element.x * MM, element.y * MM, marks)
    return tuple(marks)


def _is_static(element: AnyElement) -> bool:
    if element.show_if_slot or element.show_if_flag or element.on == "last":
        return False
    if isinstance(element, Group):
        return all(_is_static(child) for child in element.elements)
    if isinstance(element, Text | TextBox):
        return not list_fields(element.text)
    return isinstance(element, Line | Box | Path)
