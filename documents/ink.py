"""Content of a page as it is written: PDF operators, and which glyphs and pictures they call.

Coordinates are points from the bottom left; the `top` of a setting is where y = 0 of a template lies.
"""

from typing import NamedTuple

from documents.pictures import Picture

Codes = tuple[int, bytes]  # font, glyph codes that it shows: UTF-16, big-endian


class Fragment(NamedTuple):
    """Content that may be used many times; a file holds one that returns only once."""

    parts: tuple["Part", ...]
    codes: tuple[Codes, ...]
    pictures: tuple[tuple[str, Picture], ...]


Part = bytes | Fragment


class Ink:
    """Collects content."""

    __slots__ = ("codes", "parts", "pictures")

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.codes: list[Codes] = []
        self.pictures: dict[str, Picture] = {}

    def add(self, fragment: Fragment) -> None:
        """Use a fragment where it was drawn for."""
        self.parts.append(fragment)

    def place(self, fragment: Fragment, x: float, y: float) -> None:
        """Use a fragment that was drawn for (0, 0) at another place."""
        self.parts += (b"q 1 0 0 1 %.2f %.2f cm" % (x, y), fragment, b"Q")

    def place_once(self, ink: "Ink", x: float, y: float) -> None:
        """Take over what was drawn for (0, 0), at another place."""
        self.parts.append(b"q 1 0 0 1 %.2f %.2f cm" % (x, y))
        self.parts += ink.parts
        self.parts.append(b"Q")
        self.codes += ink.codes
        if ink.pictures:
            self.pictures |= ink.pictures

    def cut(self) -> Fragment:
        """Return everything collected as one fragment."""
        return Fragment(tuple(self.parts), tuple(self.codes), tuple(self.pictures.items()))


def escape(data: bytes) -> bytes:
    """Return data as it stands between the parentheses of a PDF string."""
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\r", b"\\r")
