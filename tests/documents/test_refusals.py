"""What cannot be drawn right is not drawn, and the person is told what and where."""

import unicodedata
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from documents.render import find_refusal, render_copies
from documents.specs import CopySpec, Money
from tests.factories.documents import make_copy, make_lines, read_pages, small_copy

LINE = {"type": "text", "x": 5, "y": 5, "width": 40, "text": "{order_number}", "style": "body"}
BOX = {"type": "text_box", "x": 5, "y": 5, "width": 40, "height": 12, "text": "{message}", "style": "body"}


def _refusal(copy: CopySpec) -> tuple[str, str]:
    error = find_refusal(copy)
    assert error is not None
    return str(error.code), error.field


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"recipient_name": None}, ("missing_value", "recipient_name")),
        ({"recipient_name": "　 "}, ("missing_value", "recipient_name")),
        ({"recipient_name": "山田𛀂"}, ("missing_glyph", "recipient_name")),
        ({"recipient_name": "渡邊\U000e0102"}, ("missing_glyph", "recipient_name")),
        ({"recipient_name": "\u3099山田"}, ("unusual_character", "recipient_name")),
        ({"recipient_name": "ភាសា"}, ("missing_glyph", "recipient_name")),
        ({"recipient_name": "山田\n太郎"}, ("line_break", "recipient_name")),
        ({"recipient_name": "寿限無" * 60}, ("too_long", "recipient_name")),
        ({"total": 100}, ("wrong_type", "total")),
        ({"order_number": 7}, ("wrong_type", "order_number")),
        ({"lines": "茶"}, ("wrong_type", "lines")),
        ({"message": "元気で𛀂ね"}, ("missing_glyph", "message")),
        ({"message": "ありがとう。" * 1500}, ("too_long", "message")),
        (
            {"inserts": [{"name": "試供品", "quantity": 1}, {"name": "花束𛀂", "quantity": 1}]},
            ("missing_glyph", "inserts[2].name"),
        ),
        ({"lines": [{"name": "茶", "quantity": "2"}]}, ("wrong_type", "lines[1].quantity")),
        ({"lines": [{"name": "茶", "amount": Money(10**18)}]}, ("too_long", "lines[1].amount")),
        ({"lines": [*make_lines(2), {"name": "茶𛀂", "quantity": 1}]}, ("missing_glyph", "lines[3].name")),
    ],
)
def test_refused_by_name(values: dict[str, Any], refusal: tuple[str, str]) -> None:
    assert _refusal(make_copy(**values)) == refusal


def test_a_refusal_names_the_character_in_both_languages_and_nobody() -> None:
    error = find_refusal(make_copy(recipient_name="山田𛀂"))

    assert error is not None
    character = "U+1B002 HENTAIGANA LETTER A-1"
    assert error.character == character
    assert error.message_in("en") == f"No font can print the character “{character}” in “recipient_name”."
    assert error.message_in("ja") == f"「recipient_name」の文字「{character}」を印刷できる書体がありません。"
    assert "山田" not in error.message_ja + error.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"GIF89a" + b"\0" * 50,
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert _refusal(make_copy(shop_logo=data)) == ("broken_image", "shop_logo")


def test_an_image_bomb_is_refused() -> None:
    buffer = BytesIO()
    Image.new("1", (30_000, 9_000)).save(buffer, "PNG")

    assert _refusal(make_copy(shop_logo=buffer.getvalue())) == ("broken_image", "shop_logo")


def test_a_line_shrinks_to_its_floor_and_no_further() -> None:
    shrinking = {**LINE, "overflow": "shrink", "floor": 6}

    assert find_refusal(small_copy([LINE], order_number="漢" * 12)) is not None
    assert find_refusal(small_copy([shrinking], order_number="漢" * 18)) is None
    assert _refusal(small_copy([shrinking], order_number="漢" * 19)) == ("too_long", "order_number")


def test_a_box_shrinks_to_its_floor_and_no_further() -> None:
    shrinking = {**BOX, "overflow": "shrink", "floor": 6}

    assert find_refusal(small_copy([BOX], message="漢" * 22)) is None
    assert _refusal(small_copy([BOX], message="漢" * 23)) == ("too_long", "message")
    assert find_refusal(small_copy([shrinking], message="漢" * 40)) is None
    assert _refusal(small_copy([shrinking], message="漢" * 100)) == ("too_long", "message")


@settings(deadline=None)  # Fonts are read when first asked for.
@given(st.text(max_size=60))
@example("\u0622")
def test_any_message_is_drawn_right_or_refused(message: str) -> None:
    copy = small_copy([{**BOX, "overflow": "shrink", "floor": 4}], message=message)
    refusal = find_refusal(copy)
    if refusal is not None:
        assert refusal.field == "message"
        return
    [text] = read_pages(render_copies([copy]).data)
    # Readers of PDF take ligatures apart; a mark that is a glyph of its own is copied as a space without width.
    assert len("".join(text.replace("\u200b", "").split())) <= len(unicodedata.normalize("NFKC", message))


@settings(deadline=None)
@given(st.text(alphabet="髙﨑𠮷邊齋藤ヴ々ヶー・ABCéß '-田中一郎サラ\ufa19", min_size=1, max_size=12))
def test_hard_names_come_back_as_they_were(name: str) -> None:
    if not name.strip():
        return
    [text] = read_pages(
        render_copies([small_copy([{**LINE, "overflow": "shrink", "floor": 4}], order_number=name)]).data
    )

    assert "".join(text.split()) == "".join(name.split())
