"""Which characters a document takes: normalised by NFC, never NFKC, and refused by name where not settable."""

import re
import unicodedata

# NFC would replace these by other ideographs (U+FA19 by U+795E), which is not how their bearers write their names.
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f])")
# Without ink and without meaning for a printed line: zero-width space, word joiner, byte order mark, soft hyphen.
_INVISIBLE = dict.fromkeys((0x200B, 0x2060, 0xFEFF, 0x00AD), None) | {0x09: " "}
_TO_REPLACE = re.compile("[\u200b\u2060\ufeff\u00ad\t\r]")
# Control, format, unassigned, private and surrogate code points, and marks to be placed upon another letter.
_UNSETTABLE_CATEGORIES = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"))
_RIGHT_TO_LEFT = frozenset(("R", "AL", "RLE", "RLO", "RLI"))


def normalise_text(text: str) -> str:
    """Return the text as it is printed: NFC, compatibility ideographs untouched, line ends as one newline."""
    if text.isascii() and text.isprintable():
        return text
    if _TO_REPLACE.search(text):
        text = text.translate(_INVISIBLE).replace("\r\n", "\n").replace("\r", "\n")
    if unicodedata.is_normalized("NFC", text):
        return text
    return "".join(
        part if _COMPATIBILITY_IDEOGRAPHS.fullmatch(part) else unicodedata.normalize("NFC", part)
        for part in _COMPATIBILITY_IDEOGRAPHS.split(text)
    )


def is_settable(character: str) -> bool:
    """Say whether a glyph set after its neighbour, from left to right, is what this character asks for."""
    return (
        unicodedata.category(character) not in _UNSETTABLE_CATEGORIES
        and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT
    )


def describe_character(character: str) -> str:
    """Return for example “U+1F600 GRINNING FACE”."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'UNNAMED')}"
