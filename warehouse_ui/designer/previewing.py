"""The preview: the real PDF of a template as it is being written, as pictures, with where each element stands."""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from fastapi import Response
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from documents.checking import CompiledTemplate
from documents.errors import TemplateInvalidError, TemplateProblem
from documents.library import furnish, load_file_ids
from documents.proofing import Finding, proof
from documents.rasters import draw_pages
from documents.render import make_sample_copy
from documents.specs import CopySpec
from documents.tracing import Mark, trace_copy
from warehouse_ui.i18n import get_language

SCALES: Final = (0.5, 4.0)
MOST_PAGES: Final = 12
MOST_PIXELS: Final = 8_000_000
SMALL: Final = 320
# The address names the version, and with it what is shown.
KEEP: Final = "private, max-age=86400"
_ROUND: Final = 2


@dataclass(frozen=True)
class Shown:
    """With which data a template is shown. `notes` say what was put in the place of what."""

    values: Mapping[str, Any] = field(default_factory=dict)
    flags: frozenset[str] | None = None
    notes: Sequence[str] = ()


SAMPLES: Final = Shown()


def preview_document(
    session: Session, shop_id: UUID, document: Mapping[str, Any], shown: Shown, scale: float
) -> dict[str, Any]:
    """Draw a document as far as it can be drawn. One that is no template yet answers with its problems alone."""
    try:
        library = load_file_ids(session, shop_id)
        compiled = furnish(session, document, library, library)
    except TemplateInvalidError as error:
        return {"problems": [_show_problem(problem) for problem in error.problems]}
    trace = trace_copy(make_copy(compiled, shown))
    # pdfium numbers pages from one; a table of a thousand rows is not drawn whole for a preview.
    pages = draw_pages(trace.pdf, _fit_scale(compiled, scale), range(1, MOST_PAGES + 1)) if trace.pdf else []
    return {
        "problems": [],
        "pages": [f"data:image/png;base64,{base64.b64encode(page).decode()}" for page in pages],
        "count": trace.pages,
        "marks": [_show_mark(mark) for mark in trace.marks],
        "findings": [show_finding(each) for each in proof(compiled, trace)],
        "notes": list(shown.notes),
    }


def _fit_scale(compiled: CompiledTemplate, scale: float) -> float:
    """Return a scale at which a large page does not become a picture that no screen can show."""
    page = compiled.template.page
    area = page.width * page.height * (72 / 25.4) ** 2
    return min(scale, math.sqrt(MOST_PIXELS / area))


def make_copy(compiled: CompiledTemplate, shown: Shown) -> CopySpec:
    """Return a copy of the given values, and of samples where there are none."""
    sample = make_sample_copy(compiled)
    flags = sample.flags if shown.flags is None else shown.flags
    values = {**sample.values, **{name: value for name, value in shown.values.items() if name in compiled.slots}}
    return CopySpec(compiled, values, sample.code, sample.code_text, sample.url, flags)


def _show_problem(problem: TemplateProblem) -> dict[str, str]:
    text = problem.message_ja if get_language() == "ja" else problem.message_en
    return {"place": problem.place, "code": problem.code, "text": text}


def _show_mark(mark: Mark) -> list[Any]:
    numbers = (mark.x, mark.y, mark.width, mark.height)
    return [mark.place, mark.page, *(round(number, _ROUND) for number in numbers)]


def show_finding(finding: Finding) -> dict[str, Any]:
    return {
        "place": finding.place,
        "code": finding.code,
        "severity": finding.severity,
        "page": finding.page,
        "text": finding.ja if get_language() == "ja" else finding.en,
    }


@lru_cache(maxsize=256)
def draw_small(compiled: CompiledTemplate, height: int) -> bytes:
    """Return the first page of a template's samples as a small PNG, `height` pixels high."""
    trace = trace_copy(make_sample_copy(compiled))
    points = compiled.template.page.height * 72 / 25.4
    return draw_pages(trace.pdf, height / points, [1])[0] if trace.pdf else b""


def answer_picture(picture: bytes) -> Response:
    if not picture:
        raise NotFoundError("This template cannot be drawn yet.")
    return Response(picture, media_type="image/png", headers={"Cache-Control": KEEP})
