"""Faces: which font files make up a family, which draws a character, how wide it is."""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate
from math import isnan

import numpy as np

from documents.characters import is_settable
from documents.font_files import BEYOND, FONT_FILES, load_font
from documents.shaping import Cluster, Shaper, UndrawableError, measure_clusters

__all__ = ["ASCENT", "FAMILIES", "Face", "NotPlainError", "UndrawableError", "get_face"]

(
    _GOTHIC,
    _GOTHIC_BOLD,
    _MINCHO,
    _MINCHO_BOLD,
    _KLEE,
    _KLEE_BOLD,
    _NOTO,
    _NOTO_BOLD,
    _LATIN,
    _LATIN_BOLD,
    _KOREAN,
    _CHINESE,
    _THAI,
    _ARABIC,
    _HEBREW,
    _EMOJI,
) = range(len(FONT_FILES))
_ELSEWHERE = (_KOREAN, _CHINESE, _THAI, _ARABIC, _HEBREW, _EMOJI)
# The first file that has the glyph draws it: the style's own, then what looks most like it.
_FALLBACKS = {
    ("gothic", False): (_GOTHIC, _NOTO, _LATIN, _KLEE, _MINCHO, *_ELSEWHERE),
    ("gothic", True): (_GOTHIC_BOLD, _NOTO_BOLD, _LATIN_BOLD, _KLEE_BOLD, _MINCHO_BOLD, *_ELSEWHERE),
    ("mincho", False): (_MINCHO, _KLEE, _NOTO, _LATIN, _GOTHIC, *_ELSEWHERE),
    ("mincho", True): (_MINCHO_BOLD, _KLEE_BOLD, _NOTO_BOLD, _LATIN_BOLD, _GOTHIC_BOLD, *_ELSEWHERE),
    ("handwriting", False): (_KLEE, _MINCHO, _NOTO, _LATIN, _GOTHIC, *_ELSEWHERE),
    # Its bold is as heavy as others are when regular.
    ("handwriting", True): (_KLEE_BOLD, _MINCHO, _NOTO, _LATIN, _GOTHIC, *_ELSEWHERE),
}
FAMILIES = tuple(dict.fromkeys(family for family, _ in _FALLBACKS))
# Height of the em box above the baseline, the same in all of the Japanese fonts.
ASCENT = 0.88
_MOST_LAYOUTS = 4096
# Words of these letters have a font of their own.
_FIRST_GREEK, _PAST_CYRILLIC = 0x370, 0x530


class NotPlainError(Exception):
    """A character that the face's own font does not draw by a plain code, if any does."""


class _PlainAdvances(dict[str, float]):
    """Width in 1/1000 em of the characters that the first font draws by their own code; NotPlainError for others."""

    def __init__(self, font: int) -> None:
        super().__init__()
        self._font = load_font(font)
        # By UTF-16 code, for long texts at once; NaN for what was not asked for yet.
        self.widths = np.full(1 << 16, np.nan)
        self.widths[0] = 0.0

    def __missing__(self, character: str) -> float:
        code = ord(character)
        if code >= BEYOND or _FIRST_GREEK <= code < _PAST_CYRILLIC:
            raise NotPlainError
        if code not in self._font.characters or not is_settable(character):
            raise NotPlainError
        self[character] = advance = self._font.measure(character)
        self.widths[code] = advance
        return advance


class Face:
    """A family and weight with its fallbacks: letters of its own font are plain, others are laid out in clusters."""

    def __init__(self, family: str, bold: bool) -> None:
        self.family = family
        self.bold = bold
        fonts = _FALLBACKS[family, bold]
        self.font = fonts[0]
        self.plain = _PlainAdvances(self.font)
        # Raises UndrawableError for what no font draws.
        self.lay_out = lru_cache(maxsize=_MOST_LAYOUTS)(Shaper(fonts).lay_out)

    def measure(self, text: str) -> float:
        """Return the width of a text in 1/1000 em."""
        try:
            return sum(map(self.plain.__getitem__, text))
        except NotPlainError:
            return measure_clusters(self.lay_out(text))

    def is_plain(self, text: str) -> bool:
        """Say whether the first font draws every letter by its own code."""
        try:
            return sum(map(self.plain.__getitem__, text)) >= 0
        except NotPlainError:
            return False

    def reach(self, text: str, tracking: float) -> list[float] | None:
        """Return the width of the first 0, 1, 2, … letters in 1/1000 em; None when the text is not plain."""
        if "\0" in text:
            return None
        # Before the first letter stands one without width.
        codes = np.frombuffer(("\0" + text).encode("utf-16-le", "surrogatepass"), dtype="<u2")
        widths = self.plain.widths.take(codes)
        if tracking:
            widths[1:] += tracking * 1000
        reach: list[float] = np.add.accumulate(widths, out=widths).tolist()
        if isnan(reach[-1]):
            return self.reach(text, tracking) if self.is_plain(text) else None
        return reach


def reach_clusters(clusters: Sequence[Cluster], tracking: float, gaps: list[float]) -> list[float]:
    """Return the same for clusters: one that holds several letters is reached with its first."""
    steps: list[float] = []
    for cluster, gap in zip(clusters, gaps, strict=True):
        steps.append(cluster.advance + tracking * 1000 + gap)
        steps.extend([0.0] * (len(cluster.text) - 1))
    return list(accumulate(steps, initial=0.0))


@cache
def get_face(family: str, bold: bool) -> Face:
    return Face(family, bold)
