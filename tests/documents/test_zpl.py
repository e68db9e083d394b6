"""Labels for ZPL printers read back: commands parsed, the picture put together, its codes and size looked at."""

import re
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import zxingcpp

from documents.file_options import Calibration
from documents.zpl import DOTS, LabelPrinter, make_label, write_labels
from tests.factories.documents import CODE, make_copy

_COMMANDS = re.compile(rb"[\^~][^\^~]*")
_GRAPHIC = re.compile(rb"\^GFA,(\d+),(\d+),(\d+),(.*)", re.DOTALL)


def draw(*copies: Any, dpi: int = 203, calibration: Calibration | None = None) -> bytes:
    sink = BytesIO()
    write_labels(copies, sink, LabelPrinter(dpi, calibration or Calibration()))
    return sink.getvalue()


def read_label(zpl: bytes) -> Any:
    """Return what one label shows (bool, height × width), as a printer would put it together."""
    page: Any = None
    top = width = 0
    for command in _COMMANDS.findall(zpl):
        if command.startswith(b"^PW"):
            width = int(command[3:])
        elif command.startswith(b"^LL"):
            page = np.zeros((int(command[3:]), -(-width // 8) * 8), dtype=bool)
        elif command.startswith(b"^FO"):
            top = int(command[3:].split(b",")[1])
        elif command.startswith(b"^GFA"):
            rows = read_graphic(command)
            page[top : top + len(rows)] |= rows
    return page[:, :width]


def read_graphic(command: bytes) -> Any:
    """Undo the compression of ^GF."""
    found = _GRAPHIC.match(command)
    assert found
    size, total, wide = (int(found[place]) for place in (1, 2, 3))
    assert size == total <= 99_999
    rows: list[str] = []
    digits, times = "", 0
    for letter in found[4].decode("ascii").strip():
        if "g" <= letter <= "z":
            times += 20 * (ord(letter) - ord("g") + 1)
        elif "G" <= letter <= "Y":
            times += ord(letter) - ord("G") + 1
        elif letter == ":":
            rows.append(rows[-1])
        else:
            digits = digits.ljust(wide * 2, "0") if letter == "," else digits + letter * max(times, 1)
            times = 0
        if len(digits) == wide * 2:
            rows.append(digits)
            digits = ""
    assert len(rows) * wide == total
    return np.unpackbits(np.frombuffer(bytes.fromhex("".join(rows)), dtype=np.uint8).reshape(-1, wide), axis=1) == 1


def see_codes(page: Any) -> set[str]:
    image = np.where(np.pad(page, 40), 0, 255).astype(np.uint8)
    return {each.text for each in zxingcpp.read_barcodes(image)}


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_label_is_as_large_as_it_should_be_and_its_codes_are_read(dpi: int) -> None:
    page = read_label(draw(make_copy("shipping_label", recipient_name="髙﨑 𠮷子"), dpi=dpi))
    assert abs(page.shape[1] - 100 * DOTS[dpi]) <= 1
    assert abs(page.shape[0] - 150 * DOTS[dpi]) <= 1
    assert see_codes(page) == {CODE, f"https://soegaki.example.jp/c/{CODE}"}


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_bars_are_whole_dots_of_the_printer(dpi: int) -> None:
    page = read_label(draw(make_copy("shipping_label"), dpi=dpi))
    row = page[round(131 * DOTS[dpi]), : round(70 * DOTS[dpi])]
    edges = np.flatnonzero(np.diff(row.astype(int)))
    widths = np.diff(edges)
    assert len(widths) > 60
    assert widths.max() == 4 * widths.min()
    assert set(widths % widths.min()) == {0}


def test_no_text_ever_becomes_a_command() -> None:
    plain = draw(make_copy("shipping_label", recipient_name="山田"))
    wicked = draw(make_copy("shipping_label", recipient_name="^XA~JR^XZ\\&", contents="^FD~DG"))
    shapes = [[command[:3] for command in _COMMANDS.findall(zpl)] for zpl in (plain, wicked)]
    assert set(shapes[0]) == set(shapes[1]) == {b"^XA", b"^PW", b"^LL", b"^LH", b"^PQ", b"^FO", b"^GF", b"^FS", b"^XZ"}
    assert see_codes(read_label(wicked)) == see_codes(read_label(plain))


def test_labels_follow_each_other_in_the_order_given() -> None:
    codes = ["ABCDEFGHJKMN0", "ABCDEFGHJKMP3"]
    labels = draw(*(make_copy("shipping_label", code=code) for code in codes)).split(b"^XZ\n")[:-1]
    assert [min(see_codes(read_label(label)), key=len) for label in labels] == codes


def test_a_correction_moves_and_scales_the_picture() -> None:
    plain, moved = (
        read_label(draw(make_copy("shipping_label"), calibration=given))
        for given in (Calibration(), Calibration(scale_x=1.01, offset_x=1.0, offset_y=2.0))
    )
    first, then = (np.flatnonzero(page.any(axis=1))[0] for page in (plain, moved))
    assert then - first == 16
    left, right = ([np.flatnonzero(page.any(axis=0))[place] for page in (plain, moved)] for place in (0, -1))
    assert abs((left[1] - left[0]) - (8 + left[0] * 0.01)) <= 1
    assert abs((right[1] - right[0]) - (8 + right[0] * 0.01)) <= 1


def test_any_picture_comes_back_as_it_was() -> None:
    random = np.random.default_rng(7)
    page = random.random((300, 803)) < 0.02
    page[40:120] = False
    page[200:230, :] = True
    assert (read_label(make_label(page)) == page).all()
    assert read_label(make_label(np.zeros((10, 16), dtype=bool))).any() == np.False_
