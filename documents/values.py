"""Turns the values of a copy into the texts its template prints: present, of the right type, normalised."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from documents.characters import normalise_text
from documents.errors import DocumentError, Refusal
from documents.formatting import format_date, format_money, format_value
from documents.patterns import FieldRef, parse_pattern
from documents.setting import FLAG
from documents.slots import Slot
from documents.specs import CopySpec, Money
from documents.templates import SlotType

_MOST_ROWS = 4096
# Longer than anything that is meant to be read on paper in a parcel.
MOST_CHARACTERS = 5000
Row = dict[str, Any]  # texts, and pictures as bytes
Convert = Callable[[Any, str], Any]


def _read_text(value: Any, field: str) -> str | None:
    """Return the text, or None for one without ink."""
    if type(value) is not str:
        raise DocumentError(Refusal.WRONG_TYPE, field, note=f"{SlotType.TEXT}: {type(value).__name__}")
    _limit_length(value, field)
    text = normalise_text(value).rstrip()
    if "\n" in text and text.strip():
        raise DocumentError(Refusal.LINE_BREAK, field)
    return text if text.strip() else None


def _read_paragraphs(value: Any, field: str) -> str | None:
    if type(value) is not str:
        raise DocumentError(Refusal.WRONG_TYPE, field, note=f"{SlotType.PARAGRAPHS}: {type(value).__name__}")
    _limit_length(value, field)
    text = normalise_text(value).rstrip()
    return text if text.strip() else None


def _limit_length(value: str, field: str) -> None:
    if len(value) > MOST_CHARACTERS:
        raise DocumentError(Refusal.TOO_LONG, field, note=f"{len(value):,} > {MOST_CHARACTERS:,}")


def _read_money(value: Any, field: str) -> str:
    if type(value) is not Money:
        raise DocumentError(Refusal.WRONG_TYPE, field, note=f"{SlotType.MONEY}: {type(value).__name__}")
    return format_money(value)


def _read_number(value: Any, field: str) -> str:
    if type(value) is not int:
        raise DocumentError(Refusal.WRONG_TYPE, field, note=f"{SlotType.NUMBER}: {type(value).__name__}")
    return str(value) if 0 <= value < 1000 else format_value(value, "long", "")


def _read_date(value: Any, field: str, language: str, style: str) -> str:
    if not isinstance(value, date):
        raise DocumentError(Refusal.WRONG_TYPE, field, note=f"{SlotType.DATE}: {type(value).__name__}")
    return format_date(value, style, language)


def _read_image(value: Any, field: str) -> bytes:
    if not isinstance(value, bytes):
        raise DocumentError(Refusal.WRONG_TYPE, field, note=f"{SlotType.IMAGE}: {type(value).__name__}")
    return value


_READERS: dict[SlotType, Convert] = {
    SlotType.TEXT: _read_text,
    SlotType.PARAGRAPHS: _read_paragraphs,
    SlotType.MONEY: _read_money,
    SlotType.NUMBER: _read_number,
    SlotType.IMAGE: _read_image,
}


class Field(NamedTuple):
    """One value to be read: from `name`, to `key`."""

    name: str
    key: str
    read: Convert
    required: bool = False


class Before(NamedTuple):
    """What the copy before was given, and what it became, by key."""

    given: dict[str, Any]
    read: dict[str, Any]


class Reader:
    """Reads the values of one template's copies. `patterns` are the texts in which its slots are used,
    `looked_at` all keys that may be asked for.
    """

    def __init__(self, slots: Mapping[str, Slot], patterns: set[str], looked_at: set[str], language: str) -> None:
        self._language = language
        self._styled = {
            (part.name, part.key): part.style
            for text in patterns
            for part in parse_pattern(text)
            if isinstance(part, FieldRef)
        }
        self._fields = [field for slot in slots.values() for field in self._list_fields(slot)]
        self._blank: dict[str, Any] = dict.fromkeys([*looked_at, *(field.key for field in self._fields)])

    def begin(self) -> "Before":
        """Return what `read` remembers from copy to copy: one for each run, never shared between threads."""
        return Before(dict.fromkeys(field.key for field in self._fields), self._blank.copy())

    def read(self, spec: CopySpec, before: "Before") -> dict[str, Any]:
        """Return the values by key; raises DocumentError for a missing required one and for a wrong type."""
        values = before.read.copy()
        values["copy_url"] = spec.url or None
        if spec.code:
            values["copy_code"] = spec.code_text or spec.code
            values["copy_code_plain"] = spec.code
        for flag in spec.flags:
            values[FLAG + flag] = flag
        get, given, last = spec.values.get, before.given, before.read
        for name, key, read, required in self._fields:
            value = get(name)
            # The shop's own values are the same objects in every copy of a wave.
            if value is not given[key]:
                read_value = None if value is None else read(value, name)
                values[key] = last[key] = read_value
                given[key] = value
            if required and values[key] is None:
                raise DocumentError(Refusal.MISSING_VALUE, name)
        return values

    def _list_fields(self, slot: Slot) -> list[Field]:
        if slot.type is SlotType.ROWS:
            columns = [
                Field(name, key, read)
                for name, kind in slot.fields.items()
                for key, read in self._list_readers(name, kind)
            ]
            return [Field(slot.name, slot.name, RowReader(columns, slot.most).read, slot.required)]
        return [Field(slot.name, key, read, slot.required) for key, read in self._list_readers(slot.name, slot.type)]

    def _list_readers(self, name: str, kind: SlotType) -> list[tuple[str, Convert]]:
        if kind is not SlotType.DATE:
            return [(name, _READERS[kind])]
        styles = {name: "long"} | {key: style for (used, key), style in self._styled.items() if used == name}
        return [(key, partial(_read_date, language=self._language, style=style)) for key, style in styles.items()]


class RowReader:
    """Reads rows. Rows return in a wave as the products do: each is read once."""

    def __init__(self, columns: list[Field], most: int) -> None:
        self._columns, self._most = columns, most
        self._names = [column.name for column in columns]
        self._known: dict[tuple[Any, ...], Row] = {}

    def read(self, value: Any, field: str) -> list[Row] | None:
        if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
            raise DocumentError(Refusal.WRONG_TYPE, field, note="rows")
        rows: list[Row] = []
        known, names = self._known, self._names
        for given in value:
            key = tuple(map(given.get, names))
            row = known.get(key)
            if row is None:
                row = self._read_row(given, f"{field}[{len(rows) + 1}]")
                if len(known) >= _MOST_ROWS:
                    known.clear()
                known[key] = row
            rows.append(row)
        if len(rows) > self._most:
            raise DocumentError(Refusal.TOO_MANY_ROWS, field, note=f"{len(rows):,} > {self._most:,}")
        return rows or None

    def _read_row(self, given: Mapping[str, Any], place: str) -> Row:
        row: Row = {}
        for column in self._columns:
            found = given.get(column.name)
            row[column.key] = None if found is None else _read_cell(column, found, place)
        return row


def _read_cell(column: Field, value: Any, place: str) -> Any:
    try:
        return column.read(value, column.name)
    except DocumentError as error:
        raise DocumentError(Refusal(error.code), f"{place}.{column.name}", note=error.note) from None
