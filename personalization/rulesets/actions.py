"""From JSON to one action of a rule."""

from collections.abc import Callable
from typing import Any

from personalization.plan import ActionKind, Texts
from personalization.problems import Problems
from personalization.reading import (
    read_both_languages,
    read_choice,
    read_key,
    read_object,
    read_text,
    read_texts,
    read_whole,
)
from personalization.rulesets.placeholders import check_text
from personalization.rulesets.ruleset import Action

MAX_TEXT = 2000
MAX_QUANTITY = 20
MAX_PRIORITY = 100
MAX_SLOTS = 50
MAX_RECOMMENDED = 10
MAX_CATEGORIES = 50
RECOMMENDATIONS = "recommendations"  # the slot that the shipped templates have

# Kind → (needed keys, optional keys) beside "do".
KEYS: dict[ActionKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ActionKind.ENCLOSE: (("insert",), ("quantity",)),
    ActionKind.TASK: (("insert",), ()),
    ActionKind.LETTER: (("template",), ("slots",)),
    ActionKind.SLIP: (("template",), ("slots",)),
    ActionKind.MESSAGE: (("slot", "text"), ()),
    ActionKind.FLAG: (("flag",), ()),
    ActionKind.TAG: (("tag",), ()),
    ActionKind.PRIORITY: (("value",), ()),
    ActionKind.HOLD: (("reason",), ()),
    ActionKind.RECOMMEND: (("count",), ("slot", "categories", "fallback")),
    ActionKind.COUPON: (("series",), ()),
}


def parse_action(document: object, place: str, problems: Problems) -> Action | None:
    """Return the action, or None after adding at least one problem."""
    before = len(problems.found)
    word = document.get("do") if isinstance(document, dict) else None
    if isinstance(document, dict) and (not isinstance(word, str) or word not in KEYS):
        problems.add(f"{place}.do", "unknown_action", key=word)
        return None
    kind = ActionKind(word) if word is not None else ActionKind.TAG  # What is no object is refused below.
    needed, optional = KEYS[kind]
    found = read_object(document, place, problems, ("do", *needed), optional)
    if found is None:
        return None
    values: dict[str, Any] = {"slot": RECOMMENDATIONS} if kind is ActionKind.RECOMMEND else {}
    for key in found:
        if key in _READERS:
            field, read = _READERS[key]
            values[field] = read(found[key], f"{place}.{key}", problems)
    return Action(kind=kind, place=place, **values) if len(problems.found) == before else None


def _read_texts(value: object, place: str, problems: Problems) -> Texts | None:
    texts = read_both_languages(value, place, problems, MAX_TEXT)
    for language, text in (texts or {}).items():
        check_text(text, f"{place}.{language}", problems)
    return texts


def _read_slots(value: object, place: str, problems: Problems) -> dict[str, Texts]:
    if not isinstance(value, dict):
        problems.add(place, "not_an_object")
        return {}
    if len(value) > MAX_SLOTS:
        problems.add(place, "too_many", limit=MAX_SLOTS)
    found = {slot: _read_texts(texts, f"{place}.{slot}", problems) for slot, texts in value.items()}
    return {slot: texts for slot, texts in found.items() if texts is not None}


def _read_reason(value: object, place: str, problems: Problems) -> Texts | None:
    return read_both_languages(value, place, problems)


def _read_quantity(value: object, place: str, problems: Problems) -> int | None:
    return read_whole(value, place, problems, 1, MAX_QUANTITY)


def _read_priority(value: object, place: str, problems: Problems) -> int | None:
    return read_whole(value, place, problems, -MAX_PRIORITY, MAX_PRIORITY)


def _read_count(value: object, place: str, problems: Problems) -> int | None:
    return read_whole(value, place, problems, 1, MAX_RECOMMENDED)


def _read_categories(value: object, place: str, problems: Problems) -> tuple[str, ...] | None:
    texts = read_texts(value, place, problems, MAX_CATEGORIES)
    return None if texts is None else tuple(sorted(set(texts)))


def _read_fallback(value: object, place: str, problems: Problems) -> bool:
    return read_choice(value, place, problems, ("popular", "none")) == "popular"


# JSON key → (field of the action, how it is read).
_READERS: dict[str, tuple[str, Callable[[object, str, Problems], Any]]] = {
    "insert": ("insert_key", read_key),
    "quantity": ("quantity", _read_quantity),
    "template": ("template", read_text),
    "slots": ("slots", _read_slots),
    "slot": ("slot", read_text),
    "text": ("text", _read_texts),
    "flag": ("word", read_text),
    "tag": ("word", read_text),
    "value": ("value", _read_priority),
    "reason": ("text", _read_reason),
    "count": ("count", _read_count),
    "categories": ("categories", _read_categories),
    "fallback": ("popular", _read_fallback),
    "series": ("series", read_key),
}
