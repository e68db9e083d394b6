"""What rules and resolver need to know of one insert: a frozen value, read from the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from orders.kinds import LetterClass
from personalization.models import InsertKind, WhenOut


@dataclass(frozen=True, kw_only=True, slots=True)
class InsertInfo:
    """Weight in g and thickness in mm of one piece; `unit_cost` and `market_value` in the smallest unit of money."""

    id: UUID
    key: str
    name_ja: str
    name_en: str
    kind: InsertKind
    letter_class: LetterClass = LetterClass.NONE
    sealed: bool = False
    weight_g: float = 0
    thickness_mm: float = 0
    unit_cost: int = 0
    market_value: int = 0
    stocked: bool = True
    when_out: WhenOut = WhenOut.SKIP
    substitute_key: str | None = None
    allergens: frozenset[str] = frozenset()
    limit_per_customer: int | None = None
    active: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether nothing but its size, its stock and what a person does not want can keep it out."""
        is_free = self.kind not in (InsertKind.GIFT, InsertKind.LETTER) and self.letter_class is LetterClass.NONE
        return is_free and self.active and self.limit_per_customer is None


Inserts = Mapping[str, InsertInfo]  # by key


def find_ring(substitutes: Mapping[str, str | None]) -> list[str] | None:
    """Return the keys of a ring of substitutes, None when every chain ends."""
    settled: set[str] = set()
    for start in substitutes:
        path: list[str] = []
        key: str | None = start
        while key is not None and key not in settled:
            if key in path:
                return [*path[path.index(key) :], key]
            path.append(key)
            key = substitutes.get(key)
        settled.update(path)
    return None
