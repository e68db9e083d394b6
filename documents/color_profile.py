"""The sRGB color profile that PDF/A asks for, made here so that its bytes are always the same.

ICC.1:2004-10 (version 4.2) with the primaries, white and curve of IEC 61966-2-1, adapted to D50.
"""

import struct
from functools import cache

_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
# Y = ((X + 0.055) / 1.055) ^ 2.4 from X = 0.04045 on, below it X / 12.92.
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# From D65 to D50 (Bradford).
_ADAPTATION = (1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)
_HEADER = 128


@cache
def make_srgb_profile() -> bytes:
    values = {
        b"desc": _write_text("sRGB IEC61966-2.1"),
        b"cprt": _write_text("No copyright, use freely"),
        b"wtpt": _write_xyz(_D50),
        b"chad": b"sf32" + bytes(4) + _write_numbers(_ADAPTATION),
        **{name: _write_xyz(color) for name, color in _PRIMARIES.items()},
        b"rTRC": b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _write_numbers(_CURVE),
    }
    place = _HEADER + 4 + 12 * (len(values) + 2)
    entries, body = [], b""
    for name, value in values.items():
        entries.append(struct.pack(">4sII", name, place + len(body), len(value)))
        body += value + bytes(-len(value) % 4)
    # The three curves are one and the same.
    entries += [entry.replace(b"rTRC", name) for entry in entries[-1:] for name in (b"gTRC", b"bTRC")]
    table = struct.pack(">I", len(entries)) + b"".join(entries)
    return _write_header(_HEADER + len(table) + len(body)) + table + body


def _write_header(size: int) -> bytes:
    date = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return (
        struct.pack(">I4x4s4s4s4s", size, b"\x04\x20\x00\x00", b"mntr", b"RGB ", b"XYZ ")
        + date
        + b"acsp"
        + bytes(28)
        + _write_numbers(_D50)
    ).ljust(_HEADER, b"\0")


def _write_numbers(values: tuple[float, ...]) -> bytes:
    """Return numbers as s15Fixed16."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _write_xyz(color: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + _write_numbers(color)


def _write_text(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(data), 28) + data
