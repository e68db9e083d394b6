"""Fonts: which files make up a face, which has a character's glyph, how wide it is. The build copies the files."""

from functools import cache
from math import isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np
from reportlab.pdfbase.ttfonts import TTFontFile

from documents.characters import is_settable
from documents.errors import Refusal

FONT_FOLDER = Path(__file__).parent / "fonts" / "files"
FONT_FILES = (
    "BIZUDPGothic_400Regular",
    "BIZUDPGothic_700Bold",
    "BIZUDPMincho_400Regular",
    "BIZUDPMincho_700Bold",
    "KleeOne_400Regular",
    "KleeOne_600SemiBold",
)
_GOTHIC, _GOTHIC_BOLD, _MINCHO, _MINCHO_BOLD, _KLEE, _KLEE_BOLD = range(len(FONT_FILES))
# The first file that has the glyph draws it: the style's own, then the others in this order.
_FALLBACKS = {
    ("gothic", False): (_GOTHIC, _MINCHO, _KLEE),
    ("gothic", True): (_GOTHIC_BOLD, _MINCHO_BOLD, _KLEE_BOLD),
    ("mincho", False): (_MINCHO, _GOTHIC, _KLEE),
    ("mincho", True): (_MINCHO_BOLD, _GOTHIC_BOLD, _KLEE_BOLD),
    ("handwriting", False): (_KLEE, _MINCHO, _GOTHIC),
    ("handwriting", True): (_KLEE_BOLD, _MINCHO_BOLD, _GOTHIC_BOLD),
}
FAMILIES = tuple(dict.fromkeys(family for family, _ in _FALLBACKS))
# Height of the em box above the baseline, the same in all of these fonts.
ASCENT = 0.88
# Codes of glyphs are UTF-16. What lies beyond 16 bits takes codes that no character can have.
_FIRST_SPARE = 0xD800
_MOST_SPARE = 0x2100
_BEYOND = 0x10000


class Run(NamedTuple):
    """Letters in one font file: `data` are their codes."""

    font: int
    data: bytes


class UndrawableError(Exception):
    """A character that a face cannot draw; becomes a DocumentError where the field is known."""

    def __init__(self, code: Refusal, character: str) -> None:
        super().__init__(code)
        self.code = code
        self.character = character


class NotPlainError(Exception):
    """A character that the face's own font does not draw by a plain code."""


@cache
def load_font(index: int) -> TTFontFile:
    """Read a font file; RuntimeError when the build has not put it there."""
    path = FONT_FOLDER / f"{FONT_FILES[index]}.ttf"
    if not path.is_file():
        raise RuntimeError(f"The font {path.name} is not in documents/fonts/files: run the build (make setup).")
    return TTFontFile(str(path))


@cache
def list_spares(font: int) -> dict[int, int]:
    """Return the codes of a font's characters beyond 16 bits, the same in every process."""
    beyond = sorted(code for code in load_font(font).charToGlyph if code >= _BEYOND)
    return {code: _FIRST_SPARE + place for place, code in enumerate(beyond[:_MOST_SPARE])}


class _Fonts(dict[str, int]):
    """The font file that draws each character, found when first asked for."""

    def __init__(self, fonts: tuple[int, ...]) -> None:
        super().__init__()
        self._fonts = fonts

    def __missing__(self, character: str) -> int:
        if not is_settable(character):
            raise UndrawableError(Refusal.UNUSUAL_CHARACTER, character)
        for font in self._fonts:
            if load_font(font).charToGlyph.get(ord(character)):
                self[character] = font
                return font
        raise UndrawableError(Refusal.MISSING_GLYPH, character)


class _Advances(dict[str, float]):
    """Width of each character in 1/1000 em."""

    def __init__(self, fonts: _Fonts) -> None:
        super().__init__()
        self._fonts = fonts

    def __missing__(self, character: str) -> float:
        advance = round(float(load_font(self._fonts[character]).charWidths[ord(character)]), 1)
        self[character] = advance
        return advance


class _PlainAdvances(dict[str, float]):
    """The same of the characters that the first font draws by their own code; raises NotPlainError for others."""

    def __init__(self, font: int, fonts: _Fonts, advances: _Advances) -> None:
        super().__init__()
        self._font, self._fonts, self._advances = font, fonts, advances
        # By UTF-16 code, for long texts at once; NaN for what was not asked for yet.
        self.widths = np.full(1 << 16, np.nan)

    def __missing__(self, character: str) -> float:
        if self._fonts[character] != self._font or ord(character) >= _BEYOND:
            raise NotPlainError
        self[character] = advance = self._advances[character]
        self.widths[ord(character)] = advance
        return advance


class Face:
    """A family and weight with its fallbacks. Its tables raise UndrawableError for what it cannot draw."""

    def __init__(self, family: str, bold: bool) -> None:
        self.family = family
        self.bold = bold
        fonts = _FALLBACKS[family, bold]
        self.font = fonts[0]
        self.fonts = _Fonts(fonts)
        self.advances = _Advances(self.fonts)
        self.plain = _PlainAdvances(self.font, self.fonts, self.advances)

    def measure(self, text: str) -> float:
        """Return the width of a text in 1/1000 em."""
        return sum(map(self.advances.__getitem__, text))

    def is_plain(self, text: str) -> bool:
        """Say whether the first font draws every letter by its own code; raises UndrawableError."""
        try:
            return sum(map(self.plain.__getitem__, text)) >= 0
        except NotPlainError:
            return False

    def reach(self, text: str, tracking: float) -> list[float] | None:
        """Return the width of the first 0, 1, 2, … letters in 1/1000 em; None when the text is not plain.

        Raises UndrawableError.
        """
        codes = np.frombuffer(text.encode("utf-16-le"), dtype="<u2")
        widths = self.plain.widths[codes]
        reach = (widths + tracking * 1000).cumsum().tolist()
        if reach and isnan(reach[-1]):
            if not self.is_plain(text):
                return None
            return self.reach(text, tracking)
        return [0.0, *reach]

    def encode(self, text: str) -> list[Run]:
        """Return the text as runs of one font file each."""
        runs: list[Run] = []
        for character in text:
            font = self.fonts[character]
            code = ord(character)
            data = (code if code < _BEYOND else list_spares(font)[code]).to_bytes(2, "big")
            if runs and runs[-1].font == font:
                runs[-1] = Run(font, runs[-1].data + data)
            else:
                runs.append(Run(font, data))
        return runs


@cache
def get_face(family: str, bold: bool) -> Face:
    return Face(family, bold)
