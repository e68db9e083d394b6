"""Papers and label rolls a printer may hold (PWG 5101.1 names), and sheets of labels. Sizes in mm."""

from dataclasses import dataclass
from typing import Final

from documents.file_options import LabelSheet


@dataclass(frozen=True)
class Medium:
    """`key` is what IPP calls it."""

    key: str
    name: str
    name_en: str
    width: float
    height: float


MEDIA: Final = {
    medium.key: medium
    for medium in (
        Medium("iso_a4_210x297mm", "A4", "A4", 210, 297),
        Medium("iso_a5_148x210mm", "A5", "A5", 148, 210),
        Medium("iso_a6_105x148mm", "A6", "A6", 105, 148),
        Medium("jis_b5_182x257mm", "B5 (JIS)", "B5 (JIS)", 182, 257),
        Medium("jpn_hagaki_100x148mm", "はがき", "Postcard", 100, 148),
        Medium("om_label_100x150mm", "ラベル 100×150", "Label 100×150", 100, 150),
        Medium("om_label_103x165mm", "ラベル 103×165", "Label 103×165", 103, 165),
        Medium("om_label_60x92mm", "ラベル 60×92", "Label 60×92", 60, 92),
    )
}


@dataclass(frozen=True)
class SheetFormat:
    """A4 sheets of equal labels as they are sold."""

    key: str
    name: str
    name_en: str
    sheet: LabelSheet


def _a4(columns: int, rows: int, size: tuple[float, float], corner: tuple[float, float], gap: float = 0) -> LabelSheet:
    """Return an A4 sheet of labels of a size, the first of them at a corner, its columns a gap apart."""
    return LabelSheet(
        width=210,
        height=297,
        columns=columns,
        rows=rows,
        label_width=size[0],
        label_height=size[1],
        left=corner[0],
        top=corner[1],
        column_gap=gap,
    )


# Two labels of 100×150 mm beside each other on A4 landscape.
_PAIR: Final = LabelSheet(
    width=297, height=210, columns=2, rows=1, label_width=100, label_height=150, left=36, top=30, column_gap=25
)
SHEETS: Final = {
    each.key: each
    for each in (
        SheetFormat("a4_2", "A4横 2面（100×150）", "A4 landscape, 2 of 100×150", _PAIR),
        SheetFormat("a4_10", "A4 10面（86.4×50.8）", "A4, 10 of 86.4×50.8", _a4(2, 5, (86.4, 50.8), (18.6, 21.5))),
        SheetFormat("a4_12", "A4 12面（86.4×42.3）", "A4, 12 of 86.4×42.3", _a4(2, 6, (86.4, 42.3), (18.6, 21.2))),
        SheetFormat("a4_24", "A4 24面（70×33.9）", "A4, 24 of 70×33.9", _a4(3, 8, (70, 33.9), (0, 12.9))),
    )
}
