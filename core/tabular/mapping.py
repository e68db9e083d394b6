"""Which column means which field: by a saved mapping, a known layout, or the words of the header. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.tabular.cells import clean_cell
from core.tabular.errors import CellError, MappingIncompleteError
from core.tabular.importer import Column, Field, ImportContext, Importer, Preset, Problem, Row, Source

_NOISE: Final = re.compile(r"[\s_\-・:：*＊※()（）\[\]【】「」/]+")
# Columns that our own error file adds; they are never data.
REPORT_HEADERS: Final = ("取込エラー_行", "取込エラー_項目", "取込エラー_理由")
TOO_MANY_CELLS: Final = Problem(
    None, "too_many_cells", "見出しより列が多い行です。", "The row has more cells than the header."
)


@dataclass(frozen=True)
class Proposal:
    """A mapping for one file: which preset it came from, what it leaves out."""

    preset: str | None
    sources: Mapping[str, Source]
    options: Mapping[str, str]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


@dataclass(frozen=True)
class SavedPreset:
    name: str
    headers: Sequence[str]
    sources: Mapping[str, Source]
    options: Mapping[str, str]


def normalise_header(header: str) -> str:
    """Return the header without spaces, brackets, signs and width, in lower case."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", header)).casefold()


def list_columns(headers: Sequence[str]) -> list[Column]:
    """Name each column by its header and by which one with that header it is."""
    seen: Counter[str] = Counter()
    columns = []
    for header in headers:
        seen[header] += 1
        columns.append(Column(header, seen[header]))
    return columns


def propose_mapping(importer: Importer, headers: Sequence[str], saved: Sequence[SavedPreset] = ()) -> Proposal:
    """Propose a mapping: one saved for the same headers, else the known layout that fits best, else word by word.

    Fields that a known layout leaves out are filled word by word from the columns it does not use.
    """
    own = [header for header in headers if header not in REPORT_HEADERS]
    for preset in saved:
        if list(preset.headers) == own:
            return _finish(importer, own, preset.name, preset.sources, preset.options)
    layout = find_layout(importer, own)
    sources = {} if layout is None else _keep_present(layout.sources, own)
    return _finish(
        importer,
        own,
        None if layout is None else layout.name,
        _match_words(importer.fields, own, sources),
        {} if layout is None else layout.options,
    )


def find_layout(importer: Importer, headers: Sequence[str]) -> Preset | None:
    """Return the known layout whose whole signature is in the file; of several the one with the longest."""
    present = {normalise_header(header) for header in headers}
    fitting = [
        preset
        for preset in importer.presets
        if preset.signature and {normalise_header(header) for header in preset.signature} <= present
    ]
    return max(fitting, key=lambda preset: len(preset.signature), default=None)


def apply_preset(importer: Importer, headers: Sequence[str], name: str, saved: Sequence[SavedPreset] = ()) -> Proposal:
    """Map by the preset a person chose; raises MappingIncompleteError when there is none of this name."""
    own = [header for header in headers if header not in REPORT_HEADERS]
    known = {preset.name: (preset.sources, preset.options) for preset in importer.presets}
    known |= {preset.name: (preset.sources, preset.options) for preset in saved}
    if name not in known:
        raise MappingIncompleteError(f"There is no preset {name}.", preset=name)
    sources, options = known[name]
    return _finish(importer, own, name, _keep_present(sources, own), options)


def _keep_present(sources: Mapping[str, Source], headers: Sequence[str]) -> dict[str, Source]:
    """Find the layout's columns in this file, however the header is spelt; fields without any are left out."""
    spelt = {(normalise_header(c.header), c.occurrence): c for c in list_columns(headers)}
    kept = {}
    for name, source in sources.items():
        found = [spelt.get((normalise_header(column.header), column.occurrence)) for column in source.columns]
        columns = tuple(column for column in found if column is not None)
        if columns or source.constant is not None:
            kept[name] = Source(columns, source.joiner, source.constant)
    return kept


def _match_words(fields: Sequence[Field], headers: Sequence[str], sources: Mapping[str, Source]) -> dict[str, Source]:
    matched = dict(sources)
    used = {column for source in sources.values() for column in source.columns}
    free = {normalise_header(c.header): c for c in reversed(list_columns(headers)) if c not in used}
    for field in fields:
        words = (field.name, field.label, field.label_en, *field.aliases)
        column = next((free[key] for word in words if (key := normalise_header(word)) in free), None)
        if field.name not in matched and column is not None:
            matched[field.name] = Source((column,))
            free.pop(normalise_header(column.header), None)
    return matched


def _finish(
    importer: Importer,
    headers: Sequence[str],
    preset: str | None,
    sources: Mapping[str, Source],
    options: Mapping[str, str],
) -> Proposal:
    used = {column for source in sources.values() for column in source.columns}
    unused = tuple(column.header for column in list_columns(headers) if column.header and column not in used)
    return Proposal(preset, sources, options, list_missing(importer, sources), unused)


def list_missing(importer: Importer, sources: Mapping[str, Source]) -> tuple[str, ...]:
    return tuple(field.name for field in importer.fields if field.required and field.name not in sources)


def check_sources(importer: Importer, headers: Sequence[str], sources: Mapping[str, Source]) -> None:
    """Raise MappingIncompleteError unless every field and column exists and required fields are mapped."""
    unknown = sorted(set(sources) - {field.name for field in importer.fields})
    columns = set(list_columns(headers))
    absent = sorted({c.header for source in sources.values() for c in source.columns if c not in columns})
    missing = list_missing(importer, sources)
    if unknown or absent or missing:
        raise MappingIncompleteError(
            f"The mapping does not fit: unknown fields {unknown}, columns not in the file {absent}, "
            f"required fields without a column {list(missing)}.",
            unknown_fields=unknown,
            absent_columns=absent,
            missing_fields=list(missing),
        )


@dataclass(frozen=True)
class RowReader:
    """Reads rows of one file under one mapping."""

    fields: Sequence[Field]
    places: Mapping[str, tuple[tuple[int, ...], str, str | None]]
    width: int

    def read_raw(self, cells: Sequence[str], name: str) -> str:
        """Return the cleaned text of one field, joined from its columns; "" where empty."""
        indexes, joiner, constant = self.places[name]
        if not indexes:
            return constant or ""
        parts = (clean_cell(cells[index]) if index < len(cells) else "" for index in indexes)
        return joiner.join(part for part in parts if part) or constant or ""

    def read(self, number: int, cells: Sequence[str], context: ImportContext) -> tuple[Row, tuple[Problem, ...]]:
        """Parse a row; with problems, the row's values are not to be used."""
        problems = [TOO_MANY_CELLS] if any(cell.strip() for cell in cells[self.width :]) else []
        values: dict[str, Any] = {}
        for field in self.fields:
            if field.name in self.places:
                values[field.name] = self._parse(field, self.read_raw(cells, field.name), context, problems)
        return Row(number, values), tuple(problems)

    def _parse(self, field: Field, text: str, context: ImportContext, problems: list[Problem]) -> Any:
        if not text:
            if field.required:
                problems.append(_name_empty(field))
            return None
        try:
            return field.parse(text, context)
        except CellError as error:
            problems.append(Problem(field.name, error.code, error.message, error.message_en))
        except ValueError as error:
            problems.append(Problem(field.name, "invalid", str(error), str(error)))
        return None


def _name_empty(field: Field) -> Problem:
    return Problem(field.name, "required", f"{field.label}は必須です。", f"{field.label_en} is required.")


def make_reader(importer: Importer, headers: Sequence[str], sources: Mapping[str, Source]) -> RowReader:
    """Bind a checked mapping to the columns of a file."""
    positions = {column: index for index, column in enumerate(list_columns(headers))}
    places = {
        name: (tuple(positions[column] for column in source.columns), source.joiner, source.constant)
        for name, source in sources.items()
    }
    return RowReader(importer.fields, places, len(headers))


def write_sources(sources: Mapping[str, Source]) -> dict[str, Any]:
    """Return the mapping as JSON."""
    return {
        name: {
            "columns": [{"header": c.header, "occurrence": c.occurrence} for c in source.columns],
            "joiner": source.joiner,
            "constant": source.constant,
        }
        for name, source in sources.items()
    }


def load_sources(document: Mapping[str, Any]) -> dict[str, Source]:
    return {
        name: Source(
            tuple(Column(column["header"], column["occurrence"]) for column in entry["columns"]),
            entry["joiner"],
            entry["constant"],
        )
        for name, entry in document.items()
    }
