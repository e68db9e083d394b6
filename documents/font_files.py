"""Font files: their glyphs, how wide these are, vertical and variant forms, and the codes that call them in a PDF.

A glyph's code is its character in UTF-16. Characters beyond 16 bits, vertical forms and glyphs without a character take
codes that no character can have (surrogates and private use), the same in every process. The build copies the files.
"""

from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import uharfbuzz as hb

from documents.glyph_texts import is_private, list_joined, list_sequences, list_variants, list_vertical
from documents.subsets import Metrics, make_subset, read_metrics

FONT_FOLDER = Path(__file__).parent / "fonts" / "files"
FONT_FILES = (
    "BIZUDPGothic_400Regular",
    "BIZUDPGothic_700Bold",
    "BIZUDPMincho_400Regular",
    "BIZUDPMincho_700Bold",
    "KleeOne_400Regular",
    "KleeOne_600SemiBold",
    "NotoSansJP_400Regular",
    "NotoSansJP_700Bold",
    "NotoSans_400Regular",
    "NotoSans_700Bold",
    "NotoSansKR_400Regular",
    "NotoSansSC_400Regular",
    "NotoSansThai_400Regular",
    "NotoNaskhArabic_400Regular",
    "NotoSansHebrew_400Regular",
    "NotoEmoji_400Regular",
)
ARABIC, EMOJI = FONT_FILES.index("NotoNaskhArabic_400Regular"), FONT_FILES.index("NotoEmoji_400Regular")
# Fonts in which marks are placed upon letters.
_SHAPED = frozenset(
    index for index, name in enumerate(FONT_FILES) if name.startswith(("NotoSans_", "NotoSansT", "NotoSansH", "NotoN"))
)
# A font number with this added: the same font, its glyphs set from top to bottom (Identity-V).
VERTICAL = 64
_FIRST_SPARE = 0xD800
_PAST_SPARES = 0xF900
BEYOND = 0x10000


class Glyph(NamedTuple):
    """`text` is what it stands for when copied; empty where the text is told beside it."""

    number: int
    text: str


class Placed(NamedTuple):
    """A glyph as shaping placed it, in 1/1000 em: moved by x and y, then the pen advances."""

    glyph: int
    cluster: int
    x: float
    y: float
    advance: float


class FontFile:
    """One font file, read lazily. Raises RuntimeError when the build has not put it there."""

    def __init__(self, index: int) -> None:
        self._path = FONT_FOLDER / f"{FONT_FILES[index]}.ttf"
        if not self._path.is_file():
            raise RuntimeError(
                f"The font {self._path.name} is not in documents/fonts/files: run the build (make setup)."
            )
        self.index = index
        self._face = hb.Face(hb.Blob.from_file_path(str(self._path)))
        self._font = hb.Font(self._face)
        self._unit = 1000 / self._face.upem

    @cached_property
    def metrics(self) -> Metrics:
        return read_metrics(self._face)

    def make_subset(self, numbers: list[int]) -> tuple[bytes, dict[int, int]]:
        """Return a font file of these glyphs, and where each of them stands in it."""
        return make_subset(self._prepared, numbers)

    @cached_property
    def _prepared(self) -> hb.Face:
        return hb.subset_preprocess(self._face)

    @cached_property
    def characters(self) -> frozenset[int]:
        """Code points that it has a glyph for."""
        return frozenset(code for code in self._face.unicodes if not is_private(code))

    def find_glyph(self, character: str) -> int:
        """Return the number of a character's glyph, 0 when there is none."""
        return self._font.get_nominal_glyph(ord(character)) or 0

    def find_variant(self, character: str, selector: str) -> int:
        """Return the glyph of a variation sequence (cmap format 14), 0 when the font does not have it."""
        return self._font.get_variation_glyph(ord(character), ord(selector)) or 0

    def measure_glyph(self, glyph: int) -> float:
        """Return its width in 1/1000 em, as the PDF states it."""
        advance: int = self._font.get_glyph_h_advance(glyph)
        return round(float(advance * self._unit), 1)

    def measure(self, character: str) -> float:
        return self.measure_glyph(self.find_glyph(character))

    def shape(self, text: str, direction: str, script: str | None = None) -> list[Placed]:
        """Shape a text of one script, in the order in which the glyphs stand on the line."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction = direction
        if script:
            buffer.script = script
        buffer.guess_segment_properties()
        hb.shape(self._font, buffer, {})
        unit = self._unit
        return [
            Placed(info.codepoint, info.cluster, place.x_offset * unit, place.y_offset * unit, place.x_advance * unit)
            for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    @cached_property
    def vertical_glyphs(self) -> dict[str, int]:
        """Return the characters that stand in columns in a form of their own."""
        return dict(list_vertical(self._face, self._font))

    @cached_property
    def _spares(self) -> tuple[Glyph, ...]:
        """Glyphs that are called by spare codes, in the order of these codes."""
        plain = {code: self.find_glyph(chr(code)) for code in sorted(self.characters)}
        reached = frozenset(plain.values())
        named = [(chr(code), glyph) for code, glyph in plain.items() if code >= BEYOND]
        named += self.vertical_glyphs.items()
        named += list_variants(self._face, self._font)
        if self.index == ARABIC:
            named += [
                form for form in list_joined(self._face, self._list_leftward) if self.find_glyph(form[0]) != form[1]
            ]
        if self.index == EMOJI:
            named += list_sequences(str(self._path))
        # Of the fonts that are shaped every glyph may also be called beside the text that it is part of.
        known = frozenset() if self.index in _SHAPED else reached
        nameless = [("", glyph) for glyph in range(1, self._face.glyph_count) if glyph not in known]
        forms = dict.fromkeys(Glyph(glyph, text) for text, glyph in [*named, *nameless])
        return tuple(forms)[: _PAST_SPARES - _FIRST_SPARE]

    def _list_leftward(self, text: str) -> list[int]:
        return [placed.glyph for placed in self.shape(text, "rtl") if placed.advance]

    @cached_property
    def _spare_codes(self) -> dict[Glyph, int]:
        return {glyph: _FIRST_SPARE + place for place, glyph in enumerate(self._spares)}

    @cached_property
    def _plain_codes(self) -> dict[int, int]:
        """The code of a character for each glyph that one of 16 bits calls."""
        within = (code for code in self.characters if code < BEYOND)
        return {self.find_glyph(chr(code)): code for code in sorted(within, reverse=True)}

    @cached_property
    def _other_codes(self) -> dict[int, int]:
        """Any spare code for each glyph that has one, rather one that says no text."""
        return {
            glyph.number: code for glyph, code in sorted(self._spare_codes.items(), key=lambda item: not item[0].text)
        }

    def get_code(self, character: str) -> int:
        code = ord(character)
        return code if code < BEYOND else self._spare_codes[Glyph(self.find_glyph(character), character)]

    def get_vertical_code(self, character: str) -> int | None:
        """Return the code of a character's vertical form, None when it has none."""
        glyph = self.vertical_glyphs.get(character)
        return None if glyph is None else self._spare_codes[Glyph(glyph, character)]

    def get_glyph_code(self, glyph: int, text: str) -> int:
        """Return the code of a glyph that stands for this text, else of the glyph whatever it stands for.

        Without text rather one that says none.
        """
        if len(text) == 1 and self.find_glyph(text) == glyph:
            return self.get_code(text)
        known = self._spare_codes.get(Glyph(glyph, text))
        if known is not None:
            return known
        first, second = (self._plain_codes, self._other_codes) if text else (self._other_codes, self._plain_codes)
        return first[glyph] if glyph in first else second[glyph]

    def read_code(self, code: int) -> Glyph:
        """Return what a code draws."""
        if _FIRST_SPARE <= code < _PAST_SPARES:
            return self._spares[code - _FIRST_SPARE]
        return Glyph(self.find_glyph(chr(code)), chr(code))


@cache
def load_font(index: int) -> FontFile:
    return FontFile(index)
