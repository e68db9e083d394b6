"""What a package says about a kind of file it can take in. The intake does the rest: reading, mapping, chunks,
counts, error file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.errors import NotFoundError


@dataclass(frozen=True)
class ImportContext:
    """The shop and the upload a row belongs to. `options` are the importer's own, chosen with the upload."""

    shop_id: UUID
    upload_id: UUID
    zone: ZoneInfo
    country: str
    currency: str
    received_at: datetime
    options: Mapping[str, str] = field(default_factory=dict)


# Turns a cleaned, non-empty cell into a value; raises ValueError with the reason, in words for people.
Parser = Callable[[str, ImportContext], Any]


@dataclass(frozen=True)
class Field:
    """One value of a row. `aliases` are headers that mean it, beside its name and labels. `required`: an empty cell
    rejects the row."""

    name: str
    label: str
    label_en: str
    parse: Parser
    required: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of the file by its header; `occurrence` tells columns with the same header apart (from 1, left to
    right)."""

    header: str
    occurrence: int = 1


@dataclass(frozen=True)
class Source:
    """Where a field comes from: one column, or several joined (姓 + 名; 郵便番号1 + 2); or the same text for every
    row."""

    columns: tuple[Column, ...] = ()
    joiner: str = ""
    constant: str | None = None


@dataclass(frozen=True)
class Preset:
    """A known layout. It fits a file that has all the `signature` headers."""

    name: str
    label: str
    label_en: str
    sources: Mapping[str, Source]
    signature: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """`number` is the line of the table in the file, the header being 1; `values` has each mapped field, None where
    empty."""

    number: int
    values: Mapping[str, Any]


class RowState(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Problem:
    """Why a row was rejected: the field (none: the row as a whole), a stable code, and a sentence in both languages."""

    field: str | None
    code: str
    message: str
    message_en: str


@dataclass(frozen=True)
class RowOutcome:
    number: int
    state: RowState
    problems: tuple[Problem, ...] = ()


class Importer(Protocol):
    """`store` gets parsed rows, all rows of one group together, and answers for every one of them, in any order.

    It must be safe to repeat: the same rows again are SAME. It must not raise for a row's sake: it rejects that row.
    `group_field`: rows with an equal value of this field make one record (an order of several lines); None: each row
    alone.
    """

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def label_en(self) -> str: ...
    @property
    def fields(self) -> Sequence[Field]: ...
    @property
    def presets(self) -> Sequence[Preset]: ...
    @property
    def group_field(self) -> str | None: ...

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> Sequence[RowOutcome]: ...


@dataclass(frozen=True)
class ImportOption:
    """What a person decides once for a whole file. Without `choices` (value, label, English label) it is free text."""

    name: str
    label: str
    label_en: str
    choices: tuple[tuple[str, str, str], ...] = ()


IMPORTERS: dict[str, Importer] = {}
OPTIONS: dict[str, tuple[ImportOption, ...]] = {}


def register(importer: Importer, options: tuple[ImportOption, ...] = ()) -> None:
    """Make an importer known; `app` does so for each package at start. Registering again replaces it."""
    IMPORTERS[importer.name] = importer
    OPTIONS[importer.name] = options


def get_importer(name: str) -> Importer:
    if name not in IMPORTERS:
        raise NotFoundError(f"There is no importer {name}.", importer=name)
    return IMPORTERS[name]


def list_options(name: str) -> tuple[ImportOption, ...]:
    """Return what a person may decide for a whole file of this importer."""
    return OPTIONS.get(name, ())
