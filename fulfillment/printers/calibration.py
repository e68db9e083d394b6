"""The page that makes a printer exact: rules, crosses, a code; and what follows from what a person measured on it."""

from dataclasses import dataclass
from typing import Any, Final

from core.codes import check_character, code_url, format_code
from documents.checking import compile_template
from documents.file_options import Calibration, FileOptions
from documents.render import render_copies
from documents.specs import CopySpec
from documents.zpl import LabelPrinter, write_labels
from fulfillment.printers.errors import PrinterInputError
from fulfillment.printers.media import MEDIA, Medium

RULE_MM: Final = 100.0
# Where the first cross stands, from the left and the upper edge.
CROSS_MM: Final = 20.0
# A printer is off by a few per mille; more is a wrong measurement or a driver that scales.
MOST_SCALE, MOST_OFFSET = 0.05, 20.0
_MARGIN, _TICK, _ARM = 10.0, 4.0, 5.0
# Stands for no copy: whoever scans it learns that the code is not known.
_BODY = "0" * 12
_SAID: Final = {
    "ja": (
        "プリンターの調整",
        "2本の線の長さと、左上の十字の中心までの距離（用紙の左端・上端から）を定規で測り、画面に入力してください。",
    ),
    "en": (
        "Printer calibration",
        "Measure both rules, and how far the upper left cross is from the left and the upper edge; enter it on screen.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a person read off the page, in mm: the two rules, and the upper left cross from the left and upper edge."""

    rule_x: float
    rule_y: float
    cross_x: float = CROSS_MM
    cross_y: float = CROSS_MM


def find_rules(medium: Medium) -> tuple[float, float]:
    """Return how long the two rules are: 100 mm, or whole centimetres that fit on a smaller label."""
    width, height = (min(RULE_MM, (side - 2 * _MARGIN) // 10 * 10) for side in (medium.width, medium.height))
    return width, height


def correct(before: Calibration, measured: Measured, medium: Medium) -> Calibration:
    """Return the correction that undoes what was measured on a page printed with the correction before.

    The printer makes of a length l a length f·l and moves everything by o. A page drawn at the scale s shows the factor
    f·s, so that s / (f·s) is asked for; the cross tells f·(s·20 + moved) + o, and o has to vanish.
    """
    rule_x, rule_y = find_rules(medium)
    scale_x, offset_x = _solve(before.scale_x, before.offset_x, measured.rule_x / rule_x, measured.cross_x)
    scale_y, offset_y = _solve(before.scale_y, before.offset_y, measured.rule_y / rule_y, measured.cross_y)
    if max(abs(scale_x - 1), abs(scale_y - 1)) > MOST_SCALE:
        raise PrinterInputError("rule", "A printer is corrected by 5 % at most: look for a driver that scales.")
    if max(abs(offset_x), abs(offset_y)) > MOST_OFFSET:
        raise PrinterInputError("cross", "A printer is corrected by 20 mm at most.")
    return Calibration(scale_x=scale_x, scale_y=scale_y, offset_x=offset_x, offset_y=offset_y)


def _solve(scale: float, offset: float, shown: float, cross: float) -> tuple[float, float]:
    if not 0.9 <= shown <= 1.1:
        raise PrinterInputError("rule", "What was measured differs from the rule by more than a tenth.")
    factor = shown / scale
    return scale / shown, offset - (cross - shown * CROSS_MM) / factor


def draw_page(media: str, calibration: Calibration, language: str = "ja") -> bytes:
    """Return the page as PDF, drawn with the correction the printer has now."""
    return render_copies([_make_copy(MEDIA[media], language)], FileOptions(calibration=calibration)).data


def write_label(media: str, printer: LabelPrinter, sink: Any, language: str = "ja") -> None:
    """Write the page as ZPL."""
    write_labels([_make_copy(MEDIA[media], language)], sink, printer)


def _make_copy(medium: Medium, language: str) -> CopySpec:
    code = _BODY + check_character(_BODY)
    return CopySpec(
        template=compile_template(_make_template(medium, language)),
        values={},
        code=code,
        code_text=format_code(code),
        url=code_url(code),
        reference="calibration",
    )


def _make_template(medium: Medium, language: str) -> dict[str, Any]:
    title, hint = _SAID[language]
    width, height = medium.width, medium.height
    rule_x, rule_y = find_rules(medium)
    left, top = CROSS_MM + 5, CROSS_MM + 5
    room = width - left - _MARGIN
    crosses = [(CROSS_MM, CROSS_MM), (width - _MARGIN, _MARGIN), (_MARGIN, height - _MARGIN)]
    crosses.append((width - _MARGIN, height - _MARGIN))
    return {
        "key": "printer_calibration",
        "language": language,
        "kind": "label",
        "name": {"ja": _SAID["ja"][0], "en": _SAID["en"][0]},
        "page": {"width": width, "height": height, "margins": {"top": 4, "right": 4, "bottom": 4, "left": 4}},
        "styles": {"title": {"size": 12, "bold": True}, "body": {"size": 7, "leading": 1.4}},
        "elements": [
            *_draw_rule(_MARGIN, _MARGIN, rule_x, is_level=True),
            *_draw_rule(_MARGIN, _MARGIN, rule_y, is_level=False),
            *(line for x, y in crosses for line in _draw_cross(x, y)),
            {"type": "text", "x": left, "y": top, "width": room, "text": title, "style": "title", "overflow": "shrink"},
            {"type": "text_box", "x": left, "y": top + 7, "width": room, "text": hint, "style": "body"},
            {"type": "qr", "x": left, "y": top + 28, "size": 24},
        ],
    }


def _draw_rule(x: float, y: float, length: float, *, is_level: bool) -> list[dict[str, Any]]:
    """Return a rule and the ticks at its ends, whose middles are exactly its length apart."""
    across, down = (length, 0.0) if is_level else (0.0, length)
    tick = {"width": 0.0, "height": _TICK} if is_level else {"width": _TICK, "height": 0.0}
    ends = ((x, y), (x + across, y + down))
    return [
        {"type": "line", "x": x, "y": y, "width": across, "height": down, "weight": 0.3, "color": "#000000"},
        *({"type": "line", "x": at, "y": to, **tick, "weight": 0.3, "color": "#000000"} for at, to in ends),
    ]


def _draw_cross(x: float, y: float) -> list[dict[str, Any]]:
    level = {"x": x - _ARM, "y": y, "width": 2 * _ARM, "height": 0.0}
    upright = {"x": x, "y": y - _ARM, "width": 0.0, "height": 2 * _ARM}
    return [{"type": "line", **line, "weight": 0.3, "color": "#000000"} for line in (level, upright)]
