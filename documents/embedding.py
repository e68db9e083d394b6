"""Fonts inside a PDF: a subset, glyphs called by code (Identity-H and -V; see font_files.py), text one can copy."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from documents.font_files import VERTICAL, Glyph, load_font

_NOTHING = "\u200b"
ObjectWriter = Callable[[str, bytes | None], int]


def write_font(index: int, codes: Sequence[int], write: ObjectWriter) -> int:
    """Write a font with the glyphs of these codes, in ascending order, through `write(dictionary, stream)`.

    `index` with VERTICAL added is the same font set from top to bottom. Returns the number of its object.
    """
    font = load_font(index % VERTICAL)
    glyphs = {code: font.read_code(code) for code in codes}
    numbers = sorted({glyph.number for glyph in glyphs.values()} - {0})
    subset, places = font.make_subset(numbers)
    metrics = font.metrics
    name = f"{_make_tag(numbers, index)}+{metrics.name}"
    file_number = write(f"/Length1 {len(subset)}", subset)
    box = " ".join(map(str, metrics.box))
    descriptor = write(
        f"/Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 "
        f"/Ascent {metrics.ascent} /Descent {metrics.descent} /CapHeight {metrics.capital} /StemV 80 "
        f"/FontFile2 {file_number} 0 R",
        None,
    )
    glyph_map = write("", _map_glyphs(glyphs, places))
    widths = " ".join(f"{code} [{font.measure_glyph(glyph.number):g}]" for code, glyph in glyphs.items())
    descendant = write(
        f"/Type /Font /Subtype /CIDFontType2 /BaseFont /{name} "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /DW 1000 /W [{widths}] /CIDToGIDMap {glyph_map} 0 R",
        None,
    )
    unicode_map = write("", _map_to_unicode(glyphs))
    encoding = "Identity-V" if index >= VERTICAL else "Identity-H"
    return write(
        f"/Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /{encoding} /DescendantFonts [{descendant} 0 R] "
        f"/ToUnicode {unicode_map} 0 R",
        None,
    )


def _make_tag(numbers: list[int], index: int) -> str:
    """Return the six letters that PDF asks of a subset's name, the same for the same glyphs."""
    digest = hashlib.sha256(repr((numbers, index >= VERTICAL)).encode()).digest()
    return "".join(chr(65 + byte % 26) for byte in digest[:6])


def _map_glyphs(glyphs: dict[int, Glyph], places: dict[int, int]) -> bytes:
    table = np.zeros(max(glyphs) + 1, dtype=">u2")
    table[list(glyphs)] = [places.get(glyph.number, 0) for glyph in glyphs.values()]
    return table.tobytes()


def _map_to_unicode(glyphs: dict[int, Glyph]) -> bytes:
    # A glyph without a text of its own is copied as a space without width, never as its code.
    entries = [
        f"<{code:04X}> <{(glyph.text or _NOTHING).encode('utf-16-be').hex().upper()}>" for code, glyph in glyphs.items()
    ]
    blocks = [entries[start : start + 100] for start in range(0, len(entries), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
