"""Slots of a template: type, label and sample value, so that each template can be seen without an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from documents.catalogue import load_sample_picture
from documents.specs import Money, Row, Value
from documents.templates import Bilingual, SlotSpec, SlotType

# What a table of any slot may hold at most, unless its slot says another number.
MOST_ROWS = 5000


@dataclass(frozen=True)
class Slot:
    """`fields` names and types the fields of rows, `most` is how many of them there may be."""

    name: str
    type: SlotType
    label: Bilingual
    sample: Value
    required: bool
    fields: Mapping[str, SlotType]
    most: int = MOST_ROWS


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
    most = spec.most or known.get("most") or MOST_ROWS
    # A sample of null is a choice: the template is shown without it.
    is_given = "sample" in spec.model_fields_set
    sample = spec.sample if is_given else (known.get("sample") or {}).get(language)
    try:
        return Slot(name, kind, label, read_sample(kind, fields, sample), spec.required, fields, most)
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
    return _read_scalar(kind, sample)


def _read_row(fields: Mapping[str, SlotType], row: Mapping[str, Any]) -> Row:
    return {name: _read_scalar(fields[name], value) for name, value in row.items()}


def _read_scalar(kind: SlotType, sample: Any) -> str | Money | date | int | bytes:
    if kind is SlotType.IMAGE:
        return load_sample_picture(str(sample))
    if kind is SlotType.MONEY:
        return Money(**sample) if isinstance(sample, Mapping) else Money(int(sample))
    if kind is SlotType.DATE:
        return date.fromisoformat(sample)
    if kind is SlotType.NUMBER:
        return int(sample)
    if not isinstance(sample, str):
        raise TypeError("a text is expected")
    return sample
