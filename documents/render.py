"""Spec in, PDF out: the seam between what is said and how it is drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from documents.checking import CompiledTemplate
from documents.composing import Program, get_program
from documents.errors import DocumentError
from documents.pdf_file import PdfFile
from documents.specs import CopySpec, RenderedDocument
from documents.values import Before

_SAMPLE_CODE = "0123456789ABC"


@dataclass(frozen=True)
class WrittenDocument:
    """What went into a sink. `pages_per_copy` is in the order of the copies given."""

    pages_per_copy: tuple[int, ...]
    sha256: str


@dataclass(frozen=True)
class RenderedCopies:
    """`document` is None when no copy could be drawn; `refusals` by the place of the copy among those given."""

    document: RenderedDocument | None
    refusals: dict[int, DocumentError]


def render_copies(copies: Iterable[CopySpec]) -> RenderedDocument:
    """Draw all copies in the order given; the same specs give the same bytes. Raises the first DocumentError.

    ValueError when there is no copy.
    """
    rendered = _render(copies, None)
    if rendered is None:
        raise ValueError("There is nothing to print.")
    return rendered


def render_drawable_copies(copies: Iterable[CopySpec]) -> RenderedCopies:
    """Draw the copies that can be drawn right, in the order given, and tell the others' refusals."""
    refusals: dict[int, DocumentError] = {}
    return RenderedCopies(_render(copies, refusals), refusals)


def write_copies(copies: Iterable[CopySpec], sink: BinaryIO) -> WrittenDocument:
    """Draw all copies into a sink, page by page: the memory it takes does not grow with their number.

    Raises the first DocumentError, ValueError when there is no copy; what was written then is no file.
    """
    written = _write(copies, sink, None)
    if written is None:
        raise ValueError("There is nothing to print.")
    return written


def find_refusal(copy: CopySpec) -> DocumentError | None:
    """Return why a copy would be refused, or None, without drawing it."""
    try:
        program = get_program(copy.template)
        program.lay_out(copy, program.begin())
    except DocumentError as error:
        return error
    return None


def preview(template: CompiledTemplate) -> bytes:
    """Draw a template with its sample values and every flag set. Raises DocumentError."""
    return render_copies([make_sample_copy(template)]).data


def make_sample_copy(template: CompiledTemplate) -> CopySpec:
    """Return a copy of the sample values."""
    return CopySpec(
        template=template,
        values={name: slot.sample for name, slot in template.slots.items()},
        code=_SAMPLE_CODE,
        code_text=f"{_SAMPLE_CODE[:4]}-{_SAMPLE_CODE[4:8]}-{_SAMPLE_CODE[8:]}",
        url=f"https://example.jp/c/{_SAMPLE_CODE}",
        flags=frozenset(template.template.flags),
    )


def _render(copies: Iterable[CopySpec], refusals: dict[int, DocumentError] | None) -> RenderedDocument | None:
    sink = BytesIO()
    written = _write(copies, sink, refusals)
    if written is None:
        return None
    return RenderedDocument(sink.getvalue(), sum(written.pages_per_copy), written.pages_per_copy, written.sha256)


def _write(
    copies: Iterable[CopySpec], sink: BinaryIO, refusals: dict[int, DocumentError] | None
) -> WrittenDocument | None:
    file: PdfFile | None = None
    counts = []
    befores: dict[Program, Before] = {}
    for place, copy in enumerate(copies):
        program = get_program(copy.template)
        before = befores.get(program)
        if before is None:
            before = befores[program] = program.begin()
        try:
            pages = program.lay_out(copy, before)
        except DocumentError as error:
            if refusals is None:
                raise
            refusals[place] = error
            continue
        file = file or PdfFile(sink, copy.template.language)
        for page in pages:
            file.add_page(page)
        counts.append(len(pages))
    return None if file is None else WrittenDocument(tuple(counts), file.finish())
