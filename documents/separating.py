"""Separator pages: what stands before a group of copies, so that a person parts the pile there."""

from functools import lru_cache
from typing import Any

from documents.checking import CompiledTemplate, compile_template
from documents.composing import Page, get_program
from documents.errors import DocumentError
from documents.file_options import Separator
from documents.ink import Ink
from documents.specs import CopySpec
from documents.units import MM

_MARGIN = 10.0


def make_separator(kind: Separator, title: str, language: str, size: tuple[float, float]) -> Page:
    """Return a page of this size (points). A title that cannot be drawn leaves it blank: it is nobody's document."""
    if kind is Separator.TITLED:
        width, height = size
        template = _compile(language, round(width / MM, 2), round(height / MM, 2))
        program = get_program(template)
        copy = CopySpec(template, {"group": title})
        try:
            return program.lay_out(copy, program.begin())[0]
        except DocumentError:
            pass
    return make_blank(size)


def make_blank(size: tuple[float, float]) -> Page:
    return Page(*size, None, Ink())


@lru_cache(maxsize=64)
def _compile(language: str, width: float, height: float) -> CompiledTemplate:
    margin = min(_MARGIN, width / 10, height / 10)
    inner = width - 2 * margin
    # Black at the outer edge shows in the side of the pile.
    mark = {"type": "box", "x": width - margin, "y": height / 2 - margin, "width": margin, "height": 2 * margin}
    title = {"type": "text_box", "x": margin, "y": height / 4, "width": inner, "height": height / 2, "text": "{group}"}
    document: dict[str, Any] = {
        "key": "separator",
        "language": language,
        "kind": "wave_cover",
        "name": {"ja": "仕切り紙", "en": "Separator"},
        "page": {
            "width": width,
            "height": height,
            "margins": dict.fromkeys(("top", "right", "bottom", "left"), margin),
        },
        "styles": {"title": {"size": min(48.0, max(10.0, inner / 4)), "bold": True, "align": "center"}},
        "slots": {"group": {"type": "paragraphs", "label": {"ja": "区分", "en": "Group"}, "sample": "1"}},
        "elements": [
            mark | {"fill": "#000000"},
            title | {"style": "title", "overflow": "shrink", "floor": 8, "vertical": "middle"},
        ],
    }
    return compile_template(document)
