"""Page formats, retail codes, coupons and cards of products."""

from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from documents.catalogue import load_sample_picture
from documents.checking import compile_template
from documents.composing import get_program
from documents.ean_codes import encode_ean13, read_ean13
from documents.errors import DocumentError, TemplateInvalidError
from documents.formats import FORMATS
from documents.render import find_refusal, render_copies
from documents.specs import CopySpec, Money
from tests.factories.documents import CODE, decode_codes, make_copy, make_template, read_pages

A5 = {"format": "a5", "orientation": "landscape", "margins": {"top": 5, "right": 5, "bottom": 5, "left": 5}}
STYLES = {f"{name}_style": "body" for name in ("title", "value", "code", "note")}
COUPON = {"type": "coupon", "x": 10, "y": 10, "width": 90, "terms": "", **STYLES}
CARDS = {"type": "product_cards", "x": 10, "y": 10, "width": 120, "style": "body", "columns": 2}
SLOTS: dict[str, Any] = {
    name: {}
    for name in (
        "order_number",
        "recommended_products",
        "coupon_title",
        "coupon_value",
        "coupon_code",
        "coupon_expires_on",
        "coupon_terms",
    )
}


def copy_of(element: dict[str, Any], resolution: int = 203, **values: Any) -> CopySpec:
    page = A5 | {"resolution": resolution}
    return CopySpec(
        compile_template(make_template([element], page=page, slots=SLOTS)), values, CODE, CODE, "", frozenset()
    )


def faults_of(element: dict[str, Any], **page: Any) -> list[tuple[str, str]]:
    with pytest.raises(TemplateInvalidError) as refused:
        compile_template(make_template([element], page=A5 | page, slots=SLOTS))
    return [(problem.place, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize("name", FORMATS)
def test_a_named_format_is_its_width_and_height(name: str) -> None:
    for orientation, size in (("portrait", FORMATS[name]), ("landscape", FORMATS[name][::-1])):
        page = A5 | {"format": name, "orientation": orientation}
        program = get_program(compile_template(make_template(page=page)))
        assert (program.width, program.height) == pytest.approx([side / 25.4 * 72 for side in size])


def test_a_format_that_is_none_or_contradicts_is_refused() -> None:
    line = {"type": "line", "width": 5}
    assert faults_of(line, format="a12") == [("page", "value_error")]
    assert faults_of(line, format="a5", width=150) == [("page", "value_error")]


def bars_of(kind: str, digits: str, resolution: int) -> bytes:
    """Draw bars of 48 × 15 mm on a label of 70 × 25 mm."""
    style = {"style": "body"} if kind == "ean13" else {}
    element = {"type": kind, "x": 10, "y": 5, "width": 48, "height": 15, "text": "{order_number}", **style}
    page = {"width": 70, "height": 25, "margins": A5["margins"], "resolution": resolution}
    template = compile_template(make_template([element], page=page, slots=SLOTS))
    return render_copies([CopySpec(template, {"order_number": digits})]).data


@pytest.mark.parametrize(
    ("digits", "resolution"), [("4901234567894", 203), ("4900000000016", 300), ("9784101010014", 600)]
)
def test_ean13_is_read_at_each_resolution(resolution: int, digits: str) -> None:
    pdf = bars_of("ean13", digits, resolution)

    assert decode_codes(pdf, dpi=resolution) == [("EAN13", digits)]
    assert "".join(read_pages(pdf)[0].split()) == digits


@pytest.mark.parametrize("resolution", [203, 300, 600])
@pytest.mark.parametrize("kind", ["ean13", "code128"])
def test_bars_are_whole_dots_and_their_quiet_zones_are_white(kind: str, resolution: int) -> None:
    """At the printer's own dots each bar is black from edge to edge: nothing lies between two dots."""
    dots_a_mm = {203: 8.0, 300: 300 / 25.4, 600: 600 / 25.4}[resolution]
    pdf = bars_of(kind, "4901234567894", resolution)
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=dots_a_mm * 25.4 / 72 * 4, grayscale=True).to_numpy()

    row = image[round(9 * dots_a_mm * 4)].reshape(-1) < 128
    edges = np.flatnonzero(np.diff(row.astype(int))) + 1
    widths = np.diff(edges) / 4
    module = min(widths)
    assert module >= 2
    assert np.allclose(widths, np.round(widths), atol=0.26)
    assert np.allclose(np.round(widths) % round(module), 0)
    left, right = (edges[0] / 4 / dots_a_mm - 10, 10 + 48 - edges[-1] / 4 / dots_a_mm)
    quiet = (11, 7) if kind == "ean13" else (10, 10)
    assert left >= quiet[0] * module / dots_a_mm - 0.05
    assert right >= quiet[1] * module / dots_a_mm - 0.05


def test_a_gtin_is_an_ean13_and_a_wrong_digit_is_named() -> None:
    assert read_ean13("04901234567894") == read_ean13("4901234 567894") == "4901234567894"
    assert sum(encode_ean13("4901234567894")) == 95
    element = {"type": "ean13", "x": 10, "y": 10, "width": 42, "height": 22, "text": "{order_number}"}
    for digits, note in (("4901234567895", "check digit 5 ≠ 4"), ("49012345", "13 digits")):
        error = find_refusal(copy_of(element, order_number=digits))
        assert error is not None
        assert (error.code, error.field) == ("code_too_long", "order_number")
        assert note in error.message
    small = find_refusal(copy_of(element | {"width": 20}, order_number="4901234567894"))
    assert small is not None
    assert small.code == "code_too_small"


@pytest.mark.parametrize(("symbol", "kind"), [("qr", "QRCode"), ("code128", "Code128")])
def test_a_coupon_bears_its_own_code(symbol: str, kind: str) -> None:
    values = {"coupon_title": "次回", "coupon_value": "500円引き", "coupon_code": "CHA-8K2M"}
    pdf = render_copies([copy_of(COUPON | {"symbol": symbol}, 203, **values)]).data

    assert decode_codes(pdf) == [(kind, "CHA-8K2M")]
    assert all(value in read_pages(pdf)[0] for value in values.values())


def test_without_a_code_there_is_no_coupon() -> None:
    pdf = render_copies([copy_of(COUPON, coupon_value="500円引き")]).data

    assert read_pages(pdf) == [""]


def test_a_coupon_with_a_wrong_style_or_slot_is_refused_with_its_place() -> None:
    assert faults_of(COUPON | {"value_style": "loud"}) == [("elements[0].value_style", "unknown_style")]
    assert faults_of(COUPON | {"title": "{coupon_tittle}"}) == [("elements[0].title", "unknown_slot")]
    assert faults_of(COUPON | {"width": 30, "symbol": "qr"})[0][1] == "value_error"


def products(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"name": f"煎茶その{number}", "price": Money(1000 + number), **more} for number in range(1, count + 1)]


def test_cards_show_name_price_and_picture_side_by_side() -> None:
    picture = load_sample_picture("cup.png")
    pdf = render_copies([copy_of(CARDS, recommended_products=products(3, picture=picture))]).data

    [text] = read_pages(pdf)
    assert all(f"煎茶その{number}" in text and f"¥1,00{number}" in text for number in (1, 2, 3))
    images = [found for found in pypdfium2.PdfDocument(pdf)[0].get_objects() if found.type == 3]
    assert len(images) == 3


def test_cards_too_tall_are_shown_without_notes_and_then_refused() -> None:
    low = CARDS | {"height": 43, "picture_height": 24}
    assert "香り" in read_pages(render_copies([copy_of(low, recommended_products=products(2, note="香り"))]).data)[0]
    long = products(2, note="やさしい渋みと花の香り。" * 3)
    assert "香り" not in read_pages(render_copies([copy_of(low, recommended_products=long)]).data)[0]
    with pytest.raises(DocumentError) as refused:
        render_copies([copy_of(low, recommended_products=products(4))])
    assert (refused.value.code, refused.value.field) == ("too_long", "recommended_products")


def test_a_card_names_what_is_wrong_with_its_product() -> None:
    buffer = BytesIO()
    Image.new("1", (5001, 5001)).save(buffer, "PNG")
    for row, refusal in (
        ({"name": "茶", "picture": buffer.getvalue()}, ("broken_image", "recommended_products[1].picture")),
        ({"name": "茶𛀂"}, ("missing_glyph", "recommended_products[1].name")),
        ({"name": "茶", "price": 100}, ("wrong_type", "recommended_products[1].price")),
    ):
        error = find_refusal(copy_of(CARDS, recommended_products=[row]))
        assert error is not None
        assert (error.code, error.field) == refusal


def test_recommended_products_stand_on_the_shipped_slip() -> None:
    copy = make_copy(recommended_products=products(3, picture=load_sample_picture("tin.png")))

    assert "煎茶その3" in "".join(read_pages(render_copies([copy]).data))
