"""From JSON to the rows of inserts. Every mistake is reported with its place."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from orders.catalogue.gtin import read_gtin
from orders.kinds import LetterClass
from personalization.insert_info import find_ring
from personalization.models import InsertKind, WhenOut
from personalization.problems import Problems
from personalization.reading import (
    read_between,
    read_boolean,
    read_both_languages,
    read_choice,
    read_key,
    read_list,
    read_object,
    read_text,
    read_texts,
    read_whole,
)

MAX_INSERTS: Final = 5000
LARGEST: Final = 1_000_000
REQUIRED: Final = ("key", "name", "kind")
CHOICES: Final[Mapping[str, list[str]]] = {
    "kind": [str(kind) for kind in InsertKind],
    "letter_class": [str(letter_class) for letter_class in LetterClass],
    "when_out": [str(policy) for policy in WhenOut],
}
NUMBERS: Final = ("weight_g", "thickness_mm")
AMOUNTS: Final = ("unit_cost", "market_value")
FLAGS: Final = ("sealed", "stocked", "active")
OPTIONAL: Final = (
    "letter_class",
    "when_out",
    *NUMBERS,
    *AMOUNTS,
    *FLAGS,
    "gtin",
    "picture",
    "substitute",
    "allergens",
    "limit_per_customer",
)
DEFAULTS: Final[Mapping[str, Any]] = {
    "letter_class": "none",
    "sealed": False,
    "weight_g": 0,
    "thickness_mm": 0,
    "unit_cost": 0,
    "market_value": 0,
    "gtin": None,
    "picture_file_id": None,
    "stocked": True,
    "when_out": "skip",
    "substitute": None,
    "allergens": [],
    "limit_per_customer": None,
    "active": True,
}


def parse_inserts(document: object, known: Mapping[str, str | None], problems: Problems) -> list[dict[str, Any]]:
    """Return the rows; empty after adding at least one problem. `known`: key → substitute of what there is."""
    before = len(problems.found)
    members = read_list(document, "$", problems, MAX_INSERTS) or []
    rows = [row for i, member in enumerate(members) if (row := _parse_insert(member, f"$[{i}]", problems)) is not None]
    if len(problems.found) == before:
        _check_together(rows, known, problems)
    return rows if len(problems.found) == before else []


def _parse_insert(document: object, place: str, problems: Problems) -> dict[str, Any] | None:
    before = len(problems.found)
    found = read_object(document, place, problems, REQUIRED, OPTIONAL)
    if found is None:
        return None
    name = read_both_languages(found["name"], f"{place}.name", problems) or {}
    row: dict[str, Any] = {
        **DEFAULTS,
        "key": read_key(found["key"], f"{place}.key", problems),
        "name_ja": name.get("ja"),
        "name_en": name.get("en"),
    }
    for key, value in found.items():
        # An absent value may be written as null wherever there is a default.
        if key in ("key", "name") or (value is None and key in OPTIONAL):
            continue
        row.update(_parse_field(key, value, f"{place}.{key}", problems))
    return row if len(problems.found) == before else None


def _parse_field(key: str, value: object, place: str, problems: Problems) -> dict[str, Any]:
    if key in CHOICES:
        return {key: read_choice(value, place, problems, CHOICES[key])}
    if key in NUMBERS:
        return {key: read_between(value, place, problems, 0, LARGEST)}
    if key in AMOUNTS:
        return {key: read_whole(value, place, problems, 0, LARGEST)}
    if key in FLAGS:
        return {key: read_boolean(value, place, problems)}
    return _parse_reference(key, value, place, problems)


def _parse_reference(key: str, value: object, place: str, problems: Problems) -> dict[str, Any]:
    match key:
        case "gtin":
            return {key: _read_gtin(value, place, problems)}
        case "picture":
            return {"picture_file_id": _read_file(value, place, problems)}
        case "substitute":
            return {key: read_key(value, place, problems)}
        case "allergens":
            return {key: read_texts(value, place, problems) if value != [] else []}
        case "limit_per_customer":
            return {key: read_whole(value, place, problems, 1, LARGEST)}
    return {}


def _read_gtin(value: object, place: str, problems: Problems) -> str | None:
    text = read_text(value, place, problems)
    gtin = None if text is None else read_gtin(text)
    if text is not None and gtin is None:
        problems.add(place, "bad_gtin", value=text)
    return gtin


def _read_file(value: object, place: str, problems: Problems) -> str | None:
    try:
        return str(UUID(str(value)))
    except ValueError:
        problems.add(place, "bad_file")
        return None


def _check_together(rows: list[dict[str, Any]], known: Mapping[str, str | None], problems: Problems) -> None:
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if row["key"] in seen:
            problems.add(f"$[{index}].key", "duplicate_key", key=row["key"])
        seen.add(row["key"])
    substitutes = {**known, **{row["key"]: row["substitute"] for row in rows}}
    for index, row in enumerate(rows):
        if row["substitute"] is not None and row["substitute"] not in substitutes:
            problems.add(f"$[{index}].substitute", "unknown_insert", key=row["substitute"])
        if row["when_out"] == WhenOut.SUBSTITUTE and row["substitute"] is None:
            problems.add(f"$[{index}]", "missing_key", key="substitute")
    ring = find_ring(substitutes)
    if ring is not None:
        problems.add("$", "cyclic_substitute", ring=" → ".join(ring))
