"""Patterns such as “Order {order_number}”, compiled to functions that fill them."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from documents.formatting import DATE_STYLES
from documents.ruby import add_ruby

_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z]+))?(?:\|ruby:([a-z][a-z0-9_]*))?(\?[^{}]*)?\}")
Fill = Callable[[Mapping[str, Any]], str | None]


class FieldRef(NamedTuple):
    """`{name}`, `{name:short}`, or `{name?prefix}`: prefix and value, and nothing when the value is absent.

    `{name|ruby:reading}` prints the value of another slot above it, if that is present.
    """

    name: str
    style: str
    optional: bool
    prefix: str

    key: str  # where its text is among the values
    reading: str | None = None  # the same of its ruby


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> tuple[str | FieldRef, ...]:
    """Return literals and fields by turns; ValueError for a brace that belongs to no field or an unknown style."""
    parts: list[str | FieldRef] = []
    end = 0
    for match in _FIELD.finditer(text):
        parts.append(text[end : match.start()])
        style = match.group(2) or "long"
        if style not in DATE_STYLES:
            raise ValueError(f"unknown style {style}")
        suffix = match.group(4)
        name = match.group(1)
        key = name if style == "long" else f"{name}:{style}"
        parts.append(FieldRef(name, style, suffix is not None, (suffix or "?")[1:], key, match.group(3)))
        end = match.end()
    parts.append(text[end:])
    if any("{" in part or "}" in part for part in parts if isinstance(part, str)):
        raise ValueError("a brace without its field")
    return tuple(part for part in parts if part)


@lru_cache(maxsize=4096)
def list_fields(text: str) -> tuple[str, ...]:
    """Return the names of the fields of a pattern, those of its ruby last."""
    fields = [part for part in parse_pattern(text) if isinstance(part, FieldRef)]
    return tuple([part.name for part in fields] + [part.reading for part in fields if part.reading])


def list_keys(text: str) -> list[str]:
    """Return where the texts of a pattern's fields are among the values, in the order of `list_fields`."""
    fields = [part for part in parse_pattern(text) if isinstance(part, FieldRef)]
    return [part.key for part in fields] + [part.reading for part in fields if part.reading]


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Fill:
    """Return a function from values to the text, or to None when a value that is not optional is absent."""
    parts = parse_pattern(text)
    fields = [part for part in parts if isinstance(part, FieldRef)]
    if len(fields) == 1 and not fields[0].optional and not fields[0].reading:
        before, after = (part if isinstance(part, str) else "" for part in (parts[0], parts[-1]))
        return _fill_one(fields[0].key, before, after)
    return partial(_fill, parts)


def _fill_one(key: str, before: str, after: str) -> Fill:
    """Most patterns hold one field: filled at once."""
    if not before and not after:
        return lambda values: values.get(key)

    def fill(values: Mapping[str, Any]) -> str | None:
        value = values.get(key)
        return None if value is None else before + value + after

    return fill


def _fill(parts: tuple[str | FieldRef, ...], values: Mapping[str, Any]) -> str | None:
    pieces = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        value = values.get(part.key)
        if value is not None:
            pieces.append(part.prefix + (add_ruby(value, values.get(part.reading)) if part.reading else value))
        elif not part.optional:
            return None
    return "".join(pieces)


def blame(pattern: str, values: Mapping[str, Any], character: str = "") -> str:
    """Return the slot of a pattern that holds the character (or the first, or the pattern when it has none)."""
    names = list_fields(pattern)
    for name, key in zip(names, list_keys(pattern), strict=True):
        if character and character in str(values.get(key)):
            return name
    return names[0] if names else pattern
