"""How a file is turned, separated and laid out: told by the choices, found in the file, remembered by the printer."""

from dataclasses import replace
from io import BytesIO

import pytest

from documents.file_options import Duplex, Separator
from documents.render import write_copies
from fulfillment.printers.choices import Choices, make_options, read_choices
from fulfillment.printers.errors import PrinterInputError
from fulfillment.printers.places import find_pages
from tests.factories.documents import make_copy, read_pages


@pytest.mark.parametrize("duplex", list(Duplex))
@pytest.mark.parametrize("separator", [Separator.NONE, Separator.BLANK])
@pytest.mark.parametrize(("sheet", "start"), [(None, 1), ("a4_2", 1), ("a4_2", 2)])
def test_pages_are_counted_as_they_are_laid(
    duplex: Duplex, separator: Separator, sheet: str | None, start: int
) -> None:
    choices = Choices(duplex=duplex, separator=separator, sheet=sheet, start=start)
    codes = ["ABCDEFGHJKMN0", "ABCDEFGHJKMP3", "ABCDEFGHJKMQ6", "ABCDEFGHJKMR5", "ABCDEFGHJKMS0"]
    groups = ["S-1", "S-1", "S-2", "S-3", "S-3"]
    copies = [
        replace(make_copy("shipping_label", code=code), group=group, reference=group)
        for code, group in zip(codes, groups, strict=True)
    ]
    sink = BytesIO()
    written = write_copies(copies, sink, make_options(choices, None, "test"))
    pages = find_pages(list(zip(groups, written.pages_per_copy, strict=True)), choices)
    found = {
        code: number
        for number, text in enumerate(read_pages(sink.getvalue()), 1)
        for code in codes
        if f"{code[:4]}-{code[4:8]}-{code[8:]}" in text
    }
    assert [found[code] for code in codes] == [first for first, _ in pages]
    assert pages[-1][1] <= written.pages


def test_choices_come_back_as_they_were_kept() -> None:
    choices = Choices(duplex=Duplex.SHORT_EDGE, separator=Separator.TITLED, sheet="a4_12", start=5)
    assert read_choices(choices.to_plain()) == choices
    assert read_choices({}) == Choices()


@pytest.mark.parametrize(
    "given", [{"duplex": "sideways"}, {"sheet": "a9"}, {"sheet": "a4_12", "start": "13"}, {"start": "x"}]
)
def test_choices_that_cannot_be_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(PrinterInputError):
        read_choices(given)
