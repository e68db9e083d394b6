"""100 mm on paper are 100 mm: the page that is measured, and the correction that follows."""

from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from documents.file_options import Calibration
from fulfillment.printers.calibration import Measured, correct, draw_page, find_rules
from fulfillment.printers.errors import PrinterInputError
from fulfillment.printers.media import MEDIA

A4 = "iso_a4_210x297mm"
FINE = 100.0  # Pixels of a millimetre.


def look(pdf: bytes, left: float, top: float, width: float, height: float) -> Any:
    """Return a piece of the page (mm from its top left) as grey values, a hundredth of a millimetre each."""
    page = pypdfium2.PdfDocument(pdf)[0]
    wide, tall = (side / 72 * 25.4 for side in page.get_size())
    points = 72 / 25.4
    edges = (left, tall - top - height, wide - left - width, top)
    drawn = page.render(scale=FINE * 25.4 / 72, crop=tuple(edge * points for edge in edges), grayscale=True)
    return drawn.to_numpy().reshape(drawn.height, drawn.width)


def middles(line: Any) -> list[float]:
    """Return the middles of the dark stretches of a line, in mm."""
    dark = np.flatnonzero(line.reshape(-1) < 128)
    return [float(run.mean() + 0.5) / FINE for run in np.split(dark, np.flatnonzero(np.diff(dark) > 1) + 1)]


def measure(pdf: bytes) -> tuple[float, float, float, float]:
    """Return what a person reads off: both rules, and the cross from the left and upper edge."""
    across = middles(look(pdf, 0, 12.5, 115, 0.05)[0])
    down = middles(look(pdf, 12.5, 0, 0.05, 115)[:, 0])
    # The upright rule, or the level one, comes before the cross in these lines.
    cross_x = middles(look(pdf, 0, 17, 30, 0.05)[0])[1]
    cross_y = middles(look(pdf, 17, 0, 0.05, 30)[:, 0])[1]
    return across[-1] - across[0], down[-1] - down[0], cross_x, cross_y


def test_the_rules_of_the_page_are_100_mm_and_its_code_is_read() -> None:
    pdf = draw_page(A4, Calibration())
    rule_x, rule_y, cross_x, cross_y = measure(pdf)
    assert rule_x == pytest.approx(100, abs=0.05)
    assert rule_y == pytest.approx(100, abs=0.05)
    assert (cross_x, cross_y) == pytest.approx((20, 20), abs=0.05)
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    assert "/c/0000000000000" in zxingcpp.read_barcodes(image)[0].text


@pytest.mark.parametrize(
    ("factor_x", "factor_y", "moved_x", "moved_y"),
    [(0.994, 1.0031, 1.2, -0.8), (1.0, 1.0, 0.0, 0.0), (1.02, 0.985, -1.0, 0.6)],
)
def test_a_correction_undoes_what_the_printer_does(
    factor_x: float, factor_y: float, moved_x: float, moved_y: float
) -> None:
    """The printer is one that scales and moves; what it prints with its correction is exact, also from a second go."""
    now = Calibration()
    for _ in range(2):
        rule_x, rule_y, cross_x, cross_y = measure(draw_page(A4, now))
        measured = Measured(
            rule_x=factor_x * rule_x,
            rule_y=factor_y * rule_y,
            cross_x=factor_x * cross_x + moved_x,
            cross_y=factor_y * cross_y + moved_y,
        )
        now = correct(now, measured, MEDIA[A4])
    rule_x, rule_y, cross_x, cross_y = measure(draw_page(A4, now))
    assert factor_x * rule_x == pytest.approx(100, abs=0.05)
    assert factor_y * rule_y == pytest.approx(100, abs=0.05)
    assert factor_x * cross_x + moved_x == pytest.approx(20, abs=0.05)
    assert factor_y * cross_y + moved_y == pytest.approx(20, abs=0.05)


def test_every_medium_has_its_page() -> None:
    for medium in MEDIA.values():
        rules = find_rules(medium)
        assert all(30 <= rule <= 100 for rule in rules)
        assert draw_page(medium.key, Calibration(), "en").startswith(b"%PDF")


@pytest.mark.parametrize("rule", [0.0, 80.0, 94.0, 106.0, 120.0])
def test_what_no_printer_does_is_a_wrong_measurement(rule: float) -> None:
    with pytest.raises(PrinterInputError):
        correct(Calibration(), Measured(rule_x=rule, rule_y=100), MEDIA[A4])
