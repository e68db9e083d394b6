"""Flat little pictures of the sample goods, drawn by rule: same shape and colour, same bytes."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

from PIL import Image, ImageColor, ImageDraw

SIZE: Final = 360
_SCALE: Final = 2  # Drawn larger and shrunk: Pillow does not smooth edges.
Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw
Painter = Callable[["Canvas"], None]
_INK: Final = (52, 58, 54)
_PAPER: Final = (250, 248, 242)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return `one` with a share (0 to 1) of `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """Shapes in units of a 100 × 100 square, with one main colour and its shades."""

    def __init__(self, colour: str) -> None:
        rgb = ImageColor.getrgb(colour)
        self.main: Colour = (rgb[0], rgb[1], rgb[2])
        self.dark = mix(self.main, _INK, 0.32)
        self.light = mix(self.main, (255, 255, 255), 0.45)
        self.pale = mix(self.main, _PAPER, 0.82)
        side = SIZE * _SCALE
        self.image = Image.new("RGB", (side, side), self.pale)
        self._draw = ImageDraw.Draw(self.image)
        self._unit = side / 100
        self.oval(50, 50, 42, 42, mix(self.pale, (255, 255, 255), 0.55))
        self.oval(50, 84, 28, 3.2, mix(self.pale, _INK, 0.16))

    def _at(self, *values: float) -> list[float]:
        return [value * self._unit for value in values]

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        self._draw.ellipse(self._at(x - rx, y - ry, x + rx, y + ry), fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0) -> None:
        self._draw.rounded_rectangle(self._at(left, top, right, bottom), radius * self._unit, fill=fill)

    def shape(self, fill: Colour, *points: tuple[float, float]) -> None:
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=fill)

    def stroke(self, fill: Colour, width: float, *points: tuple[float, float]) -> None:
        path = [(x * self._unit, y * self._unit) for x, y in points]
        self._draw.line(path, fill=fill, width=round(width * self._unit), joint="curve")

    def ring(self, x: float, y: float, r: float, fill: Colour, width: float) -> None:
        self._draw.ellipse(self._at(x - r, y - r, x + r, y + r), outline=fill, width=round(width * self._unit))

    def leaf(self, x: float, y: float, size: float, fill: Colour) -> None:
        """Two tea leaves and a bud, the shop's mark."""
        for way in (-1, 1):
            tip = (x + way * size, y - size * 0.55)
            self.shape(
                fill, (x, y), (x + way * size * 0.35, y - size * 0.75), tip, (x + way * size * 0.7, y - size * 0.05)
            )
        self.oval(x, y - size * 0.85, size * 0.16, size * 0.42, fill)
        self.stroke(fill, size * 0.09, (x, y - size * 0.6), (x, y + size * 0.5))

    def label(self, left: float, top: float, right: float, bottom: float) -> None:
        self.box(left, top, right, bottom, _PAPER, 1.5)
        middle, size = (left + right) / 2, min(right - left, bottom - top) * 0.24
        self.leaf(middle, top + (bottom - top) * 0.48, size, self.dark)
        self.box(left + 3, bottom - 5, right - 3, bottom - 4, self.light)


def _pouch(c: Canvas) -> None:
    c.shape(c.main, (29, 20), (71, 20), (74, 84), (26, 84))
    c.box(29, 15, 71, 24, c.dark, 1)
    c.stroke(c.light, 0.7, (31, 21), (69, 21))
    c.label(37, 36, 63, 70)


def _tin(c: Canvas) -> None:
    c.box(31, 30, 69, 84, c.main, 3)
    c.box(29, 17, 71, 33, c.dark, 3)
    c.box(31, 34, 69, 36, c.light)
    c.label(38, 44, 62, 74)


def _box(c: Canvas) -> None:
    c.shape(c.light, (20, 40), (34, 27), (82, 27), (70, 40))
    c.shape(c.dark, (70, 40), (82, 27), (82, 70), (70, 84))
    c.box(20, 40, 70, 84, c.main)
    c.label(31, 50, 59, 76)


def _jar(c: Canvas) -> None:
    c.box(30, 34, 70, 84, c.light, 7)
    for row in range(5):
        for column in range(5):
            c.oval(37 + column * 6.5 + row % 2 * 2, 52 + row * 6.4, 2.6, 2.6, c.main if (row + column) % 3 else c.dark)
    c.box(33, 20, 67, 35, c.dark, 2)


def _soap(c: Canvas) -> None:
    c.box(22, 44, 78, 82, c.dark, 13)
    c.box(22, 38, 78, 76, c.main, 13)
    c.leaf(50, 60, 9, c.light)
    for x, y, r in ((30, 30, 5), (41, 22, 3.4), (66, 26, 4.4), (75, 33, 2.6)):
        c.ring(x, y, r, c.dark, 0.8)


def _pump(c: Canvas) -> None:
    c.box(33, 36, 67, 84, c.main, 6)
    c.box(43, 28, 57, 38, c.dark, 1)
    c.box(48, 18, 52, 30, c.dark)
    c.box(34, 14, 56, 20, c.dark, 2)
    c.label(39, 48, 61, 76)


def _bottle(c: Canvas) -> None:
    c.box(36, 34, 64, 84, c.main, 5)
    c.box(41, 17, 59, 36, c.dark, 2)
    c.box(38, 38, 40.5, 80, c.light, 1)
    c.label(43, 48, 60, 76)


def _refill(c: Canvas) -> None:
    c.shape(c.main, (28, 30), (58, 30), (68, 17), (74, 22), (72, 84), (28, 84))
    c.shape(c.dark, (62, 25), (70, 12), (79, 19), (73, 26))
    c.box(28, 80, 72, 84, c.dark)
    c.label(37, 42, 62, 72)


def _dropper(c: Canvas) -> None:
    c.box(35, 46, 65, 84, c.main, 5)
    c.box(42, 34, 58, 47, c.dark, 1)
    c.box(44, 14, 56, 35, mix(c.dark, _INK, 0.3), 5)
    c.label(41, 56, 59, 78)


def _pot(c: Canvas) -> None:
    c.box(24, 50, 76, 84, mix(c.main, _INK, 0.06), 8)
    c.box(22, 34, 78, 54, c.dark, 4)
    c.box(24, 36, 76, 38, c.light, 1)
    c.leaf(50, 72, 7, c.dark)


def _tube(c: Canvas) -> None:
    c.shape(c.main, (33, 16), (67, 16), (61, 70), (39, 70))
    c.box(32, 13, 68, 19, c.dark, 1)
    c.box(40, 70, 60, 84, c.dark, 2)
    c.leaf(50, 48, 8, c.dark)


def _stick(c: Canvas) -> None:
    c.box(42, 44, 58, 84, c.dark, 2)
    c.box(43.5, 30, 56.5, 46, _PAPER)
    c.shape(c.main, (45, 31), (45, 20), (55, 15), (55, 31))
    c.box(44, 50, 45.5, 80, c.light, 0.5)


def _teapot(c: Canvas) -> None:
    c.stroke(c.dark, 5, (68, 56), (84, 48), (88, 40))
    c.stroke(c.dark, 6, (32, 54), (18, 42))
    c.oval(50, 62, 25, 21, c.main)
    c.oval(50, 43, 15, 4, c.dark)
    c.oval(50, 38, 3.2, 3.2, c.dark)
    c.stroke(c.light, 1, (34, 54), (42, 47))


def _cup(c: Canvas) -> None:
    for left in (22, 53):
        c.shape(c.main, (left, 44), (left + 25, 44), (left + 22, 84), (left + 3, 84))
        c.oval(left + 12.5, 44, 12.5, 3.4, mix(c.main, _INK, 0.18))
        c.oval(left + 12.5, 44.4, 10.6, 2.4, (143, 168, 90))
        c.stroke((74, 104, 140), 1.2, (left + 2, 60), (left + 23, 60))


def _whisk(c: Canvas) -> None:
    for step in range(13):
        spread = (step - 6) * 3
        c.stroke(c.main if step % 2 else c.dark, 1, (50 + spread * 0.3, 46), (50 + spread, 82))
    c.box(43, 16, 57, 48, c.main, 2)
    c.box(42, 44, 58, 47, _INK)


def _set(c: Canvas) -> None:
    c.box(16, 52, 84, 84, mix(c.main, _INK, 0.18), 2)
    c.box(22, 30, 40, 62, (122, 154, 106), 2)
    c.box(42, 24, 58, 62, (169, 205, 191), 3)
    c.box(60, 34, 78, 62, (176, 124, 72), 2)
    c.box(16, 56, 84, 84, c.main, 2)
    c.box(47, 56, 53, 84, (181, 72, 59))
    c.oval(43, 56, 6, 3.4, (181, 72, 59))
    c.oval(57, 56, 6, 3.4, (181, 72, 59))


def _card(c: Canvas) -> None:
    c.box(18, 34, 82, 76, c.dark, 3)
    c.box(18, 32, 82, 74, c.main, 3)
    c.box(23, 37, 77, 69, mix(c.main, _PAPER, 0.75), 2)
    c.leaf(50, 53, 9, c.dark)


def _leaflet(c: Canvas) -> None:
    c.shape(c.main, (22, 22), (42, 17), (42, 80), (22, 85))
    c.shape(c.light, (42, 17), (60, 22), (60, 85), (42, 80))
    c.shape(c.main, (60, 22), (80, 17), (80, 80), (60, 85))
    c.leaf(51, 46, 7, c.dark)
    for row in range(4):
        c.stroke(c.light, 1.2, (26, 40 + row * 7), (38, 37 + row * 7))
        c.stroke(c.light, 1.2, (64, 40 + row * 7), (76, 37 + row * 7))


def _sachet(c: Canvas) -> None:
    c.box(30, 22, 70, 82, c.main, 1)
    for side in (22, 78):
        c.stroke(c.dark, 1, (30, side + 2), (70, side + 2))
    c.shape(c.pale, (65, 26), (70, 29), (65, 32))
    c.label(38, 38, 62, 68)


def _dish(c: Canvas) -> None:
    c.oval(50, 60, 36, 24, mix(c.main, _INK, 0.22))
    c.oval(50, 57, 36, 24, c.main)
    c.oval(50, 57, 25, 16, mix(c.main, _INK, 0.07))
    c.leaf(50, 60, 9, (74, 104, 140))


def _spoon(c: Canvas) -> None:
    c.stroke(c.dark, 4, (36, 70), (78, 22))
    c.oval(31, 73, 11, 9, c.main)
    c.oval(31, 72, 7, 5, c.dark)


def _bag(c: Canvas) -> None:
    c.ring(50, 34, 12, c.dark, 2)
    c.box(26, 34, 74, 84, c.main, 1)
    c.box(26, 34, 74, 42, c.dark)
    c.label(38, 52, 62, 76)


PAINTERS: Final[dict[str, Painter]] = {
    "pouch": _pouch, "tin": _tin, "box": _box, "jar": _jar, "soap": _soap, "pump": _pump, "bottle": _bottle,
    "refill": _refill, "dropper": _dropper, "pot": _pot, "tube": _tube, "stick": _stick, "teapot": _teapot,
    "cup": _cup, "whisk": _whisk, "set": _set, "card": _card, "leaflet": _leaflet, "sachet": _sachet,
    "dish": _dish, "spoon": _spoon, "bag": _bag,
}  # fmt: skip


def draw_picture(shape: str, colour: str) -> bytes:
    """Return a PNG of 360 × 360 pixels; raises KeyError for an unknown shape."""
    canvas = Canvas(colour)
    PAINTERS[shape](canvas)
    small = canvas.image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).quantize(colors=64)
    buffer = BytesIO()
    small.save(buffer, format="PNG")
    return buffer.getvalue()
