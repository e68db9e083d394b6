"""Texts that stand on one line in the letters of one font: most of a page's texts, written at once."""

from collections.abc import Callable
from typing import Final

from documents.ink import Ink, escape
from documents.typefaces import NotPlainError
from documents.typesetting import TypeStyle

_TOLERANCE: Final = 0.01
_SPACES: Final = (" ", "\u3000")
# Heights at which a text has stood before: positions in stacks are few.
_MOST_PLACES: Final = 256
# Text, where to, and how far below the top; whether it was written.
WriteLine = Callable[[str, Ink, float], bool]


def compile_line(style: TypeStyle, left: float, top: float, width: float) -> WriteLine:
    """Return what writes a text whose line begins at the height `top`; points. It leaves alone, and says so, what is
    too wide, asks for another font, or has lines or spaces of its own.
    """
    head, share, font = style.head, style.share, style.face.font
    base, advance = top - style.baseline, style.face.plain.__getitem__
    scale, extra, limit = style.size / 1000, style.tracking * style.size, width + _TOLERANCE
    spaced = bool(style.gap)
    places: dict[float, bytes] = {}

    def write(text: str, ink: Ink, y: float) -> bool:
        if spaced:
            return False
        try:
            needed = sum(map(advance, text)) * scale + extra * (len(text) - 1)
        except NotPlainError:
            return False
        if needed > limit or "\n" in text or text.endswith(_SPACES):
            return False
        if share:
            begin = head + b"%.2f %.2f Tm (" % (left + (width - needed) * share, base - y)
        else:
            known = places.get(y)
            if known is None:
                if len(places) >= _MOST_PLACES:
                    places.clear()
                known = places[y] = head + b"%.2f %.2f Tm (" % (left, base - y)
            begin = known
        data = text.encode("utf-16-be")
        ink.codes.append((font, data))
        ink.parts.append(begin + escape(data) + b") Tj ET")
        return True

    return write
