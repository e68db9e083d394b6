"""Patterns such as “Order {order_number}” and how values read in Japanese and English."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from documents.specs import Money

# Digits after the point (ISO 4217); two where not named.
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}
_SYMBOLS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "CNY": "CN¥", "KRW": "KRW ", "TWD": "NT$"}
_MINUS = "−"
_MONTHS = {
    1: "January",
    2: "February",
    3: "March",
    4: "April",
    5: "May",
    6: "June",
    7: "July",
    8: "August",
    9: "September",
    10: "October",
    11: "November",
    12: "December",
}
DATE_STYLES = ("long", "short")
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z]+))?(\?[^{}]*)?\}")


class FieldRef(NamedTuple):
    """`{name}`, `{name:short}`, or `{name?prefix}`: prefix and value, and nothing when the value is absent."""

    name: str
    style: str
    optional: bool
    prefix: str


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
        suffix = match.group(3)
        parts.append(FieldRef(match.group(1), style, suffix is not None, (suffix or "?")[1:]))
        end = match.end()
    parts.append(text[end:])
    if any("{" in part or "}" in part for part in parts if isinstance(part, str)):
        raise ValueError("a brace without its field")
    return tuple(part for part in parts if part)


@lru_cache(maxsize=4096)
def list_fields(text: str) -> tuple[str, ...]:
    """Return the names of the fields of a pattern."""
    return tuple(part.name for part in parse_pattern(text) if isinstance(part, FieldRef))


def fill_pattern(text: str, values: Mapping[str, Any], language: str) -> str | None:
    """Return the text with its values, or None when one that is not optional is absent."""
    pieces = []
    for part in parse_pattern(text):
        if isinstance(part, str):
            pieces.append(part)
            continue
        value = values.get(part.name)
        if value is not None:
            pieces.append(
                part.prefix + (value if isinstance(value, str) else format_value(value, part.style, language))
            )
        elif not part.optional:
            return None
    return "".join(pieces)


def format_value(value: Money | date | int, style: str, language: str) -> str:
    if isinstance(value, Money):
        return format_money(value)
    if isinstance(value, date):
        return format_date(value, style, language)
    return f"{value:,}".replace("-", _MINUS)


def format_money(money: Money) -> str:
    """Return for example ¥1,080, −$12.50 or CHF 3.00."""
    exponent = _EXPONENTS.get(money.currency, 2)
    whole, fraction = divmod(abs(money.amount), 10**exponent)
    digits = f"{whole:,}.{fraction:0{exponent}d}" if exponent else f"{whole:,}"
    return f"{_MINUS if money.amount < 0 else ''}{_SYMBOLS.get(money.currency, money.currency + ' ')}{digits}"


def format_date(day: date, style: str, language: str) -> str:
    """Return 2025年11月21日 or 21 November 2025; short 2025/11/21 in Japanese, 21 Nov 2025 in English."""
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日" if style == "long" else f"{day:%Y/%m/%d}"
    month = _MONTHS[day.month]
    return f"{day.day} {month if style == 'long' else month[:3]} {day.year}"
