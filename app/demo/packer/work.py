"""What the packer does with one parcel: the readings in order, and the answer each should get. Pure.

A mistake is a reading that must be refused; after it the packer goes on with the right thing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

from app.demo.packer.bench import Reading, ShownParcel, ShownUnit


class Mistake(StrEnum):
    """The value is how the packer's report names it."""

    WRONG_ITEM = "wrong_item"
    TOO_MANY = "too_many"
    OTHER_PARCELS_LETTER = "other_parcels_letter"
    VOID_COPY = "void_copy"
    ALREADY_SHIPPED = "already_shipped"
    HELD = "held"
    CANCELLED = "cancelled"
    UNKNOWN_CODE = "unknown_code"
    NO_PARCEL_OPEN = "no_parcel_open"
    LABEL_TOO_EARLY = "label_too_early"
    UNPROVEN_HAND_OVER = "unproven_hand_over"


# Which answers count as the refusal that each mistake must meet.
REFUSALS: Final[Mapping[Mistake, frozenset[str]]] = {
    Mistake.WRONG_ITEM: frozenset({"wrong_item"}),
    Mistake.TOO_MANY: frozenset({"too_many"}),
    Mistake.OTHER_PARCELS_LETTER: frozenset({"belongs_to_other_parcel"}),
    Mistake.VOID_COPY: frozenset({"void_copy"}),
    Mistake.ALREADY_SHIPPED: frozenset({"already_shipped"}),
    Mistake.HELD: frozenset({"held", "care_flag"}),
    Mistake.CANCELLED: frozenset({"cancelled"}),
    Mistake.UNKNOWN_CODE: frozenset({"unknown"}),
    Mistake.NO_PARCEL_OPEN: frozenset({"no_parcel"}),
    Mistake.LABEL_TOO_EARLY: frozenset({"incomplete"}),
}
# Mistakes that any parcel allows; the others need a parcel in a certain state.
ANYWHERE: Final = (
    Mistake.WRONG_ITEM, Mistake.TOO_MANY, Mistake.OTHER_PARCELS_LETTER, Mistake.UNKNOWN_CODE, Mistake.NO_PARCEL_OPEN,
    Mistake.LABEL_TOO_EARLY,
)  # fmt: skip
STRANGE_BARCODE: Final = "4569951119996"  # A valid GTIN of nothing in the house.


@dataclass(frozen=True)
class Step:
    """`expected` are the answers that let the packer go on; a mistake expects its refusal."""

    reading: Reading
    expected: frozenset[str]
    mistake: Mistake | None = None
    is_unit: bool = False


@dataclass(frozen=True)
class Papers:
    """What lies in the tray for one parcel: the texts of its symbols by kind of unit."""

    slip: str
    documents: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class Table:
    """The packing place: barcodes by SKU as printed on what stands on the shelf, and other parcels' papers."""

    shelf: Mapping[str, str]
    others: Sequence[str]
    random: Random = field(compare=False)

    def pick_wrong(self, parcel: ShownParcel) -> str:
        """Return the barcode of something that does not belong into this parcel."""
        right = {unit.sku for unit in parcel.units}
        skus = list(self.shelf)
        return self.shelf[next(sku for sku in iter(lambda: self.random.choice(skus), None) if sku not in right)]

    def pick_foreign(self, papers: Papers) -> str:
        own = {papers.slip, *papers.documents, papers.label}
        return next(text for text in iter(lambda: self.random.choice(self.others), None) if text not in own)


ACCEPTED: Final = frozenset({"accepted"})
# The last thing of a parcel without a label packs it.
PACKED: Final = frozenset({"label_bound"})


def plan_parcel(parcel: ShownParcel, papers: Papers, table: Table, mistakes: frozenset[Mistake]) -> list[Step]:
    """Return the steps of packing one parcel whole, with the given mistakes at their places."""
    first = table.shelf[parcel.of_kinds("goods", "insert")[0].sku or ""]
    slips = {
        Mistake.NO_PARCEL_OPEN: _err(Mistake.NO_PARCEL_OPEN, None, first),
        Mistake.LABEL_TOO_EARLY: _err(Mistake.LABEL_TOO_EARLY, parcel.id, papers.label),
        Mistake.WRONG_ITEM: _err(Mistake.WRONG_ITEM, parcel.id, table.pick_wrong(parcel)),
        Mistake.UNKNOWN_CODE: _err(Mistake.UNKNOWN_CODE, parcel.id, STRANGE_BARCODE),
        Mistake.TOO_MANY: _err(Mistake.TOO_MANY, parcel.id, first),
    }
    if Mistake.OTHER_PARCELS_LETTER in mistakes:
        foreign = table.pick_foreign(papers)
        slips[Mistake.OTHER_PARCELS_LETTER] = _err(Mistake.OTHER_PARCELS_LETTER, parcel.id, foreign)

    def blunder(*kinds: Mistake) -> list[Step]:
        return [slips[kind] for kind in kinds if kind in mistakes]

    return [
        *blunder(Mistake.NO_PARCEL_OPEN),
        Step(Reading(None, papers.slip), frozenset({"parcel_opened"}), is_unit=True),
        *blunder(Mistake.LABEL_TOO_EARLY, Mistake.WRONG_ITEM, Mistake.UNKNOWN_CODE),
        *(step for unit in parcel.of_kinds("goods", "insert") for step in _put_in(parcel, unit, table)),
        *blunder(Mistake.TOO_MANY, Mistake.OTHER_PARCELS_LETTER),
        *(Step(Reading(parcel.id, text), ACCEPTED, is_unit=True) for text in papers.documents),
        *(step for task in parcel.of_kinds("task") for step in _confirm(parcel, task)),
        Step(Reading(parcel.id, papers.label), PACKED, is_unit=True),
    ]


def _confirm(parcel: ShownParcel, task: ShownUnit) -> list[Step]:
    return [Step(Reading(parcel.id, by_hand=task.id), ACCEPTED, is_unit=True) for _ in range(task.quantity)]


def _put_in(parcel: ShownParcel, unit: ShownUnit, table: Table) -> Iterator[Step]:
    barcode = table.shelf[unit.sku or ""]
    for _ in range(unit.quantity):
        yield Step(Reading(parcel.id, barcode), ACCEPTED, is_unit=True)


def _err(mistake: Mistake, parcel_id: str | None, text: str) -> Step:
    return Step(Reading(parcel_id, text), REFUSALS[mistake], mistake)


def refused_slip(mistake: Mistake, text: str) -> Step:
    """Return the step of scanning a slip that must not open its parcel."""
    return _err(mistake, None, text)
