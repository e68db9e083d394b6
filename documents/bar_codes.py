"""Code 128 symbols, and the widths of their bars and spaces (ISO/IEC 15417)."""

import re
from functools import lru_cache
from itertools import accumulate, chain

from reportlab.graphics.barcode.code128 import _patterns

QUIET_MODULES = 10
# Every symbol is as wide, but for the last one, which ends in a bar.
_SYMBOL_MODULES, _END_MODULES = 11, 2
# Letters stand in set B; so many figures in a row stand in set C, two to a symbol.
_RUNS = re.compile(r"(^(?:\d\d)+$|^(?:\d\d){2,}|(?:\d\d){3,}+(?!\d$)|(?:\d\d){2,}$)")
_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106
_WIDTHS = [tuple(ord(letter.upper()) - ord("A") + 1 for letter in _patterns[number]) for number in range(107)]


def encode_code128(text: str) -> tuple[int, ...]:
    """Return widths in modules, bar and space by turns, without quiet zones; ValueError for what is not ASCII."""
    return tuple(chain.from_iterable(map(_WIDTHS.__getitem__, list_symbols(text))))


def list_symbols(text: str) -> tuple[int, ...]:
    """Return the numbers of the symbols, check and end included; ValueError for what is not ASCII."""
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("Code 128 holds printable ASCII only")
    symbols = _list_symbols(text)
    check = sum(symbol * max(place, 1) for place, symbol in enumerate(symbols)) % 103
    return (*symbols, check, _STOP)


def count_modules(symbols: tuple[int, ...]) -> int:
    """Return how wide these symbols are, without quiet zones."""
    return _SYMBOL_MODULES * len(symbols) + _END_MODULES


@lru_cache(maxsize=4096)
def list_bars(place: int, symbol: int) -> tuple[tuple[int, int], ...]:
    """Return the bars of a symbol at this place in the code: (left, width) in modules."""
    widths = _WIDTHS[symbol]
    lefts = accumulate(widths[:-1], initial=_SYMBOL_MODULES * place)
    return tuple(zip(lefts, widths, strict=True))[::2]


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
