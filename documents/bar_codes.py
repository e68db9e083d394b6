"""Code 128 symbols as widths of bars and spaces (ISO/IEC 15417)."""

import re
from functools import lru_cache
from itertools import chain

from reportlab.graphics.barcode.code128 import _patterns

QUIET_MODULES = 10
# Letters stand in set B; so many figures in a row stand in set C, two to a symbol.
_RUNS = re.compile(r"(^(?:\d\d)+$|^(?:\d\d){2,}|(?:\d\d){3,}+(?!\d$)|(?:\d\d){2,}$)")
_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106
_WIDTHS = [tuple(ord(letter.upper()) - ord("A") + 1 for letter in _patterns[number]) for number in range(107)]


@lru_cache(maxsize=1024)
def encode_code128(text: str) -> tuple[int, ...]:
    """Return widths in modules, bar and space by turns, without quiet zones; ValueError for what is not ASCII."""
    if not text or not all(" " <= character <= "~" for character in text):
        raise ValueError("Code 128 holds printable ASCII only")
    symbols = _list_symbols(text)
    check = sum(symbol * max(place, 1) for place, symbol in enumerate(symbols)) % 103
    return tuple(chain.from_iterable(map(_WIDTHS.__getitem__, (*symbols, check, _STOP))))


def _list_symbols(text: str) -> list[int]:
    symbols: list[int] = []
    for number, part in enumerate(_RUNS.split(text)):
        if not part:
            continue
        if number % 2:
            symbols.append(_TO_C if symbols else _START_C)
            symbols += [int(part[place : place + 2]) for place in range(0, len(part), 2)]
        else:
            symbols.append(_TO_B if symbols else _START_B)
            symbols += [ord(letter) - ord(" ") for letter in part]
    return symbols
