"""A copy's values as JSON, so that they can be sealed, kept and drawn again. The inverse gives the same values."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from documents.specs import Money, Value


def dump_spec(values: Mapping[str, Value], flags: frozenset[str]) -> bytes:
    """Return values and flags as JSON bytes, ready to be sealed."""
    plain = {"values": {name: _pack(value) for name, value in values.items()}, "flags": sorted(flags)}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def load_spec(data: bytes) -> tuple[dict[str, Value], frozenset[str]]:
    plain = json.loads(data)
    return {name: _unpack(value) for name, value in plain["values"].items()}, frozenset(plain["flags"])


def _pack(value: Any) -> Any:
    if isinstance(value, Money):
        return {"$money": [value.amount, value.currency]}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {"$row": {name: _pack(item) for name, item in value.items()}}
    if isinstance(value, Sequence):
        return [_pack(item) for item in value]
    raise TypeError(f"A copy cannot hold a {type(value).__name__}.")


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    [(kind, inner)] = value.items()
    if kind == "$money":
        return Money(*inner)
    if kind == "$date":
        return date.fromisoformat(inner)
    if kind == "$bytes":
        return base64.b64decode(inner)
    return {name: _unpack(item) for name, item in inner.items()}
