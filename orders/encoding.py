"""Values as JSON text: for digests, and for handing rows to PostgreSQL. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson


def dump_json(value: Any) -> str:
    """Return JSON as PostgreSQL reads it back: bytea as hex, numeric as text."""
    return orjson.dumps(value, default=_encode, option=orjson.OPT_NON_STR_KEYS).decode()


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
