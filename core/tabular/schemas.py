"""HTTP shapes of uploads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.tabular.importer import Column, Source
from core.tabular.models import UploadState


class ColumnIn(BaseModel):
    header: str = Field(max_length=500)
    occurrence: int = Field(1, ge=1, le=100)


class SourceIn(BaseModel):
    """Where a field comes from: columns joined, or the same text for every row."""

    columns: list[ColumnIn] = Field(default=[], max_length=10)
    joiner: str = Field("", max_length=10)
    constant: str | None = Field(None, max_length=500)

    def to_source(self) -> Source:
        columns = tuple(Column(column.header, column.occurrence) for column in self.columns)
        return Source(columns, self.joiner, self.constant)


class StartIn(BaseModel):
    """None: the proposed mapping. `save_as` keeps it for the next file with the same headers."""

    mapping: dict[str, SourceIn] | None = None
    options: dict[str, str] = {}
    save_as: str | None = Field(None, min_length=1, max_length=100)


class UploadOut(BaseModel):
    """`read` = `new` + `changed` + `same` + `rejected` once the state is done."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    importer: str
    file_name: str
    state: UploadState
    encoding: str
    delimiter: str | None
    headers: list[str]
    preset: str | None
    mapping: dict[str, Any]
    options: dict[str, Any]
    error_code: str | None
    error: str | None
    row_count: int
    new_count: int
    changed_count: int
    same_count: int
    rejected_count: int
    created_at: datetime
    finished_at: datetime | None


class ReceivedOut(BaseModel):
    """A received upload, and what the proposed mapping leaves open."""

    upload: UploadOut
    missing_fields: list[str]
    unused_columns: list[str]


class FieldOut(BaseModel):
    name: str
    label: str
    label_en: str
    required: bool


class OptionOut(BaseModel):
    name: str
    label: str
    label_en: str
    choices: list[tuple[str, str, str]]


class ImporterOut(BaseModel):
    """A kind of file that can be taken in."""

    name: str
    label: str
    label_en: str
    fields: list[FieldOut]
    presets: list[str]
    options: list[OptionOut]
