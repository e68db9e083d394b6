"""Which text the glyphs stand for that no character calls directly: columns' forms, variants, joined letters, emoji.

So text can be copied from a page. Each function gives (text, glyph) in an order that is the same in every process.
"""

import unicodedata
from collections.abc import Callable, Iterator
from itertools import product

import uharfbuzz as hb
from fontTools.ttLib import TTFont

Form = tuple[str, int]
# Characters of which fonts may have vertical forms; Latin letters, which they have too, are turned instead.
_VERTICAL_RANGES = ((0x2010, 0x2BFF), (0x3000, 0x33FF), (0xFE30, 0xFE6F), (0xFF00, 0xFFEF))
_JOINER = "\u200d"
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"


def is_private(code: int) -> bool:
    """Say whether a code point is for private use, or a surrogate."""
    return 0xD800 <= code < 0xF900 or code >= 0xF0000


def list_vertical(face: hb.Face, font: hb.Font) -> Iterator[Form]:
    """Give the characters that stand in columns in a form of their own (GSUB vert)."""
    present = frozenset(face.unicodes)
    codes = [code for first, last in _VERTICAL_RANGES for code in range(first, last + 1) if code in present]
    buffer = hb.Buffer()
    buffer.add_codepoints(codes)
    buffer.direction, buffer.script, buffer.language = "ttb", "Kana", "ja"
    # Letter by letter: no shaping across.
    hb.shape(font, buffer, {"liga": False, "ccmp": False})
    shaped = {info.cluster: info.codepoint for info in buffer.glyph_infos}
    for place, code in enumerate(codes):
        glyph = shaped.get(place)
        if glyph and glyph != font.get_nominal_glyph(code):
            yield chr(code), glyph


def list_variants(face: hb.Face, font: hb.Font) -> Iterator[Form]:
    """Give the variation sequences (cmap format 14) that differ from the plain character."""
    for selector in sorted(face.variation_selectors):
        for code in sorted(face.variation_unicodes(selector)):
            glyph = font.get_variation_glyph(code, selector)
            if glyph and glyph != font.get_nominal_glyph(code):
                yield chr(code) + chr(selector), glyph


def list_joined(face: hb.Face, shape: Callable[[str], list[int]]) -> Iterator[Form]:
    """Give the initial, medial and final forms of Arabic letters. `shape` gives glyphs, from left to right."""
    letters = [chr(code) for code in sorted(face.unicodes) if unicodedata.bidirectional(chr(code)) == "AL"]
    for letter, before, after in product(letters, ("", _JOINER), ("", _JOINER)):
        for glyph in shape(before + letter + after):
            yield letter, glyph
    for alef, before in product(_ALEFS, ("", _JOINER)):
        # From left to right: what lam and alef become beside each other.
        yield from zip((alef, _LAM), shape(before + _LAM + alef), strict=False)


def list_sequences(path: str) -> Iterator[Form]:
    """Give the sequences of emoji that the font joins into one glyph (GSUB ligatures)."""
    with TTFont(path, lazy=True) as font:
        characters = sorted(font.getBestCmap().items(), reverse=True)
        names = {name: chr(code) for code, name in characters if not is_private(code)}
        lookups = font["GSUB"].table.LookupList.Lookup
        tables = [getattr(table, "ExtSubTable", table) for lookup in lookups for table in lookup.SubTable]
        joined = [
            ((first, *ligature.Component), ligature.LigGlyph)
            for table in tables
            for first, ligatures in getattr(table, "ligatures", {}).items()
            for ligature in ligatures
        ]
        for parts, name in sorted(joined):
            if all(part in names for part in parts):
                yield "".join(names[part] for part in parts), font.getGlyphID(name)
