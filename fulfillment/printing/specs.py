"""A copy's values as compressed JSON, to be sealed, kept and drawn again. The inverse gives the same values."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from isal import isal_zlib

from documents.specs import Money, StoredPicture, Value

_COMPRESSION = 1
_PLAIN = frozenset((str, int, float, bool, type(None)))
ReadPicture = Callable[[UUID], StoredPicture | None]


def dump_spec(values: Mapping[str, Value], flags: frozenset[str]) -> bytes:
    """Return values and flags as compressed JSON, ready to be sealed."""
    plain = {"values": {name: _pack(value) for name, value in values.items()}, "flags": sorted(flags)}
    return isal_zlib.compress(orjson.dumps(plain), _COMPRESSION)


def load_spec(data: bytes, read_picture: ReadPicture) -> tuple[dict[str, Value], frozenset[str]]:
    """Return values and flags; `read_picture` finds the pictures that the values only name."""
    plain = orjson.loads(isal_zlib.decompress(data))
    values = {name: _unpack(value, read_picture) for name, value in plain["values"].items()}
    return values, frozenset(plain["flags"])


def _pack(value: Any) -> Any:
    # Nearly all are plain, or rows of plain ones.
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Money):
        return {"$money": [value.amount, value.currency]}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, StoredPicture):
        return {"$picture": str(value.file_id)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {"$row": {name: _pack(item) for name, item in value.items()}}
    if isinstance(value, Sequence):
        return [_pack(item) for item in value]
    raise TypeError(f"A copy cannot hold a {type(value).__name__}.")


def _unpack(value: Any, read_picture: ReadPicture) -> Any:
    if isinstance(value, list):
        return [_unpack(item, read_picture) for item in value]
    if not isinstance(value, dict):
        return value
    [(kind, inner)] = value.items()
    if kind == "$money":
        return Money(*inner)
    if kind == "$date":
        return date.fromisoformat(inner)
    if kind == "$bytes":
        return base64.b64decode(inner)
    if kind == "$picture":
        return read_picture(UUID(inner))
    return {name: _unpack(item, read_picture) for name, item in inner.items()}
