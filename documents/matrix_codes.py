"""QR symbols by linear algebra: of fixed version, level, mask and length, a symbol is linear over GF(2) in its bits.

The qrcode library draws one symbol of each kind, once; after that a code is an XOR of what its bits turn in it.
"""

import struct
import sys
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from qrcode import base
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

from documents.qr_columns import draw_symbol, list_columns

QUIET_MODULES = 4
_MASK = 3
# The payload that all others are told from. Not zeros: the library cannot divide a block of zeros.
_BASE = 0x55
# What differs from code to code stands at the end of an address: so many pairs of bytes are looked up.
_TAIL_PAIRS = 7
_MOST_PAIRS = 1 << 14
_LAST_VERSION = 40


class Level(StrEnum):
    """Of 7, 15, 25 and 30 % of a symbol its readers can do without."""

    LOW = "L"
    MEDIUM = "M"
    QUARTILE = "Q"
    HIGH = "H"


_LEVELS = {
    Level.LOW: ERROR_CORRECT_L,
    Level.MEDIUM: ERROR_CORRECT_M,
    Level.QUARTILE: ERROR_CORRECT_Q,
    Level.HIGH: ERROR_CORRECT_H,
}


class Symbol(NamedTuple):
    """`rows` from the top, each filled up to whole bytes, the first module the highest bit; dark is 1."""

    side: int
    rows: bytes


class _Pairs(dict[int, int]):
    """What each pair of bytes at one place turns, found when first asked for. A pair is a number of this machine."""

    def __init__(self, encoder: "_Encoder", place: int) -> None:
        super().__init__()
        self._encoder, self._place = encoder, place

    def __missing__(self, pair: int) -> int:
        if len(self) >= _MOST_PAIRS:
            self.clear()
        turned = self[pair] = self._encoder.turn(self._place, pair.to_bytes(2, sys.byteorder))
        return turned


class _Encoder:
    """Makes the symbols of payloads of one length."""

    def __init__(self, length: int, version: int, level: Level, mask: int) -> None:
        self._side = 17 + 4 * version
        self._size = -(-self._side // 8) * self._side
        self._base = draw_symbol(version, _LEVELS[level], mask, bytes((_BASE,)) * length)
        # Mode and length come before the payload.
        self._columns = list_columns(version, _LEVELS[level])[4 + count_length_bits(version) :]
        tail = max(length - 2 * _TAIL_PAIRS, length % 2)
        self._pairs = [_Pairs(self, place) for place in range(tail, length, 2)]
        self._unpack = struct.Struct(f"={tail}s{len(self._pairs)}H").unpack
        self._begin = lru_cache(maxsize=4096)(self._encode_beginning)

    def encode(self, payload: bytes) -> Symbol:
        beginning, *tail = self._unpack(payload)
        bits = self._begin(beginning)
        for pairs, pair in zip(self._pairs, tail, strict=True):
            bits ^= pairs[pair]
        return Symbol(self._side, bits.to_bytes(self._size, "big"))

    def turn(self, place: int, data: bytes) -> int:
        """Return what these bytes turn in the base symbol when they stand from this place on."""
        turned = 0
        for at, byte in enumerate(data, place):
            for bit in range(8):
                if (byte ^ _BASE) & 128 >> bit:
                    turned ^= self._columns[8 * at + bit]
        return turned

    def _encode_beginning(self, beginning: bytes) -> int:
        return self._base ^ self.turn(0, beginning)


def encode_qr(payload: bytes, level: Level = Level.MEDIUM, *, mask: int = _MASK, version: int | None = None) -> Symbol:
    """Return the symbol of a payload as bytes, of this version or the smallest that holds it.

    ValueError for what is too long, and for a version or mask that does not exist.
    """
    if level is Level.MEDIUM and mask == _MASK and version is None:
        return _get_usual_encoder(len(payload)).encode(payload)
    return _get_encoder(len(payload), level, mask, version).encode(payload)


@cache
def _get_usual_encoder(length: int) -> _Encoder:
    return _get_encoder(length, Level.MEDIUM, _MASK, None)


@lru_cache(maxsize=512)
def _get_encoder(length: int, level: Level, mask: int, version: int | None) -> _Encoder:
    smallest = find_version(length, level)
    if version is not None and not smallest <= version <= _LAST_VERSION:
        raise ValueError(f"{length} bytes do not fit version {version}")
    if not 0 <= mask <= 7:
        raise ValueError(f"there is no mask {mask}")
    return _Encoder(length, version or smallest, level, mask)


def find_version(length: int, level: Level) -> int:
    """Return the smallest version that holds so many bytes; ValueError when none does."""
    for version in range(1, _LAST_VERSION + 1):
        if length <= count_capacity(version, level):
            return version
    raise ValueError(f"{length} > {count_capacity(_LAST_VERSION, level)} bytes")


@cache
def count_capacity(version: int, level: Level) -> int:
    """Return how many bytes a symbol holds (ISO/IEC 18004, table 7)."""
    bits = 8 * sum(block.data_count for block in base.rs_blocks(version, _LEVELS[level]))
    return int(bits - 4 - count_length_bits(version)) // 8


def count_length_bits(version: int) -> int:
    return 8 if version < 10 else 16
