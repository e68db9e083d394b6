"""Fonts: which files make up a face, which has a character's glyph, how wide it is. The build copies the files."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

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
# Labels and names that return on many pages are encoded once.
_MOST_RUNS = 20_000
# Height of the em box above the baseline, the same in all of these fonts.
ASCENT = 0.88


class Glyph(NamedTuple):
    """`font` is the place in FONT_FILES, `code` four hexadecimal digits of the glyph's number in that file."""

    font: int
    code: str


class Run(NamedTuple):
    """Letters in one font file: `codes` are the hexadecimal digits of their glyphs."""

    font: int
    codes: str
    text: str


class UndrawableError(Exception):
    """A character that a face cannot draw; becomes a DocumentError where the field is known."""

    def __init__(self, code: Refusal, character: str) -> None:
        super().__init__(code)
        self.code = code
        self.character = character


@cache
def load_font(index: int) -> TTFontFile:
    """Read a font file; RuntimeError when the build has not put it there."""
    path = FONT_FOLDER / f"{FONT_FILES[index]}.ttf"
    if not path.is_file():
        raise RuntimeError(f"The font {path.name} is not in documents/fonts/files: run the build (make setup).")
    return TTFontFile(str(path))


class _Advances(dict[str, float]):
    """Width of each character in 1/1000 em, found when first asked for."""

    def __init__(self, face: "Face") -> None:
        super().__init__()
        self._face = face

    def __missing__(self, character: str) -> float:
        glyph = self._face.glyphs[character]
        advance = round(float(load_font(glyph.font).charWidths[ord(character)]), 1)
        self[character] = advance
        return advance


class _Glyphs(dict[str, Glyph]):
    def __init__(self, fonts: tuple[int, ...]) -> None:
        super().__init__()
        self._fonts = fonts

    def __missing__(self, character: str) -> Glyph:
        if not is_settable(character):
            raise UndrawableError(Refusal.UNUSUAL_CHARACTER, character)
        for font in self._fonts:
            number = load_font(font).charToGlyph.get(ord(character))
            if number:
                self[character] = glyph = Glyph(font, f"{number:04X}")
                return glyph
        raise UndrawableError(Refusal.MISSING_GLYPH, character)


class Face:
    """A family and weight with its fallbacks. `advances` and `glyphs` raise UndrawableError for what it cannot draw."""

    def __init__(self, family: str, bold: bool) -> None:
        self.family = family
        self.bold = bold
        self.glyphs = _Glyphs(_FALLBACKS[family, bold])
        self.advances = _Advances(self)
        self._runs: dict[str, tuple[Run, ...]] = {}

    def measure(self, text: str) -> float:
        """Return the width of a text in 1/1000 em."""
        return sum(map(self.advances.__getitem__, text))

    def encode(self, text: str) -> tuple[Run, ...]:
        """Return the text as runs of one font file each."""
        known = self._runs.get(text)
        if known is None:
            if len(self._runs) >= _MOST_RUNS:
                self._runs.clear()
            known = self._runs[text] = self._split_runs(text)
        return known

    def _split_runs(self, text: str) -> tuple[Run, ...]:
        glyphs = [self.glyphs[character] for character in text]
        runs = []
        start = 0
        for end in range(1, len(glyphs) + 1):
            if end == len(glyphs) or glyphs[end].font != glyphs[start].font:
                codes = "".join(glyph.code for glyph in glyphs[start:end])
                runs.append(Run(glyphs[start].font, codes, text[start:end]))
                start = end
        return tuple(runs)


@cache
def get_face(family: str, bold: bool) -> Face:
    return Face(family, bold)
