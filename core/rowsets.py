"""Many rows to the database as one JSON parameter, for `INSERT … SELECT` under row-level security.

Measured against COPY into a temporary table: 2 ms instead of 5 for one row, 1.0 s instead of 1.2 for 20,000
touchpoints.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson
import psycopg
from psycopg.adapt import Dumper


def rowset(name: str, columns: Mapping[str, str]) -> str:
    """Return SQL for a table `name` of these columns (name → SQL type), read from the bound parameter of the same
    name."""
    listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    return f'json_to_recordset(CAST(:{name} AS json)) AS "{name}"({listed})'


class PackedRows(bytes):
    """Rows as JSON, sent as they are: a wave's are megabytes, which need not become a text and bytes again."""


class PackedRowsDumper(Dumper):
    """Hands rows that are packed to the driver."""

    oid = psycopg.adapters.types["json"].oid

    def dump(self, obj: PackedRows) -> PackedRows:
        return obj


def register() -> None:
    """Let this process send packed rows."""
    psycopg.adapters.register_dumper(PackedRows, PackedRowsDumper)


def pack_rows(rows: Iterable[Mapping[str, Any]]) -> PackedRows:
    """Return the parameter for `rowset`. Bytes become bytea; NUL, which PostgreSQL's text cannot hold, is dropped."""
    listed = list(rows)
    packed = orjson.dumps(listed, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    if b"\\u0000" in packed:
        packed = orjson.dumps(_drop_nul(orjson.loads(packed)))
    return PackedRows(packed)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"cannot be sent as JSON: {type(value).__name__}")


def _drop_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_drop_nul(item) for item in value]
    if isinstance(value, dict):
        return {_drop_nul(key): _drop_nul(item) for key, item in value.items()}
    return value
