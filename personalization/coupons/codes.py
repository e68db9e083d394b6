"""How codes look: patterns like CHA-**** filled with random characters, and how two spellings of a code are compared.
Pure but for the randomness of core.
"""

import math
import unicodedata
from typing import Final

from core.ids import pick_characters

# Without what is mistaken for something else on paper: I, L, O and 0, 1.
LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ"
DIGITS: Final = "23456789"
WILD: Final = {"?": LETTERS, "#": DIGITS, "*": LETTERS + DIGITS}
MAX_CODE: Final = 40
# A thousand living codes among 2^28: one guess in 270,000 hits.
LEAST_BITS: Final = 28


def count_bits(pattern: str) -> float:
    """Return how many bits of chance a pattern holds."""
    return sum(math.log2(len(WILD[character])) for character in pattern if character in WILD)


def make_code(pattern: str) -> str:
    """Fill a pattern: ? is a letter, # a digit, * either; everything else stays."""
    return pick_characters([WILD.get(character, character) for character in pattern])


def fold_code(code: str) -> str:
    """Return the code as it is compared: width and case do not matter, nor spaces around it."""
    return unicodedata.normalize("NFKC", code).strip().upper()


def is_printable(code: str) -> bool:
    """Whether a code can be printed and typed: letters, digits and - _ . without spaces."""
    folded = fold_code(code)
    return 0 < len(folded) <= MAX_CODE and folded.isascii() and all(c.isalnum() or c in "-_." for c in folded)
