"""A copy's values as compressed JSON, to be sealed, kept and drawn again. The inverse gives the same values.

What JSON does not have is an object of one member, its kind; slots and columns are never named so.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from isal import isal_zlib

from documents.specs import Money, StoredPicture, Value

_COMPRESSION = 1
_MONEY, _DATE, _PICTURE, _BYTES, _ROW = "$money", "$date", "$picture", "$bytes", "$row"
ReadPicture = Callable[[UUID], StoredPicture | None]


def dump_spec(values: Mapping[str, Value], flags: frozenset[str]) -> bytes:
    """Return values and flags as compressed JSON, ready to be sealed."""
    plain = {"values": values, "flags": sorted(flags)}
    return isal_zlib.compress(orjson.dumps(plain, _pack, orjson.OPT_PASSTHROUGH_DATETIME), _COMPRESSION)


def load_spec(data: bytes, read_picture: ReadPicture) -> tuple[dict[str, Value], frozenset[str]]:
    """Return values and flags; `read_picture` finds the pictures that the values only name."""
    plain = orjson.loads(isal_zlib.decompress(data))
    values = {name: _unpack(value, read_picture) for name, value in plain["values"].items()}
    return values, frozenset(plain["flags"])


def _pack(value: Any) -> Any:
    """Return what JSON cannot say by itself: nearly all are texts, numbers, or rows of these."""
    if isinstance(value, Money):
        return {_MONEY: [value.amount, value.currency]}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, StoredPicture):
        return {_PICTURE: str(value.file_id)}
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"A copy cannot hold a {type(value).__name__}.")


def _unpack(value: Any, read_picture: ReadPicture) -> Any:
    if isinstance(value, list):
        return [_unpack(item, read_picture) for item in value]
    if not isinstance(value, dict):
        return value
    kind = next(iter(value), "")
    inner: Any = value.get(kind)
    if kind == _MONEY:
        return Money(*inner)
    if kind == _DATE:
        return date.fromisoformat(inner)
    if kind == _BYTES:
        return base64.b64decode(inner)
    if kind == _PICTURE:
        return read_picture(UUID(inner))
    row: Mapping[str, Any] = value[_ROW] if kind == _ROW else value  # Earlier copies say of a row that it is one.
    return {name: _unpack(item, read_picture) for name, item in row.items()}
