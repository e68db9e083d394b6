"""Spec in, PDF out: the seam between what is said and how it is drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import BinaryIO

from documents.checking import CompiledTemplate
from documents.composing import get_program
from documents.errors import DocumentError
from documents.file_options import PLAIN, FileOptions
from documents.specs import CopySpec, RenderedDocument
from documents.writing import CopyWriter, LaidOut, WrittenDocument

_SAMPLE_CODE = "0123456789ABC"


@dataclass(frozen=True)
class RenderedCopies:
    """`document` is None when no copy could be drawn; `refusals` by the place of the copy among those given."""

    document: RenderedDocument | None
    refusals: dict[int, DocumentError]


@dataclass(frozen=True)
class WrittenCopies:
    """The same of what went into a sink: nothing, when no copy could be drawn."""

    document: WrittenDocument | None
    refusals: dict[int, DocumentError]


def render_copies(copies: Iterable[CopySpec], options: FileOptions = PLAIN) -> RenderedDocument:
    """Draw all copies in the order given; the same specs give the same bytes. Raises the first DocumentError.

    ValueError when there is no copy.
    """
    sink = BytesIO()
    return _take(sink, write_copies(copies, sink, options))


def render_drawable_copies(copies: Iterable[CopySpec], options: FileOptions = PLAIN) -> RenderedCopies:
    """Draw the copies that can be drawn right, in the order given, and tell the others' refusals.

    Copies of one reference that follow each other stand or fall together.
    """
    sink = BytesIO()
    written = write_drawable_copies(copies, sink, options)
    return RenderedCopies(_take(sink, written.document) if written.document else None, written.refusals)


def write_copies(copies: Iterable[CopySpec], sink: BinaryIO, options: FileOptions = PLAIN) -> WrittenDocument:
    """Draw all copies into a sink, page by page: the memory it takes does not grow with their number.

    Raises the first DocumentError, ValueError when there is no copy; what was written then is no file.
    """
    writer = CopyWriter(sink, options)
    for copy in copies:
        writer.write(writer.lay_out(copy))
    written = writer.finish()
    if written is None:
        raise ValueError("There is nothing to print.")
    return written


def write_drawable_copies(copies: Iterable[CopySpec], sink: BinaryIO, options: FileOptions = PLAIN) -> WrittenCopies:
    """Draw into a sink what can be drawn right; the rest as in `render_drawable_copies`."""
    writer = CopyWriter(sink, options)
    refusals: dict[int, DocumentError] = {}
    for _, together in groupby(enumerate(copies), key=_tell_shipment):
        laid_out: list[LaidOut] = []
        refused = False
        for place, copy in together:
            try:
                laid_out.append(writer.lay_out(copy))
            except DocumentError as error:
                refusals[place], refused = error, True
        for each in () if refused else laid_out:
            writer.write(each)
    return WrittenCopies(writer.finish(), refusals)


def _tell_shipment(numbered: tuple[int, CopySpec]) -> str | int:
    """A copy without a reference stands alone."""
    place, copy = numbered
    return copy.reference or place


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


def _take(sink: BytesIO, written: WrittenDocument) -> RenderedDocument:
    return RenderedDocument(sink.getvalue(), written.pages, written.pages_per_copy, written.sha256)
