"""Turns the values of a copy into what its template needs: present, of the right type, normalised."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from documents.characters import normalise_text
from documents.errors import DocumentError, Refusal
from documents.slots import Slot
from documents.specs import CopySpec, Money
from documents.templates import SlotType

_PYTHON_TYPES: dict[SlotType, type] = {
    SlotType.TEXT: str,
    SlotType.PARAGRAPHS: str,
    SlotType.MONEY: Money,
    SlotType.DATE: date,
    SlotType.NUMBER: int,
    SlotType.IMAGE: bytes,
}


def resolve_values(spec: CopySpec) -> dict[str, Any]:
    """Return the present values by slot; raises DocumentError for a missing required one and for a wrong type."""
    values: dict[str, Any] = {}
    if spec.code:
        values = {"copy_code": spec.code_text or spec.code, "copy_code_plain": spec.code}
    for name, slot in spec.template.slots.items():
        value = _resolve_value(slot, spec.values.get(name))
        if value is not None:
            values[name] = value
        elif slot.required:
            raise DocumentError(Refusal.MISSING_VALUE, name)
    return values


def _resolve_value(slot: Slot, value: Any) -> Any:
    if value is None:
        return None
    if slot.type is SlotType.ROWS:
        if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
            raise DocumentError(Refusal.WRONG_TYPE, slot.name, note="rows")
        return [_resolve_row(slot, number, row) for number, row in enumerate(value, 1)] or None
    return _resolve_scalar(slot.type, slot.name, value)


def _resolve_row(slot: Slot, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    resolved = {}
    for name, kind in slot.fields.items():
        value = row.get(name)
        if value is not None:
            value = _resolve_scalar(kind, f"{slot.name}[{number}].{name}", value)
        if value is not None:
            resolved[name] = value
    return resolved


def _resolve_scalar(kind: SlotType, field: str, value: Any) -> Any:
    """Return the value, or None for a text without ink. `field` names it in the refusal."""
    if not isinstance(value, _PYTHON_TYPES[kind]) or isinstance(value, bool):
        raise DocumentError(Refusal.WRONG_TYPE, field, note=f"{kind}: {type(value).__name__}")
    if not isinstance(value, str):
        return value
    text = normalise_text(value).rstrip()
    if not text.strip():
        return None
    if kind is SlotType.TEXT and "\n" in text:
        raise DocumentError(Refusal.LINE_BREAK, field)
    return text
