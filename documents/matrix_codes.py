"""QR symbols by linear algebra: of fixed version, level, mask and length, a symbol is linear over GF(2) in its bits.

The qrcode library draws one symbol and one more per bit of it, once; after that a code is an XOR of table entries.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData

QUIET_MODULES = 4
_MASK = 3
# The payload that all others are told from. Not zeros: the library cannot divide a block of zeros.
_BASE = 0x55
# ISO/IEC 18004 table 7: bytes that a symbol of version 1, 2, … holds at level M.
CAPACITIES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)


class Symbol(NamedTuple):
    """`rows` from the top, each filled up to whole bytes, the first module the highest bit; dark is 1."""

    side: int
    rows: bytes


class _Table(NamedTuple):
    """What a payload of one length is made from: the base symbol and, by place and byte, what differs from it."""

    side: int
    base: int
    differences: list[list[int]]


# What follows the last slash of an address differs from code to code; what stands before it seldom does.
_TAIL = 13


def encode_qr(payload: bytes) -> Symbol:
    """Return the symbol of level M of a payload; ValueError above 213 bytes."""
    length = len(payload)
    table = _build_table(length)
    start = max(length - _TAIL, 0)
    bits = _encode_beginning(payload[:start], length)
    for differences, byte in zip(table.differences[start:], payload[start:], strict=True):
        bits ^= differences[byte]
    return Symbol(table.side, bits.to_bytes(-(-table.side // 8) * table.side, "big"))


@lru_cache(maxsize=4096)
def _encode_beginning(beginning: bytes, length: int) -> int:
    table = _build_table(length)
    bits = table.base
    for differences, byte in zip(table.differences, beginning, strict=False):
        bits ^= differences[byte]
    return bits


@cache
def _build_table(length: int) -> _Table:
    if length > CAPACITIES[-1]:
        raise ValueError(f"{length} > {CAPACITIES[-1]} bytes")
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
    return _Table(17 + 4 * version, base, table)


def _draw_symbol(version: int, payload: bytes) -> int:
    symbol = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=_MASK, border=0)
    symbol.add_data(QRData(payload, mode=MODE_8BIT_BYTE), optimize=0)
    symbol.make(fit=False)
    width = -(-len(symbol.modules) // 8) * 8
    rows = ("".join("1" if module else "0" for module in row).ljust(width, "0") for row in symbol.modules)
    return int("".join(rows), 2)
