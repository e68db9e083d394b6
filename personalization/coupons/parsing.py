"""From JSON to one coupon series. Every mistake is reported with its place."""

from typing import Any, Final

from personalization.coupons.codes import LEAST_BITS, MAX_CODE, count_bits, is_printable, make_code
from personalization.coupons.models import CodeSource
from personalization.problems import Problems
from personalization.reading import (
    read_boolean,
    read_both_languages,
    read_choice,
    read_date,
    read_key,
    read_object,
    read_text,
    read_whole,
)

REQUIRED: Final = ("key", "title", "value", "source")
OPTIONAL: Final = ("terms", "pattern", "code_limit", "valid_until", "valid_days", "active")
MAX_TERMS: Final = 500
LARGEST: Final = 10_000_000
MAX_DAYS: Final = 3650


def parse_series(document: object, problems: Problems) -> dict[str, Any]:
    """Return the columns of the series; of no use after a problem was added. What is null counts as left out."""
    found = read_object(document, "$", problems, REQUIRED, OPTIONAL)
    if found is None:
        return {}
    source = read_choice(found["source"], "$.source", problems, [str(source) for source in CodeSource])
    row: dict[str, Any] = {
        "key": read_key(found["key"], "$.key", problems),
        "source": source,
        "active": True,
        **_read_words(found, problems),
    }
    given = {key: value for key, value in found.items() if value is not None}
    row |= _read_validity(given, problems)
    row |= _read_making(given, source, problems)
    if "active" in given:
        row["active"] = read_boolean(given["active"], "$.active", problems)
    return row


def _read_words(found: dict[str, Any], problems: Problems) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, limit in (("title", 60), ("value", 30), ("terms", MAX_TERMS)):
        texts: dict[str, str] = {}
        if found.get(name) is not None:
            texts = read_both_languages(found[name], f"$.{name}", problems, limit) or {}
        elif name in REQUIRED:
            problems.add(f"$.{name}", "empty_value")
        row |= {f"{name}_{language}": texts.get(language) for language in ("ja", "en")}
    return row


def _read_validity(given: dict[str, Any], problems: Problems) -> dict[str, Any]:
    row: dict[str, Any] = {"valid_until": None, "valid_days": None}
    if "valid_until" in given:
        row["valid_until"] = read_date(given["valid_until"], "$.valid_until", problems)
    if "valid_days" in given:
        row["valid_days"] = read_whole(given["valid_days"], "$.valid_days", problems, 1, MAX_DAYS)
    return row


def _read_making(given: dict[str, Any], source: str | None, problems: Problems) -> dict[str, Any]:
    row: dict[str, Any] = {"pattern": None, "code_limit": None}
    if source == CodeSource.POOL:
        for key in row.keys() & given.keys():
            problems.add(f"$.{key}", "not_of_a_pool")
    elif source == CodeSource.PATTERN:
        row["pattern"] = _read_pattern(given.get("pattern"), problems)
        if "code_limit" in given:
            row["code_limit"] = read_whole(given["code_limit"], "$.code_limit", problems, 1, LARGEST)
    return row


def _read_pattern(value: object, problems: Problems) -> str | None:
    if value is None:
        problems.add("$", "missing_key", key="pattern")
        return None
    text = read_text(value, "$.pattern", problems, MAX_CODE)
    if text is None:
        return None
    if not is_printable(make_code(text)):
        problems.add("$.pattern", "bad_code", value=text)
    elif count_bits(text) < LEAST_BITS:
        problems.add("$.pattern", "guessable_code")
    return text
