"""The fields of each kind of element as the designer's panel shows them, read from the schema itself: a kind of element
that is added there can be edited here the same day.
"""

from typing import Any, Final, get_args

from pydantic import TypeAdapter

from documents.element_words import CHOICES, FIELDS, TYPES, find_words
from documents.parts import Part
from documents.templates import AnyElement
from warehouse_ui.i18n import get_language

# What the panel shows in parts of its own, or not at all.
_ELSEWHERE: Final = frozenset(("type", "x", "y", "elements", "show_if_slot", "show_if_flag", "commands"))
_TEXTS: Final = frozenset(("text", "title", "value", "code", "expires", "terms"))
_POINTS: Final = frozenset(("floor", "weight"))
Shown = dict[str, Any]


def describe_types() -> list[Shown]:
    """Return each kind of element with its fields, in the reader's language."""
    kinds = get_args(get_args(AnyElement)[0])
    return [
        {
            "key": (key := get_args(kind.model_fields["type"].annotation)[0]),
            "label": _say(find_words(TYPES, key)),
            "has_columns": key == "table",
            "fields": describe_fields(kind),
        }
        for kind in kinds
    ]


def describe_fields(part: type[Part]) -> list[Shown]:
    schema = TypeAdapter(part).json_schema()
    own = schema["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return [
        _describe(name, _resolve(each, schema), name in own.get("required", ()), part)
        for name, each in own["properties"].items()
        if (name not in _ELSEWHERE and _resolve(each, schema).get("type") != "array") or name == "dash"
    ]


def _resolve(field: Shown, schema: Shown) -> Shown:
    """Return a field's own rules, what may be left out merged with what it is then."""
    if "$ref" in field:
        shared: Shown = schema["$defs"][field["$ref"].rpartition("/")[2]]
        return field | shared
    variants = [each for each in field.get("anyOf", ()) if each.get("type") != "null"]
    return {**field, **variants[0]} if variants else field


def _describe(name: str, field: Shown, required: bool, part: type[Part]) -> Shown:
    shown: Shown = {
        "key": name,
        "label": _say(find_words(FIELDS, name)),
        "control": _find_control(name, field, part),
        "optional": not required,
        "default": field.get("default"),
    }
    if "enum" in field:
        shown["choices"] = [{"value": each, "label": _say(find_words(CHOICES, str(each)))} for each in field["enum"]]
    shown["min"] = field.get("minimum", field.get("exclusiveMinimum"))
    shown["max"] = field.get("maximum")
    return shown


def _find_control(name: str, field: Shown, part: type[Part]) -> str:
    fixed = {"slot": "slot", "picture": "picture", "font": "font", "style": "style", "dash": "dash"}
    if name in fixed and "enum" not in field:
        return fixed[name]
    if name.endswith("_style"):
        return "style"
    if name in _TEXTS:
        return "text"
    if "pattern" in field and "#" in field["pattern"]:
        return "color"
    if "enum" in field:
        return "choice"
    if field.get("type") == "boolean":
        return "check"
    if field.get("type") in ("number", "integer"):
        is_measure = field["type"] == "number" and name not in _POINTS and "Style" not in part.__name__
        return "measure" if is_measure else "number"
    return "word"


def _say(words: tuple[str, str]) -> str:
    return words[0] if get_language() == "ja" else words[1]
