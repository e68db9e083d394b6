"""Content of a page as it is written: PDF operators, and which glyphs and pictures they call.

Coordinates are points from the bottom left; the `top` of a setting is where y = 0 of a template lies.
"""

from typing import NamedTuple

from documents.pictures import Picture

Codes = tuple[int, bytes]  # font, glyph codes that it shows: UTF-16, big-endian


class Fragment(NamedTuple):
    """Content that is used at several places: always one part of a page."""

    content: bytes
    codes: tuple[Codes, ...]
    pictures: dict[str, Picture]


# A fragment drawn for (0, 0) that stands at another place. Its glyphs and pictures are its own.
Placed = tuple[float, float, Fragment]
# What a page is drawn by, in order.
Part = bytes | Placed


class Ink:
    """Collects content in parts. What a part holds never depends on what was drawn before: same spec, same bytes."""

    __slots__ = ("codes", "parts", "pictures")

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.codes: list[Codes] = []
        self.pictures: dict[str, Picture] = {}

    def add(self, other: "Ink") -> None:
        """Take over what was drawn for the same place."""
        self.parts += other.parts
        self.codes += other.codes
        if other.pictures:
            self.pictures |= other.pictures

    def place(self, drawn: "Fragment | Ink", x: float, y: float) -> None:
        """Use what was drawn for (0, 0) at another place."""
        if isinstance(drawn, Fragment):
            self.parts.append((x, y, drawn))
            return
        self.parts.append(move(x, y))
        self.parts += drawn.parts
        self.parts.append(b"Q")
        self.codes += drawn.codes
        if drawn.pictures:
            self.pictures |= drawn.pictures

    def cut(self) -> Fragment:
        """Return everything collected as one fragment."""
        content, codes, pictures = [], list(self.codes), dict(self.pictures)
        for part in self.parts:
            if isinstance(part, bytes):
                content.append(part)
                continue
            x, y, fragment = part
            content += [move(x, y), fragment.content, b"Q"]
            codes += fragment.codes
            pictures |= fragment.pictures
        return Fragment(b"\n".join(content), tuple(codes), pictures)


def move(x: float, y: float) -> bytes:
    """Return what begins content at another place; Q ends it."""
    return b"q 1 0 0 1 %.2f %.2f cm" % (x, y)


def escape(data: bytes) -> bytes:
    """Return data as it stands between the parentheses of a PDF string."""
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\r", b"\\r")
