"""Which characters a document takes: normalised by NFC, never NFKC, and named where they are refused."""

import re
import unicodedata

# NFC would replace these by other ideographs (U+FA19 by U+795E), which is not how their bearers write their names.
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f])")
# Without ink and without meaning for a printed line: zero-width space, word joiner, byte order mark, soft hyphen. The
# noncharacters mark ruby within the program (documents/ruby.py): from outside they are as unknown as U+FFFD.
_REPLACED = dict.fromkeys((0x200B, 0x2060, 0xFEFF, 0x00AD), None) | {0x09: " "}
_REPLACED |= dict.fromkeys((0xFDD0, 0xFDD1, 0xFDD2), "\ufffd")
_TO_REPLACE = re.compile("[\u200b\u2060\ufeff\u00ad\ufdd0-\ufdd2\t\r]")
# Control, format, unassigned, private and surrogate code points, and marks to be placed upon another letter.
_UNSETTABLE_CATEGORIES = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Mc"))
_RIGHT_TO_LEFT = frozenset(("R", "AL", "RLE", "RLO", "RLI"))
# What stands for an unknown letter, and letters of Korean that stand for none.
_NOT_A_LETTER = frozenset("\ufffd\u115f\u1160\u3164\uffa0")


def normalise_text(text: str) -> str:
    """Return the text as it is printed: NFC, compatibility ideographs untouched, line ends as one newline."""
    if text.isascii() and text.isprintable():
        return text
    if _TO_REPLACE.search(text):
        text = text.translate(_REPLACED).replace("\r\n", "\n").replace("\r", "\n")
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
        and character not in _NOT_A_LETTER
    )


def describe_character(characters: str) -> str:
    """Return for example “U+1F600 GRINNING FACE”; of a sequence every character: “U+908A … U+E0102 …”."""
    return " ".join(f"U+{ord(each):04X} {unicodedata.name(each, 'UNNAMED')}" for each in characters)
