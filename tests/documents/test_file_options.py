"""What a file is beside its pages is read back: properties, labels, bookmarks, PDF/A, backs, separators, sheets."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageCms

from documents.checking import compile_template
from documents.color_profile import make_srgb_profile
from documents.file_options import Calibration, Duplex, FileOptions, LabelSheet, Separator
from documents.render import render_copies, render_drawable_copies, write_drawable_copies
from documents.specs import CopySpec
from documents.writing import CopyWriter
from tests.documents.pdf_a import find_violations, read_xmp
from tests.factories.documents import (
    decode_codes,
    find_faults,
    make_copy,
    make_lines,
    make_template,
    read_pages,
    small_copy,
)

LABELS = LabelSheet(
    width=210,
    height=297,
    columns=2,
    rows=3,
    label_width=101,
    label_height=90,
    left=3,
    top=12,
    column_gap=2,
    row_gap=1,
    start=4,
)
EVERYTHING = FileOptions(
    title="出荷バッチ W-000123",
    author="茶と肌 しずく堂",
    created_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    page_labels=True,
    bookmarks=True,
    pdf_a=True,
    duplex=Duplex.LONG_EDGE,
    separator=Separator.TITLED,
    tray_by_size=True,
)


def _letter(reference: str, group: str = "", **values: Any) -> CopySpec:
    return replace(
        small_copy([{"type": "text", "width": 80, "text": "{message}", "style": "body"}], message=reference, **values),
        reference=reference,
        group=group,
    )


def _read_outline(file: pikepdf.Pdf) -> list[tuple[str, list[str]]]:
    with file.open_outline() as outline:
        return [(item.title, [child.title for child in item.children]) for item in outline.root]


def _read_labels(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    return [document.get_page_label(number) for number in range(len(document))]


def test_a_file_says_what_it_is_and_is_an_archive_file() -> None:
    copies = [make_copy("packing_slip"), make_copy("thank_you_letter"), make_copy("coupon_card", "en")]
    buffer = BytesIO()
    Image.new("RGBA", (40, 20), (200, 0, 0, 128)).save(buffer, "PNG")
    copies.append(make_copy(shop_logo=buffer.getvalue()))

    data = render_copies(copies, EVERYTHING).data

    assert find_violations(data) == []
    with pikepdf.open(BytesIO(data)) as file:
        assert read_xmp(file)["dc:title"] == "出荷バッチ W-000123"
        preferences: Any = file.Root.ViewerPreferences
        assert (preferences.Duplex, preferences.PickTrayByPDFSize) == ("/DuplexFlipLongEdge", True)
        assert preferences.PrintScaling == "/None"


def test_the_checker_finds_what_is_wrong() -> None:
    with pikepdf.open(BytesIO(render_copies([make_copy()], EVERYTHING).data)) as file:
        del file.trailer.Info["/Title"]
        file.Root.OpenAction = file.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))
        for each in file.objects:
            if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each:
                del each["/FontFile2"]
        sink = BytesIO()
        file.save(sink, static_id=True)
    found = " ".join(find_violations(sink.getvalue()))
    assert all(fault in found for fault in ("Title differs", "forbidden /JS", "is not embedded"))


def test_the_color_profile_is_srgb() -> None:
    colors = Image.frombytes("RGB", (16, 16), bytes(range(256)) * 3)
    profile = ImageCms.ImageCmsProfile(BytesIO(make_srgb_profile()))
    same = ImageCms.profileToProfile(colors, ImageCms.createProfile("sRGB"), profile)
    assert same is not None
    assert max(abs(one - other) for one, other in zip(colors.tobytes(), same.tobytes(), strict=True)) <= 1


@pytest.mark.parametrize("options", [EVERYTHING, replace(EVERYTHING, sheet=LABELS)])
def test_the_same_options_give_the_same_bytes(options: FileOptions) -> None:
    copies = [_letter(f"S-{number}", f"便{number % 3}") for number in range(12)]

    first, second = (render_copies(copies, options) for _ in range(2))

    assert first == second
    assert find_faults(first.data) == []


def test_pages_are_found_by_shipment() -> None:
    copies = [_letter("S-1", "ヤマト"), _letter("S-1", "ヤマト"), _letter("S-2", "ヤマト"), _letter("S-3", "佐川")]

    data = render_copies(copies, FileOptions(page_labels=True, bookmarks=True)).data

    with pikepdf.open(BytesIO(data)) as file:
        assert _read_outline(file) == [("ヤマト", ["S-1", "S-2"]), ("佐川", ["S-3"])]
    assert _read_labels(data) == ["S-1-1", "S-1-2", "S-2-1", "S-3-1"]


def test_bookmarks_lead_to_their_pages_in_a_long_file() -> None:
    copies = [_letter(f"S-{number}") for number in range(700)]

    data = render_copies(copies, FileOptions(bookmarks=True, page_labels=True)).data

    document = pypdfium2.PdfDocument(data)
    entries = list(document.get_toc(max_depth=2))
    assert len(entries) == len(document) == 700
    for place in (0, 1, 249, 250, 500, 699):
        assert entries[place].get_title() == f"S-{place}"
        assert entries[place].get_dest().get_index() == place
        assert document.get_page_label(place) == f"S-{place}-1"


def test_each_copy_begins_on_a_front() -> None:
    copies = [make_copy(lines=make_lines(count)) for count in (2, 60, 2)]
    single = render_copies(copies)

    document = render_copies(copies, FileOptions(duplex=Duplex.LONG_EDGE))

    assert document.pages_per_copy == single.pages_per_copy
    _, second, _ = single.pages_per_copy
    pages = read_pages(document.data)
    blanks = [number for number, text in enumerate(pages) if not text.strip()]
    assert blanks == [1, *([2 + second] if second % 2 else [])]
    assert document.pages == len(pages) == sum(single.pages_per_copy) + len(blanks)


@pytest.mark.parametrize(("separator", "texts"), [(Separator.TITLED, ["朝便", "夕便"]), (Separator.BLANK, ["", ""])])
def test_a_page_stands_before_each_group(separator: Separator, texts: list[str]) -> None:
    copies = [_letter("S-1", "朝便"), _letter("S-2", "朝便"), _letter("S-3", "夕便")]

    data = render_copies(copies, FileOptions(separator=separator, page_labels=True, bookmarks=True)).data

    pages = [text.strip() for text in read_pages(data)]
    assert pages == [texts[0], "S-1", "S-2", texts[1], "S-3"]
    assert _read_labels(data) == ["朝便", "S-1-1", "S-2-1", "夕便", "S-3-1"]


def test_a_group_that_cannot_be_written_leaves_its_separator_blank() -> None:
    data = render_copies([_letter("S-1", "便𛀂")], FileOptions(separator=Separator.TITLED)).data

    assert [text.strip() for text in read_pages(data)] == ["", "S-1"]


def test_labels_stand_where_the_sheet_has_them() -> None:
    copies = [_letter(f"S-{number}") for number in range(5)]

    document = render_copies(copies, FileOptions(sheet=LABELS))

    assert (document.pages, document.pages_per_copy) == (2, (1,) * 5)
    file = pypdfium2.PdfDocument(document.data)
    sheets = [
        [file[sheet].get_textpage().get_text_bounded(*_cell(place)).strip() for place in range(6)] for sheet in (0, 1)
    ]
    assert sheets == [["", "", "", "S-0", "S-1", "S-2"], ["S-3", "S-4", "", "", "", ""]]


def _cell(place: int, *, mirrored: bool = False) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top of a label in points."""
    row, column = divmod(place, 2)
    left, top = 3 + column * 103.0, 12 + row * 91.0
    if mirrored:
        left = 210 - left - 101
    return tuple(value * 72 / 25.4 for value in (left, 297 - top - 90, left + 101, 297 - top))  # type: ignore[return-value]


def _card(number: int) -> CopySpec:
    """A copy of two pages: front and back."""
    text = {"type": "text_box", "width": 80, "text": "{message}", "style": "body", "overflow": "continue"}
    flow = {"first": {"top": 5, "bottom": 30}, "later": {"top": 5, "bottom": 75}, "elements": [text]}
    lines = "\n".join([f"表{number}"] * 4 + [f"裏{number}"] * 2)
    template = compile_template(make_template(flow=flow))
    return CopySpec(template, {"message": lines}, reference=f"S-{number}")


@pytest.mark.parametrize(("duplex", "turned"), [(Duplex.LONG_EDGE, False), (Duplex.SHORT_EDGE, True)])
def test_backs_lie_behind_their_fronts(duplex: Duplex, turned: bool) -> None:
    document = render_copies([_card(1), _card(2)], FileOptions(sheet=replace(LABELS, start=1), duplex=duplex))

    front, back = (page.get_textpage() for page in pypdfium2.PdfDocument(document.data))
    for place, number in ((0, 1), (1, 2)):
        assert f"表{number}" in front.get_text_bounded(*_cell(place))
        left, bottom, right, top = _cell(place, mirrored=True)
        if turned:
            width, height = 210 * 72 / 25.4, 297 * 72 / 25.4
            left, bottom, right, top = width - right, height - top, width - left, height - bottom
        assert f"裏{number}" in back.get_text_bounded(left, bottom, right, top)


def test_a_page_is_turned_onto_a_label_that_lies() -> None:
    sheet = replace(LABELS, columns=1, rows=2, label_width=200, label_height=110, start=1, row_gap=0, top=5, left=5)

    document = render_copies([make_copy("shipping_label")], FileOptions(sheet=sheet))

    assert len(decode_codes(document.data)) == 2
    page = pypdfium2.PdfDocument(document.data)[0]
    assert (round(page.get_width()), round(page.get_height())) == (595, 842)


def test_a_page_larger_than_its_label_is_refused() -> None:
    rendered = render_drawable_copies([make_copy(), _letter("S-2")], FileOptions(sheet=LABELS))

    assert [(place, error.code, error.reference) for place, error in rendered.refusals.items()] == [
        (0, "page_too_large", "S-1")
    ]
    assert rendered.document is not None
    assert rendered.document.pages_per_copy == (1,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": 7},
        {"columns": 0},
        {"label_width": 120},
        {"row_gap": -1},
    ],
)
def test_a_sheet_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(LABELS, **wrong)


def test_a_printer_is_corrected() -> None:
    box = {"type": "box", "x": 0, "y": 0, "width": 50, "height": 50, "fill": "#000000"}
    options = FileOptions(calibration=Calibration(scale_x=1.02, scale_y=0.98, offset_x=3, offset_y=4))

    image = pypdfium2.PdfDocument(render_copies([small_copy([box])], options).data)[0].render(scale=600 / 72).to_pil()

    left, top, right, bottom = image.convert("L").point(lambda value: 255 - value).getbbox() or (0, 0, 0, 0)
    found = [edge / 600 * 25.4 for edge in (left, top, right - left, bottom - top)]
    assert found == pytest.approx([3, 4, 51, 49], abs=0.1)


def test_copies_of_one_shipment_stand_or_fall_together() -> None:
    copies = [_letter("S-1"), _letter("S-2"), replace(_letter("S-2"), values={"message": "𛀂"}), _letter("S-3")]
    sink = BytesIO()

    written = write_drawable_copies(copies, sink)

    assert list(written.refusals) == [2]
    assert [text.strip() for text in read_pages(sink.getvalue())] == ["S-1", "S-3"]


def test_files_are_written_side_by_side() -> None:
    sinks = [BytesIO(), BytesIO(), BytesIO()]
    slips, labels, unused = (CopyWriter(sink) for sink in sinks)

    for number in range(3):
        slips.write(slips.lay_out(_letter(f"S-{number}")))
        labels.write(labels.lay_out(make_copy("shipping_label", code=f"ABCDEFGHJKM{number:02d}")))
    written = [writer.finish() for writer in (slips, labels, unused)]

    assert [each and each.pages for each in written] == [3, 3, None]
    assert len(read_pages(sinks[1].getvalue())) == 3
    assert sinks[2].getvalue() == b""
