"""Copies are read back from the file: texts, pages, validity, sameness."""

import random
from dataclasses import replace
from datetime import date
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from documents.composing import get_program
from documents.render import find_refusal, render_copies, render_drawable_copies, write_copies
from documents.specs import Money
from tests.factories.documents import find_faults, make_copy, make_lines, read_pages, small_copy

SLIP_TEXTS = (
    "納品書",
    "茶と肌 しずく堂",
    "髙橋 みのり",
    "SZ-20251118-0427",
    "2025年11月18日",
    "¥14,908",
    "−¥500",
    "ABCD-EFGH-JKMN0",
)


def test_slip_says_who_what_and_how_much() -> None:
    [text] = read_pages(render_copies([make_copy()]).data)

    for expected in (*SLIP_TEXTS, "深蒸し煎茶「朝しずく」100g ※", "同封のもの", "茶の実ハンドクリーム 試供品　× 2"):
        assert expected in text


def test_the_same_copies_give_the_same_bytes() -> None:
    first, second = (render_copies([make_copy(), make_copy("shipping_label")]) for _ in range(2))

    assert first == second
    assert first.sha256 == second.sha256


def test_copies_come_in_the_order_given() -> None:
    numbers = [f"S-{number}" for number in random.Random(7).sample(range(1000, 9999), 30)]
    document = render_copies(make_copy(order_number=number) for number in numbers)

    assert [number in text for number, text in zip(numbers, read_pages(document.data), strict=True)] == [True] * 30


def test_the_file_is_valid_and_its_fonts_are_inside() -> None:
    data = render_copies(
        [make_copy("packing_slip"), make_copy("thank_you_letter"), make_copy("coupon_card", "en")]
    ).data

    assert find_faults(data) == []
    with pikepdf.open(BytesIO(data)) as file:
        fonts = [each for each in file.objects if isinstance(each, pikepdf.Dictionary) and "/FontName" in each]
        assert len(fonts) >= 4
        assert all("/FontFile2" in font for font in fonts)


def test_text_that_no_own_font_has_is_drawn_by_another() -> None:
    [text] = read_pages(render_copies([make_copy(recipient_name="𠮷田 﨑子")]).data)

    assert "𠮷田 﨑子" in text


@pytest.mark.parametrize("count", [1, 2, 7, 12, 13, 14, 15, 16, 17, 18, 30, 77, 500])
def test_long_tables_break_over_pages(count: int) -> None:
    document = render_copies([make_copy(lines=make_lines(count))])
    pages = read_pages(document.data)

    text = "\n".join(pages)
    assert all(f"T-{number:04d}" in text for number in range(1, count + 1))
    assert document.pages_per_copy == (len(pages),)
    assert [f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1)] == [len(pages) > 1] * len(pages)
    [totals] = [page for page in pages if "合計（税込）" in page]
    # Header again on each page with lines; the totals with at least two lines, if there are two.
    assert all(("品番" in page) == ("煎茶その" in page) for page in pages)
    assert totals.count("煎茶その") >= min(2, count)


def test_every_number_of_lines_fits_its_pages() -> None:
    for count in range(1, 60):
        assert find_refusal(make_copy(lines=make_lines(count))) is None


def test_a_long_letter_goes_on_overleaf() -> None:
    document = render_copies([make_copy("thank_you_letter", body="　いつもありがとうございます。\n" * 60)])

    assert document.pages >= 3
    assert all("お茶" in page or "ありがとう" in page for page in read_pages(document.data))


def test_passages_are_shown_by_flags() -> None:
    without = read_pages(render_copies([make_copy("thank_you_letter")]).data)[0]
    with_flag = read_pages(
        render_copies([make_copy("thank_you_letter", flags=frozenset({"birthday", "unknown"}))]).data
    )[0]

    assert "お誕生月" not in without
    assert "お誕生月" in with_flag


def test_what_is_absent_leaves_no_trace() -> None:
    copy = make_copy(delivery_wish=None, inserts=[], message=" ", adjustments=(), tax_rows=None)
    [text] = read_pages(render_copies([copy]).data)

    for absent in ("お届け希望", "同封のもの", "しずく堂より", "軽減税率"):
        assert absent not in text


def test_money_and_dates_read_as_their_language_has_them() -> None:
    copy = make_copy("packing_slip", "en", total=Money(-1205, "USD"), ordered_on=date(2026, 3, 4))
    [text] = read_pages(render_copies([copy]).data)

    assert "−$12.05" in text
    assert "4 March 2026" in text


def test_gift_slips_show_no_price() -> None:
    [text] = read_pages(render_copies([make_copy("gift_slip")]).data)

    assert "¥" not in text
    assert "佐々木 透 より" in text


def test_pictures_are_drawn_with_their_transparency() -> None:
    buffer = BytesIO()
    Image.new("RGBA", (40, 20), (200, 0, 0, 255)).save(buffer, "PNG")
    pdf = render_copies([make_copy(shop_logo=buffer.getvalue())]).data

    page = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("RGB")
    # The logo's box is 24 × 13 mm at (112, 11) mm.
    assert page.getpixel((round(124 * 72 / 25.4), round(17.5 * 72 / 25.4))) == (200, 0, 0)
    assert find_faults(pdf) == []


def test_scale_is_exact() -> None:
    pdf = render_copies([small_copy([{"type": "box", "width": 100, "height": 50, "fill": "#000000"}])]).data
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=300 / 72).to_pil().convert("L")

    box = image.point(lambda value: 255 - value).getbbox()
    assert box is not None
    assert abs((box[2] - box[0]) / 300 * 25.4 - 100) <= 0.1
    assert abs((box[3] - box[1]) / 300 * 25.4 - 50) <= 0.1


def test_a_wave_goes_on_without_what_cannot_be_drawn() -> None:
    good, bad = make_copy(), replace(make_copy(recipient_name="田中𛀂"), reference="S-2")

    rendered = render_drawable_copies([good, bad, good])

    assert rendered.document is not None
    assert rendered.document.pages_per_copy == (1, 1)
    assert [(place, error.reference) for place, error in rendered.refusals.items()] == [(1, "S-2")]
    assert render_drawable_copies([bad]).document is None


def test_nothing_is_no_document() -> None:
    with pytest.raises(ValueError):
        render_copies([])


def test_the_same_specs_give_the_same_bytes_whatever_was_drawn_before() -> None:
    copies = [
        make_copy(
            code=f"ABCDEFGHJK{number:03d}",
            recipient_name=f"架空 花子{number}",
            message="お茶をどうぞ。" * (number % 7 + 1),
            lines=make_lines(number % 5 + 1),
        )
        for number in range(120)
    ]
    warm = [render_copies(copies) for _ in range(2)][1]
    get_program.cache_clear()

    cold = render_copies(copies)

    assert cold.sha256 == warm.sha256
    assert cold.data == warm.data


def test_a_file_written_into_a_sink_is_the_same_file() -> None:
    copies = [make_copy(code=f"ABCDEFGHJKM{number:02d}") for number in range(3)]
    sink = BytesIO()

    written = write_copies(copies, sink)

    document = render_copies(copies)
    assert sink.getvalue() == document.data
    assert (written.sha256, written.pages_per_copy) == (document.sha256, document.pages_per_copy)
    with pytest.raises(ValueError):
        write_copies([], BytesIO())
