"""Code 128 symbols as widths of bars and spaces."""

from functools import lru_cache

from reportlab.graphics.barcode.code128 import Code128

QUIET_MODULES = 10


@lru_cache(maxsize=4096)
def encode_code128(text: str) -> tuple[int, ...]:
    """Return widths in modules, bar and space by turns, without quiet zones; ValueError for what is not ASCII."""
    if not text or not all(" " <= character <= "~" for character in text):
        raise ValueError("Code 128 holds printable ASCII only")
    symbol = Code128(text, quiet=0)
    symbol.validate()
    symbol.encode()
    symbol.decompose()
    return tuple(ord(letter.upper()) - ord("A") + 1 for letter in symbol.decomposed)
