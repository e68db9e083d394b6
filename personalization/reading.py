"""Strict reading of JSON values: each function returns the value, or None after adding a problem with its place."""

import math
import re
from collections.abc import Collection
from datetime import date
from typing import Any

from personalization.problems import Problems

MAX_TEXT = 200
KEY = re.compile(r"[a-z0-9-]{1,60}\Z")


def read_object(
    value: object, place: str, problems: Problems, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return the object if it has all required keys; names every missing and every unknown key."""
    if not isinstance(value, dict):
        problems.add(place, "not_an_object")
        return None
    for key in value:
        if key not in required and key not in optional:
            problems.add(f"{place}.{key}", "unknown_key", key=key)
    missing = [key for key in required if key not in value]
    for key in missing:
        problems.add(place, "missing_key", key=key)
    return None if missing else value


def read_list(value: object, place: str, problems: Problems, limit: int) -> list[Any] | None:
    """Return the list if it has 1 to `limit` members."""
    if not isinstance(value, list):
        problems.add(place, "not_a_list")
    elif not value:
        problems.add(place, "empty_value")
    elif len(value) > limit:
        problems.add(place, "too_many", limit=limit)
    else:
        return value
    return None


def read_text(value: object, place: str, problems: Problems, limit: int = MAX_TEXT) -> str | None:
    if not isinstance(value, str):
        problems.add(place, "not_a_text")
    elif not value.strip():
        problems.add(place, "empty_value")
    elif len(value) > limit:
        problems.add(place, "too_long", limit=limit)
    else:
        return value
    return None


def read_key(value: object, place: str, problems: Problems) -> str | None:
    text = read_text(value, place, problems)
    if text is not None and not KEY.match(text):
        problems.add(place, "bad_key")
        return None
    return text


def read_texts(value: object, place: str, problems: Problems, limit: int = 1000) -> list[str] | None:
    members = read_list(value, place, problems, limit)
    if members is None:
        return None
    texts = [read_text(member, f"{place}[{index}]", problems) for index, member in enumerate(members)]
    found = [text for text in texts if text is not None]
    return found if len(found) == len(texts) else None


def read_both_languages(value: object, place: str, problems: Problems, limit: int = MAX_TEXT) -> dict[str, str] | None:
    """Return {"ja": …, "en": …}; both are needed."""
    found = read_object(value, place, problems, ("ja", "en"))
    if found is None:
        return None
    texts = {language: read_text(found[language], f"{place}.{language}", problems, limit) for language in ("ja", "en")}
    return {language: text for language, text in texts.items() if text is not None} if all(texts.values()) else None


def read_boolean(value: object, place: str, problems: Problems) -> bool | None:
    if isinstance(value, bool):
        return value
    problems.add(place, "not_a_boolean")
    return None


def read_between(
    value: object, place: str, problems: Problems, low: float | None, high: float | None
) -> int | float | None:
    """Return the number if low ≤ value ≤ high; None: no bound."""
    if value is None or value == "":
        problems.add(place, "empty_value")
    elif isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        problems.add_number(place, "not_a_number", value, low, high)
    elif (low is not None and value < low) or (high is not None and value > high):
        problems.add_number(place, "out_of_range", value, low, high)
    else:
        return value
    return None


def _is_finite(value: int | float) -> bool:
    """A whole number beyond every fraction is no number to compare with either."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def read_whole(value: object, place: str, problems: Problems, low: int, high: int) -> int | None:
    """Return the whole number if low ≤ value ≤ high."""
    if value is None or value == "":
        problems.add(place, "empty_value")
    elif isinstance(value, bool) or not isinstance(value, int):
        problems.add_number(place, "not_a_whole_number", value, low, high)
    elif not low <= value <= high:
        problems.add_number(place, "out_of_range", value, low, high)
    else:
        return value
    return None


def read_date(value: object, place: str, problems: Problems) -> date | None:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    problems.add(place, "not_a_date")
    return None


def read_choice(value: object, place: str, problems: Problems, allowed: Collection[str]) -> str | None:
    text = read_text(value, place, problems)
    if text is not None and text not in allowed:
        problems.add(place, "unknown_choice", value=text, allowed=", ".join(allowed))
        return None
    return text
