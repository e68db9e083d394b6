"""Lays out what one font cannot draw letter by letter: other fonts, variants, marks, emoji, Thai, Arabic, ruby.

The result is clusters in reading order. A word keeps to one font where one has all its letters.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from documents.characters import is_settable
from documents.errors import Refusal
from documents.font_files import ARABIC, EMOJI, FONT_FILES, FontFile, Placed, load_font
from documents.ruby import GROUP, SCALE, split_group

_HEBREW = FONT_FILES.index("NotoSansHebrew_400Regular")
_THAI = FONT_FILES.index("NotoSansThai_400Regular")
_KOREAN = FONT_FILES.index("NotoSansKR_400Regular")
# Fonts that know where marks stand on Latin, Greek and Cyrillic letters.
_LATIN = FONT_FILES.index("NotoSans_400Regular")
_MARKING = frozenset((_LATIN, FONT_FILES.index("NotoSans_700Bold")))
# Emoji are drawn 1.27 em wide; so they stand in a line of Japanese like a letter.
_EMOJI_SCALE = 0.78

_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
_KANA_MARKS = frozenset("\u3099\u309a")
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_LETTERS = "A-Za-z\u00c0-\u02af\u0370-\u052f\u1e00-\u1fff"
# Greek and Cyrillic, which Japanese fonts set as wide as kana.
_WIDENED = re.compile("[\u0370-\u052f\u1f00-\u1fff]")
_MARK = re.compile(f"[{_MARKS}]")
_IDEOGRAPH = "[々〆〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_LEFTWARD = "\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdfc\ufe70-\ufefc"
_FOLLOWING = f"(?![{_MARKS}{_SELECTORS}])"
_PICTURE = "[\U0001f000-\U0001faff]"
_PICTURE_HEAD = "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299]"
_TAIL = "(?:\ufe0f|[\U0001f3fb-\U0001f3ff]|[\U000e0020-\U000e007f])"
_JOINED = f"(?:\u200d(?:{_PICTURE}|{_PICTURE_HEAD}){_TAIL}*)"
_KINDS = {
    "ruby": GROUP,
    "emoji": (
        "[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
        f"{_PICTURE}\ufe0e?{_TAIL}*{_JOINED}*|{_PICTURE_HEAD}{_TAIL}+{_JOINED}*|{_PICTURE_HEAD}{_JOINED}+"
    ),
    "variant": f".[{_SELECTORS}]",
    "word": f"[{_LETTERS}](?:[{_LETTERS}{_MARKS}'’.-]|[ ](?=[{_LETTERS}]))*",
    "marked": f"\\S[{_MARKS}]+",
    "figures": "[\u0660-\u0669\u06f0-\u06f9]+",
    "leftward": f"[{_LEFTWARD}][{_LEFTWARD}\u200c\u200d]*",
    "thai": "[\u0e01-\u0e3a\u0e40-\u0e5b]+",
    "devanagari": "[\u0900-\u097f][\u0900-\u097f\u200c\u200d]*",
    "jamo": "[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+",
    "ideographs": f"(?:{_IDEOGRAPH}{_FOLLOWING})+(?:[ \u3000](?:{_IDEOGRAPH}{_FOLLOWING})+)*",
    "letter": ".",
}
_PIECES = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.DOTALL)


class UndrawableError(Exception):
    """Characters that a face cannot draw; becomes a DocumentError where the field is known.

    Without a character: `note` says what does not fit.
    """

    def __init__(self, code: Refusal, character: str, note: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.character = character
        self.note = note


class Cluster(NamedTuple):
    """Letters that stay together. `advance` in 1/1000 em of the text's size.

    `data` are its glyphs' codes in `font`. `placed` when shaping moved them. `told`: the codes do not say what the text
    is. `ruby` are the clusters of a reading, `base` then those of the letters.
    """

    text: str
    font: int
    data: bytes
    advance: float
    placed: tuple[Placed, ...] = ()
    told: bool = False
    leftward: bool = False
    base: tuple["Cluster", ...] = ()
    ruby: tuple["Cluster", ...] = ()

    @property
    def scale(self) -> float:
        return _EMOJI_SCALE if self.font == EMOJI else 1.0


class Shaper:
    """Lays texts out in a list of fonts: the first that has a letter draws it."""

    def __init__(self, fonts: tuple[int, ...]) -> None:
        self._fonts = fonts
        self._by_kind: dict[str, Callable[[str], Iterator[Cluster]]] = {
            "ruby": self._set_ruby,
            "emoji": self._set_emoji,
            "variant": self._set_variant,
            "marked": self._set_marked,
            "figures": lambda text: iter((self._shape(text, (ARABIC,), "ltr"),)),
            "leftward": lambda text: iter((self._shape(text, (ARABIC, _HEBREW), "rtl"),)),
            "thai": lambda text: self._set_syllables(text, _THAI),
            "devanagari": lambda text: self._set_syllables(text, _LATIN),
            "jamo": lambda text: iter((self._shape(text, (_KOREAN,), "ltr"),)),
            "word": self._set_word,
            "ideographs": self._set_word,
            "letter": lambda text: iter((self._set_letter(text, self._find_font(text)),)),
        }

    def lay_out(self, text: str) -> tuple[Cluster, ...]:
        """Return the clusters of a text; raises UndrawableError."""
        clusters: list[Cluster] = []
        for match in _PIECES.finditer(text):
            clusters.extend(self._by_kind[match.lastgroup or "letter"](match.group()))
        return tuple(clusters)

    def _find_font(self, character: str) -> int:
        if not is_settable(character):
            raise UndrawableError(Refusal.UNUSUAL_CHARACTER, character)
        for font in self._fonts:
            if ord(character) in load_font(font).characters:
                return font
        raise UndrawableError(Refusal.MISSING_GLYPH, character)

    def _set_letter(self, character: str, font: int) -> Cluster:
        file = load_font(font)
        cluster = Cluster(character, font, file.get_code(character).to_bytes(2, "big"), file.measure(character))
        return cluster._replace(advance=cluster.advance * cluster.scale)

    def _set_word(self, text: str) -> Iterator[Cluster]:
        """All words of a name in one font, if one has all letters; Greek and Cyrillic words in a Western one."""
        codes = set(map(ord, text))
        fonts = self._fonts
        if len(text) > 1 and (_WIDENED.search(text) or _MARK.search(text)):
            fonts = tuple(font for font in fonts if font in _MARKING)
        whole = next((font for font in fonts if codes <= load_font(font).characters), None)
        if whole is not None and _MARK.search(text):
            yield from self._set_syllables(text, whole)
            return
        for character in text:
            yield self._set_letter(character, self._find_font(character) if whole is None else whole)

    def _set_ruby(self, text: str) -> Iterator[Cluster]:
        letters, reading = split_group(text)
        base, ruby = self.lay_out(letters), self.lay_out(reading)
        wider = max(measure_clusters(base), measure_clusters(ruby) * SCALE)
        yield Cluster(text, self._fonts[0], b"", wider, base=base, ruby=ruby)

    def _set_emoji(self, text: str) -> Iterator[Cluster]:
        """One glyph, or nothing: a family that falls apart into its members is not what was written."""
        if text.endswith("\ufe0e"):
            yield from self._set_variant(text)
            return
        file = load_font(EMOJI)
        if len(text) == 1 and ord(text) not in file.characters:
            yield self._set_letter(text, self._find_font(text))
            return
        glyphs = [placed for placed in file.shape(text, "ltr") if placed.advance]
        if len(glyphs) != 1 or not glyphs[0].glyph:
            raise UndrawableError(Refusal.MISSING_GLYPH, text)
        yield self._set_glyph(text, EMOJI, glyphs[0].glyph)

    def _set_variant(self, text: str) -> Iterator[Cluster]:
        character, selector = text[0], text[1]
        if selector in "\ufe0e\ufe0f":  # The plain form, or that of emoji, of which none is left here.
            font = self._find_font(character)
            yield self._set_glyph(text, font, load_font(font).find_glyph(character))
            return
        for font in self._fonts:
            glyph = load_font(font).find_variant(character, selector)
            if glyph:
                yield self._set_glyph(text, font, glyph)
                return
        raise UndrawableError(Refusal.MISSING_GLYPH, text)

    def _set_marked(self, text: str) -> Iterator[Cluster]:
        """Kana with a voicing mark needs a glyph of its own; letters with marks a font that places them."""
        is_kana = not _KANA_MARKS.isdisjoint(text)
        for font in self._fonts:
            file = load_font(font)
            if not set(map(ord, text)) <= file.characters:
                continue
            glyphs = file.shape(text, "ltr")
            if len(glyphs) == 1 and glyphs[0].glyph:
                yield self._set_glyph(text, font, glyphs[0].glyph)
                return
            if font in _MARKING and not is_kana:
                yield _place(text, file, glyphs)
                return
        raise UndrawableError(Refusal.UNUSUAL_CHARACTER, text)

    def _set_syllables(self, text: str, font: int) -> Iterator[Cluster]:
        """A cluster for each consonant with its vowels and other marks."""
        file = load_font(font)
        glyphs = file.shape(text, "ltr")
        starts = sorted({placed.cluster for placed in glyphs})
        for start, stop in zip(starts, [*starts[1:], len(text)], strict=True):
            own = [placed for placed in glyphs if placed.cluster == start]
            letters = text[start:stop]
            is_plain = len(own) == len(letters) == 1 and own[0].glyph == file.find_glyph(letters)
            yield self._set_letter(letters, font) if is_plain else _place(letters, file, own)

    def _shape(self, text: str, fonts: tuple[int, ...], direction: str) -> Cluster:
        codes = set(map(ord, text)) - {0x200C, 0x200D}
        for font in fonts:
            file = load_font(font)
            if codes <= file.characters:
                if direction == "ltr":
                    return _place(text, file, file.shape(text, direction))
                return _place_leftward(text, file)
        everything = frozenset().union(*(load_font(font).characters for font in fonts))
        missing = next((character for character in text if ord(character) not in everything), text)
        raise UndrawableError(Refusal.MISSING_GLYPH, missing)

    def _set_glyph(self, text: str, font: int, glyph: int) -> Cluster:
        """One glyph that stands for the whole text."""
        file = load_font(font)
        code = file.get_glyph_code(glyph, text.replace("\ufe0f", "").rstrip("\ufe0e"))
        stated = file.read_code(code).text
        # Readers of PDF know no emoji in texts told beside; then at least the plain one is copied.
        told = stated != text and len(stated) < 2 and (font != EMOJI or max(text) < "\U00010000")
        cluster = Cluster(text, font, code.to_bytes(2, "big"), file.measure_glyph(glyph), told=told)
        return cluster._replace(advance=cluster.advance * cluster.scale)


def measure_clusters(clusters: tuple[Cluster, ...]) -> float:
    return sum(cluster.advance for cluster in clusters)


def _place(text: str, file: FontFile, glyphs: list[Placed]) -> Cluster:
    if not all(placed.glyph for placed in glyphs):
        raise UndrawableError(Refusal.MISSING_GLYPH, text)
    data = b"".join(file.get_glyph_code(placed.glyph, "").to_bytes(2, "big") for placed in glyphs)
    advance = sum(placed.advance for placed in glyphs)
    return Cluster(text, file.index, data, advance, placed=tuple(glyphs), told=True)


def _place_leftward(text: str, file: FontFile) -> Cluster:
    """A word that runs leftward: its glyphs tell their letters, from which readers of PDF find the order themselves."""
    glyphs = file.shape(text, "rtl")
    codes = [file.get_glyph_code(placed.glyph, told) for placed, told in zip(glyphs, _tell(text, glyphs), strict=True)]
    cluster = _place(text, file, glyphs)
    return cluster._replace(data=b"".join(code.to_bytes(2, "big") for code in codes), told=False, leftward=True)


def _tell(text: str, glyphs: list[Placed]) -> list[str]:
    """Return which letters each glyph of a leftward word stands for: marks beside a letter say none."""
    starts = sorted({placed.cluster for placed in glyphs})
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    told = []
    for start in [placed.cluster for placed in glyphs if placed.advance]:
        letters = text[start : ends[start]]
        many = sum(placed.cluster == start and bool(placed.advance) for placed in glyphs)
        told.append(letters if many == 1 else "")
        if many == len(letters) > 1:
            seen = sum(each in letters for each in told[-many:] if each)
            told[-1] = letters[-1 - seen]
    tellings = iter(told)
    return [next(tellings) if placed.advance else "" for placed in glyphs]
