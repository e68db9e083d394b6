"""Fonts inside a PDF: a subset, glyphs called by the UTF-16 code of their character (Identity-H), text one can copy."""

import hashlib
import struct
import threading
from collections.abc import Callable, Sequence

from documents.typefaces import list_spares, load_font

_subset_lock = threading.Lock()  # The font reader has one file position.

ObjectWriter = Callable[[str, bytes | None], int]


def write_font(index: int, codes: Sequence[int], write: ObjectWriter) -> int:
    """Write a font with the glyphs of these codes, in ascending order, through `write(dictionary, stream)`.

    Returns the number of its object.
    """
    font = load_font(index)
    beyond = {code: character for character, code in list_spares(index).items()}
    characters = {code: beyond.get(code, code) for code in codes}
    listed = sorted(characters.values())
    with _subset_lock:
        subset = font.makeSubset(listed)
    name = f"{_make_tag(listed)}+{_read_name(font.name)}"
    file_number = write(f"/Length1 {len(subset)}", subset)
    box = " ".join(f"{value:.0f}" for value in font.bbox)
    descriptor = write(
        f"/Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 /Ascent {font.ascent:.0f} "
        f"/Descent {font.descent:.0f} /CapHeight {font.capHeight:.0f} /StemV 80 /FontFile2 {file_number} 0 R",
        None,
    )
    places = write("", _map_glyphs(characters, _find_places(listed, font.charToGlyph)))
    widths = " ".join(f"{code} [{round(font.charWidths[character], 1):g}]" for code, character in characters.items())
    descendant = write(
        f"/Type /Font /Subtype /CIDFontType2 /BaseFont /{name} "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /DW 1000 /W [{widths}] /CIDToGIDMap {places} 0 R",
        None,
    )
    unicode_map = write("", _map_to_unicode(characters))
    return write(
        f"/Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] "
        f"/ToUnicode {unicode_map} 0 R",
        None,
    )


def _make_tag(codes: list[int]) -> str:
    """Return the six letters that PDF asks of a subset's name, the same for the same characters."""
    digest = hashlib.sha256(repr(codes).encode()).digest()
    return "".join(chr(65 + byte % 26) for byte in digest[:6])


def _read_name(name: bytes | str) -> str:
    return name.decode("ascii") if isinstance(name, bytes) else name


def _find_places(characters: list[int], numbers: dict[int, int]) -> dict[int, int]:
    """Return where each character's glyph is in the subset: after .notdef, in the order of the characters."""
    places = {glyph: place for place, glyph in enumerate(dict.fromkeys(numbers[c] for c in characters), 1)}
    return {character: places[numbers[character]] for character in characters}


def _map_glyphs(characters: dict[int, int], places: dict[int, int]) -> bytes:
    table = [0] * (max(characters) + 1)
    for code, character in characters.items():
        table[code] = places[character]
    return struct.pack(f">{len(table)}H", *table)


def _map_to_unicode(characters: dict[int, int]) -> bytes:
    entries = [
        f"<{code:04X}> <{chr(character).encode('utf-16-be').hex().upper()}>" for code, character in characters.items()
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
