"""QR symbols by linear algebra: of fixed version, level, mask and length, a symbol is linear over GF(2) in its bits.

The qrcode library draws one symbol and one more per bit of it, once; after that a code is an XOR of table entries.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData

QUIET_MODULES = 4
_MASK = 3
# The payload that all others are told from. Not zeros: the library cannot divide a block of zeros.
_BASE = 0x55
# ISO/IEC 18004 table 7: bytes that a symbol of version 1, 2, … holds at level M.
CAPACITIES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)


@dataclass(frozen=True)
class Symbol:
    """`bits` row by row from the top left, the first module the highest bit; dark is 1."""

    side: int
    bits: int


@lru_cache(maxsize=4096)
def encode_qr(payload: bytes) -> Symbol:
    """Return the symbol of level M of a payload; ValueError above 213 bytes."""
    if len(payload) > CAPACITIES[-1]:
        raise ValueError(f"{len(payload)} > {CAPACITIES[-1]} bytes")
    side, base, table = _build_table(len(payload))
    bits = base
    for place, byte in enumerate(payload):
        bits ^= table[place][byte]
    return Symbol(side, bits)


@cache
def _build_table(length: int) -> tuple[int, int, list[list[int]]]:
    version = next(number for number, capacity in enumerate(CAPACITIES, 1) if length <= capacity)
    base_payload = bytes((_BASE,)) * length
    base = _draw_symbol(version, base_payload)
    table = []
    for place in range(length):
        row = [0] * 256
        for bit in range(8):
            flipped = bytearray(base_payload)
            flipped[place] ^= 1 << bit
            column = base ^ _draw_symbol(version, bytes(flipped))
            for value in range(1 << bit):
                row[value | 1 << bit] = row[value] ^ column
        table.append([row[value ^ _BASE] for value in range(256)])
    return 17 + 4 * version, base, table


def _draw_symbol(version: int, payload: bytes) -> int:
    symbol = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=_MASK, border=0)
    symbol.add_data(QRData(payload, mode=MODE_8BIT_BYTE), optimize=0)
    symbol.make(fit=False)
    return int("".join("1" if module else "0" for row in symbol.modules for module in row), 2)
