"""Slots of a template: type, label and sample value, so that each template can be seen without an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from documents.specs import Money, Row, Value
from documents.templates import Bilingual, SlotSpec, SlotType


@dataclass(frozen=True)
class Slot:
    """`fields` names and types the fields of rows."""

    name: str
    type: SlotType
    label: Bilingual
    sample: Value
    required: bool
    fields: Mapping[str, SlotType]


class SlotError(Exception):
    def __init__(self, code: str, message_ja: str, message_en: str) -> None:
        super().__init__(message_en)
        self.code = code
        self.message_ja = message_ja
        self.message_en = message_en


def resolve_slot(name: str, spec: SlotSpec, catalogued: Mapping[str, Any] | None, language: str) -> Slot:
    """Return a slot as its template declares it, completed from the catalogue; raises SlotError."""
    known = catalogued or {}
    kind = spec.type or (SlotType(known["type"]) if known else None)
    label = spec.label or (Bilingual(**known["label"]) if known else None)
    if kind is None or label is None:
        raise SlotError(
            "unknown_slot", "差込の一覧にないので、種類と名前が必要です", "Not in the catalogue: give type and label"
        )
    if known and kind != known["type"]:
        raise SlotError("wrong_slot_type", "差込の一覧と種類が違います", "The catalogue gives it another type")
    fields = spec.fields or {field: SlotType(type_) for field, type_ in known.get("fields", {}).items()}
    if (kind is SlotType.ROWS) != bool(fields):
        raise SlotError("wrong_slot_type", "表には列の項目が必要です", "Rows, and only rows, need fields")
    sample = spec.sample if spec.sample is not None else (known.get("sample") or {}).get(language)
    try:
        return Slot(name, kind, label, read_sample(kind, fields, sample), spec.required, fields)
    except (TypeError, ValueError, KeyError) as error:
        raise SlotError(
            "bad_sample", "見本の値が種類に合いません", f"The sample does not fit its type: {error}"
        ) from None


def read_sample(kind: SlotType, fields: Mapping[str, SlotType], sample: Any) -> Value:
    """Return a JSON sample as a value: an amount alone is in yen, a date in ISO 8601."""
    if sample is None:
        return None
    if kind is SlotType.ROWS:
        return [_read_row(fields, row) for row in sample]
    if kind is SlotType.IMAGE:
        raise ValueError("a picture has no sample")
    return _read_scalar(kind, sample)


def _read_row(fields: Mapping[str, SlotType], row: Mapping[str, Any]) -> Row:
    return {name: _read_scalar(fields[name], value) for name, value in row.items()}


def _read_scalar(kind: SlotType, sample: Any) -> str | Money | date | int:
    if kind is SlotType.MONEY:
        return Money(**sample) if isinstance(sample, Mapping) else Money(int(sample))
    if kind is SlotType.DATE:
        return date.fromisoformat(sample)
    if kind is SlotType.NUMBER:
        return int(sample)
    if not isinstance(sample, str):
        raise TypeError("a text is expected")
    return sample
