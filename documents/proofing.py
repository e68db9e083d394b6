"""What a printer's reader would mark on a proof: what does not fit or cannot be read, each with its element."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from documents.checking import CompiledTemplate
from documents.contrast import find_ratio, least_ratio
from documents.errors import Refusal
from documents.templates import AnyElement, Box, Group, Kind, Line, Path, Picture, Style, Table
from documents.tracing import Fault, Mark, Trace
from documents.translating import list_foreign_texts
from documents.walking import walk_elements

# What laser and ink-jet printers leave white at the edge; printers of labels print nearly to it. Millimetres.
UNPRINTABLE: Final = 4.2
UNPRINTABLE_LABEL: Final = 1.0
_TOLERANCE: Final = 0.05
_WARNING, _ERROR = "warning", "error"
_CODES: Final = {
    Refusal.TOO_LONG: "overflow",
    Refusal.MISSING_GLYPH: "missing_glyph",
    Refusal.UNUSUAL_CHARACTER: "missing_glyph",
    Refusal.CODE_TOO_SMALL: "small_code",
}
_SMALLEST_TEXT: Final = 6.0
_LONGEST_QUOTE: Final = 30


@dataclass(frozen=True)
class Finding:
    """`severity` error: such a copy would not be printed; warning: it would, but not well."""

    place: str
    code: str
    severity: str
    page: int
    ja: str
    en: str


def proof(compiled: CompiledTemplate, trace: Trace, *, unprintable: float | None = None) -> list[Finding]:
    """Return what is wrong with a traced copy, errors first. `unprintable`: the printer's own margin in mm."""
    margin = unprintable
    if margin is None:
        margin = UNPRINTABLE_LABEL if compiled.template.kind is Kind.LABEL else UNPRINTABLE
    elements = dict(walk_elements(compiled.template))
    marks = {mark.place: mark for mark in reversed(trace.marks)}
    found = [
        *(_tell_fault(fault, marks) for fault in trace.faults),
        *_find_unprintable(compiled, elements, trace, margin),
        *_find_faint(compiled, elements, marks),
        *_find_tiny(compiled, elements, marks),
        *_find_foreign(compiled, marks),
    ]
    return sorted(found, key=lambda finding: finding.severity)


def _tell_fault(fault: Fault, marks: dict[str, Mark]) -> Finding:
    error = fault.error
    code = _CODES.get(Refusal(error.code), str(error.code))
    page = marks[fault.place].page if fault.place in marks else 1
    return Finding(fault.place, code, _ERROR, page, error.message_ja, error.message)


def _find_unprintable(
    compiled: CompiledTemplate, elements: dict[str, AnyElement], trace: Trace, margin: float
) -> Iterator[Finding]:
    page = compiled.template.page
    told = set()
    for mark in trace.marks:
        element = elements.get(mark.place)
        if element is None or isinstance(element, Group) or mark.place in told or _is_bleed(element, mark, page):
            continue
        right, bottom = page.width - mark.x - mark.width, page.height - mark.y - mark.height
        least = min(mark.x, mark.y, right, bottom)
        if least < margin - _TOLERANCE:
            told.add(mark.place)
            yield Finding(
                mark.place,
                "unprintable_margin",
                _WARNING,
                mark.page,
                f"紙の端から{max(least, 0):.1f}mmです。端の{margin:g}mmは印刷できないプリンターがあります。",
                f"It stands {max(least, 0):.1f} mm from the edge; many printers leave {margin:g} mm unprinted.",
            )


def _is_bleed(element: AnyElement, mark: Mark, page: object) -> bool:
    """Say whether it is an area that runs off the page on purpose: white at the edge does not harm it."""
    return isinstance(element, Box | Picture | Path) and (
        mark.width >= getattr(page, "width", 0) - _TOLERANCE or mark.height >= getattr(page, "height", 0) - _TOLERANCE
    )


def _find_faint(
    compiled: CompiledTemplate, elements: dict[str, AnyElement], marks: dict[str, Mark]
) -> Iterator[Finding]:
    styles = compiled.template.styles
    fills = [
        (marks[place], fill)
        for place, element in elements.items()
        if place in marks and (fill := getattr(element, "fill", None)) and isinstance(element, Box | Group)
    ]
    for place, element in elements.items():
        mark = marks.get(place)
        if mark is None:
            continue
        under = [fill for area, fill in fills if _holds(area, mark)]
        paper = under[-1] if under else "#ffffff"
        for name in _list_styles(element):
            style = styles[name]
            ratio = find_ratio(style.color, paper)
            if ratio < least_ratio(style.size, bold=style.bold):
                yield _tell_faint(place, mark, name, style, paper, ratio)
        if isinstance(element, Line) and find_ratio(element.color, paper) < 1.2:
            yield Finding(
                place,
                "low_contrast",
                _WARNING,
                mark.page,
                "線が地の色とほとんど同じです。",
                "The line is hardly to be seen.",
            )


def _tell_faint(place: str, mark: Mark, name: str, style: Style, paper: str, ratio: float) -> Finding:
    needed = least_ratio(style.size, bold=style.bold)
    return Finding(
        place,
        "low_contrast",
        _WARNING,
        mark.page,
        f"文字の色{style.color}は地の色{paper}に対して薄すぎます(比{ratio:.1f}、{needed:g}以上に)。スタイル「{name}」",
        f"The text ({style.color}) is too faint on {paper} (ratio {ratio:.1f}, needed {needed:g}). Style “{name}”",
    )


def _find_tiny(
    compiled: CompiledTemplate, elements: dict[str, AnyElement], marks: dict[str, Mark]
) -> Iterator[Finding]:
    for place, element in elements.items():
        for name in _list_styles(element):
            size = compiled.template.styles[name].size
            if place in marks and size < _SMALLEST_TEXT:
                yield Finding(
                    place,
                    "small_text",
                    _WARNING,
                    marks[place].page,
                    f"文字が{size:g}ptです。6pt未満は読みにくくなります。スタイル「{name}」",
                    f"The text has {size:g} pt; less than 6 pt is hard to read. Style “{name}”",
                )


def _find_foreign(compiled: CompiledTemplate, marks: dict[str, Mark]) -> Iterator[Finding]:
    ja, en = ("英語", "English") if compiled.language == "ja" else ("日本語", "Japanese")
    for place, text in list_foreign_texts(compiled.template):
        page = marks[place].page if place in marks else 1
        shown = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
        yield Finding(
            place, "foreign_text", _WARNING, page, f"「{shown}」は{ja}のままです。", f"“{shown}” is still {en}."
        )


def _list_styles(element: AnyElement) -> list[str]:
    names = [getattr(element, name, None) for name in ("style", "note_style")]
    if isinstance(element, Table) and element.header_style and element.header_fill is None:
        names.append(element.header_style)
    return [name for name in dict.fromkeys(names) if name]


def _holds(area: Mark, mark: Mark) -> bool:
    return (
        area.page == mark.page
        and area.x <= mark.x + _TOLERANCE
        and area.y <= mark.y + _TOLERANCE
        and area.x + area.width >= mark.x + mark.width - _TOLERANCE
        and area.y + area.height >= mark.y + mark.height - _TOLERANCE
    )
