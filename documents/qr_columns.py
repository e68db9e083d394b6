"""Which modules of a QR symbol each data bit turns: the bit itself, and the error correction that follows from it.

The qrcode library says how codewords are grouped and where each of their bits stands; error correction is linear, so
that one remainder per place tells everything (ISO/IEC 18004, 7.5).
"""

from functools import cache
from itertools import chain, zip_longest
from typing import Any

import numpy as np
import qrcode
from qrcode import base
from qrcode.util import MODE_8BIT_BYTE, QRData

Bytes = list[int]


def draw_symbol(version: int, level: int, mask: int, payload: bytes) -> int:
    """Return the library's symbol as one number: rows from the top, each filled up to whole bytes, dark is 1."""
    symbol = qrcode.QRCode(version=version, error_correction=level, mask_pattern=mask, border=0)
    symbol.add_data(QRData(payload, mode=MODE_8BIT_BYTE), optimize=0)
    symbol.make(fit=False)
    return int.from_bytes(_pack_rows(symbol), "big")


@cache
def list_columns(version: int, level: int) -> list[int]:
    """Return for each bit of the data codewords, in their order, the modules that it turns."""
    blocks = base.rs_blocks(version, level)
    modules = [1 << place for place in _find_places(version, level, sum(block.total_count for block in blocks))]
    data_order = _interleave([block.data_count for block in blocks])
    after_data = len(data_order)
    repair_count = blocks[0].total_count - blocks[0].data_count
    remainders = _list_remainders(max(block.data_count for block in blocks), repair_count)
    columns: dict[tuple[int, int], list[int]] = {}
    for at, (number, place) in enumerate(data_order):
        remainder = remainders[blocks[number].data_count - 1 - place]
        # The repair codewords of all blocks stand by turns, too.
        repair = range(after_data + number, after_data + repair_count * len(blocks), len(blocks))
        columns[number, place] = [
            _turn(modules, chain([(at, 128 >> bit)], zip(repair, _multiply(remainder, 128 >> bit), strict=True)))
            for bit in range(8)
        ]
    return [column for key in sorted(columns) for column in columns[key]]


def _turn(modules: list[int], codewords: Any) -> int:
    turned = 0
    for at, value in codewords:
        for bit in range(8):
            if value & 128 >> bit:
                turned |= modules[8 * at + bit]
    return turned


def _interleave(counts: list[int]) -> list[tuple[int, int]]:
    """Return block and place of the codewords in the order in which they are drawn."""
    rounds = zip_longest(*([(number, place) for place in range(count)] for number, count in enumerate(counts)))
    return [each for turn in rounds for each in turn if each is not None]


def _list_remainders(count: int, repair_count: int) -> list[Bytes]:
    """Return the repair codewords of a block that holds nothing but a 1, by its distance from the end of the data."""
    generator = [1]
    for power in range(repair_count):
        root = _multiply(generator, base.gexp(power))
        generator = [one ^ other for one, other in zip([*generator, 0], [0, *root], strict=True)]
    remainders = [generator[1:]]
    for _ in range(count - 1):
        first, *rest = remainders[-1]
        rest.append(0)
        remainders.append([one ^ other for one, other in zip(rest, _multiply(generator[1:], first), strict=True)])
    return remainders


def _multiply(values: Bytes, factor: int) -> Bytes:
    """Return the products in GF(256)."""
    if not factor:
        return [0] * len(values)
    power = base.glog(factor)
    return [base.gexp((base.glog(value) + power) % 255) if value else 0 for value in values]


def _find_places(version: int, level: int, count: int) -> list[int]:
    """Return where the library draws each bit of `count` codewords: the power of two that it has in a symbol."""
    bits = np.arange(1, 8 * count + 1)
    empty = _draw_codewords(version, level, bytes(count))
    numbers = np.zeros(len(empty), dtype=np.int64)
    for power in range(int(bits[-1]).bit_length()):
        drawn = _draw_codewords(version, level, np.packbits((bits >> power & 1).astype(np.uint8)).tobytes())
        numbers |= (drawn ^ empty).astype(np.int64) << power
    places = np.zeros(8 * count + 1, dtype=np.int64)
    places[numbers] = len(empty) - 1 - np.arange(len(empty))
    return [int(place) for place in places[1:]]


def _draw_codewords(version: int, level: int, codewords: bytes) -> Any:
    """Return the modules of a symbol of these codewords, whatever they say."""
    symbol = qrcode.QRCode(version=version, error_correction=level, mask_pattern=0, border=0)
    symbol.data_cache = list(codewords)
    symbol.makeImpl(False, 0)
    return np.unpackbits(np.frombuffer(_pack_rows(symbol), dtype=np.uint8))


def _pack_rows(symbol: Any) -> bytes:
    return np.packbits(np.array(symbol.modules, dtype=np.uint8), axis=1).tobytes()
