"""Pictures of a shop: drawn anew, refused with a reason, kept by versions; letterheads from PDF files."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from reportlab.pdfgen.canvas import Canvas

from core.db import session_scope
from documents.errors import PictureRefusedError, TemplateInvalidError
from documents.letterheads import add_letterhead, read_letterhead
from documents.library import add_picture, find_picture, list_pictures, remove_picture
from documents.render import render_copies
from documents.service import get_template, get_versions, publish_template
from documents.specs import CopySpec
from documents.uploads import clean_picture
from documents.versions import roll_back
from tests.factories.core import make_shop
from tests.factories.documents import make_template

SHOWN = {"type": "picture", "x": 10, "y": 10, "width": 20, "height": 10, "picture": "seal"}


def draw(color: str = "#c23b22", kind: str = "PNG", size: tuple[int, int] = (60, 30), **more: Any) -> bytes:
    sink = BytesIO()
    Image.new("RGB", size, color).save(sink, kind, **more)
    return sink.getvalue()


def reason_of(act: Callable[[], object]) -> str:
    with pytest.raises(PictureRefusedError) as caught:
        act()
    return caught.value.reason


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_kept_was_written_by_us(kind: str) -> None:
    clean = clean_picture(draw(kind=kind))
    assert (clean.width, clean.height) == (60, 30)
    assert clean.media_type == ("image/jpeg" if kind == "JPEG" else "image/png")


def test_what_hides_in_a_picture_does_not_come_along() -> None:
    hidden = PngInfo()
    hidden.add_text("comment", "<script>alert(1)</script>")
    data = draw(pnginfo=hidden) + b"PK\x03\x04 a zip behind the picture"
    clean = clean_picture(data).data
    assert b"script" in data
    assert b"script" not in clean
    assert b"PK\x03\x04" not in clean


def test_a_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert (clean_picture(draw(kind="JPEG", exif=exif)).width) == 30


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "svg"),
        (b"  \n<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"%PDF-1.7", "pdf"),
        (b"GIF89a", "unknown_kind"),
        (draw()[:60], "unreadable"),
        (draw(size=(6001, 8)), "too_many_pixels"),
        (draw(size=(4, 4)), "too_small"),
        (b"\x89PNG\r\n\x1a\n" + bytes(8_000_000), "too_large"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    assert reason_of(lambda: clean_picture(data)) == reason


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    # A header that promises 100,000 × 100,000 pixels and holds none.
    header = draw()[:16] + (100_000).to_bytes(4, "big") * 2 + draw()[24:]
    assert reason_of(lambda: clean_picture(header)) in ("too_many_pixels", "unreadable")


@pytest.mark.usefixtures("database")
def test_a_version_keeps_the_picture_it_was_published_with() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        with pytest.raises(TemplateInvalidError, match="seal"):
            publish_template(session, shop_id, make_template([SHOWN]))
        add_picture(session, shop_id, "seal", "印", draw(), author="花")
        first = publish_template(session, shop_id, make_template([SHOWN]), author="花")
    with session_scope([shop_id]) as session:
        add_picture(session, shop_id, "seal", "印", draw("#2f4a3c"), author="花")
        second = publish_template(session, shop_id, make_template([SHOWN]), author="花")
        assert (first.number, second.number) == (1, 2)
        remove_picture(session, shop_id, "seal")
        assert find_picture(session, shop_id, "seal") is None
    with session_scope([shop_id]) as session:
        back = roll_back(session, shop_id, "small", "ja", 1, seen_live=2, author="花")
        versions = get_versions(session, [first.version_id, second.version_id, back.version_id])
        drawn = [render_copies([CopySpec(each.compiled, {})]).sha256 for each in versions.values()]
        assert (drawn[0] != drawn[1], drawn[0] == drawn[2]) == (True, True)


@pytest.mark.usefixtures("database")
def test_a_picture_slot_shows_the_librarys_picture_of_its_name() -> None:
    shop_id = make_shop()
    logo = {"type": "image", "x": 10, "y": 10, "width": 20, "height": 10, "slot": "shop_logo"}
    with session_scope([shop_id]) as session:
        publish_template(session, shop_id, make_template([logo]))
        bare = get_template(session, shop_id, "small", "ja").compiled
        add_picture(session, shop_id, "shop_logo", "ロゴ", draw(), author="花")
    with session_scope([shop_id]) as session:
        found = get_template(session, shop_id, "small", "ja").compiled
        assert found is get_template(session, shop_id, "small", "ja").compiled
    empty, shown = (render_copies([CopySpec(each, {})]).data for each in (bare, found))
    assert b"/Subtype /Image" not in empty
    assert b"/Subtype /Image" in shown


def make_pdf(pages: int = 1, size: tuple[float, float] = (420, 297)) -> bytes:
    sink = BytesIO()
    canvas = Canvas(sink, pagesize=size)
    for _ in range(pages):
        canvas.rect(10, 10, 100, 20, fill=1)
        canvas.showPage()
    canvas.save()
    return sink.getvalue()


def change_pdf(change: Callable[[pikepdf.Pdf], object], **options: Any) -> bytes:
    sink = BytesIO()
    with pikepdf.open(BytesIO(make_pdf())) as document:
        change(document)
        document.save(sink, **options)
    return sink.getvalue()


def act_on_opening(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


@pytest.mark.usefixtures("database")
def test_a_letterhead_becomes_a_picture_of_its_own_size() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        add_letterhead(session, shop_id, "head", "便箋", make_pdf(), author="花")
        [stored] = list_pictures(session, shop_id)
    assert (stored.source, round(stored.width_mm or 0), round(stored.height_mm or 0)) == ("letterhead", 148, 105)
    assert abs(stored.width_px - 1750) <= 1


def test_pdfs_that_are_no_letterheads_are_refused_with_their_reason() -> None:
    encrypted = change_pdf(lambda _: None, encryption=pikepdf.Encryption(owner="a", user="b"))
    cases = {
        "not_pdf": b"hello",
        "pdf_too_large": b"%PDF-1.7" + bytes(10_000_000),
        "damaged": b"%PDF-1.7 garbage",
        "many_pages": make_pdf(2),
        "page_size": make_pdf(size=(3000, 3000)),
        "scripts": change_pdf(act_on_opening),
        "encrypted": encrypted,
    }
    assert {reason: reason_of(lambda data=data: read_letterhead(data)) for reason, data in cases.items()} == {  # type: ignore[misc]
        reason: reason for reason in cases
    }
