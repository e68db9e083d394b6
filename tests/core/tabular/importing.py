"""A small importer for tests of the intake: keeps its records in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from core.tabular.cells import limit_text, parse_integer, parse_text
from core.tabular.importer import Column, Field, ImportContext, Preset, Problem, Row, RowOutcome, RowState, Source

FIELDS = (
    Field("number", "番号", "Number", parse_text, required=True),
    Field("name", "名前", "Name", limit_text(10), aliases=("お名前", "氏名")),
    Field("amount", "金額", "Amount", parse_integer),
)
PRESETS = (
    Preset(
        "shop",
        "店",
        "Shop",
        {
            "number": Source((Column("注文番号"),)),
            "name": Source((Column("姓"), Column("名")), " "),
            "amount": Source((Column("送料", 2),)),
        },
        signature=("注文番号", "姓", "名"),
    ),
)
FORBIDDEN = Problem("name", "forbidden", "使えない名前です。", "This name is not allowed.")


@dataclass
class MemoryImporter:
    """Rejects the name 禁止; otherwise keeps the last values of each number."""

    name: str = "test.things"
    label: str = "もの"
    label_en: str = "Things"
    fields: Sequence[Field] = FIELDS
    presets: Sequence[Preset] = PRESETS
    group_field: str | None = "number"
    kept: dict[str, dict[str, object]] = field(default_factory=dict)
    chunk_sizes: list[int] = field(default_factory=list)

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> Sequence[RowOutcome]:  # noqa: ARG002
        self.chunk_sizes.append(len(rows))
        return [self._keep(row) for row in rows]

    def _keep(self, row: Row) -> RowOutcome:
        if row.values.get("name") == "禁止":
            return RowOutcome(row.number, RowState.REJECTED, (FORBIDDEN,))
        key = str(row.values["number"])
        before = self.kept.get(key)
        self.kept[key] = dict(row.values)
        if before is None:
            return RowOutcome(row.number, RowState.NEW)
        return RowOutcome(row.number, RowState.SAME if before == row.values else RowState.CHANGED)
