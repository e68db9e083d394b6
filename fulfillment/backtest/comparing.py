"""What both rulesets chose for the same rows, side by side: what differs in the box. On arrays, pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from fulfillment.backtest.entries import Chapter, Content, Entry
from fulfillment.backtest.models import Change
from personalization.plan import Plan
from personalization.resolver.crowds.decided import part
from personalization.resolver.events import Ragged, Rows

SIDES: Final = ("live", "draft")
NONE: Final = -1
T = TypeVar("T")


@dataclass
class Dictionary:
    """Numbers what either side knows: what is kept from 1 on, effects, rules and inserts from 0 on."""

    contents: dict[Content, int] = field(default_factory=dict)
    effects: dict[Content, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    inserts: dict[str, int] = field(default_factory=dict)

    def look_up(self, entry: Entry) -> tuple[int, ...]:
        """Return the numbers of what is kept, effect, rule, insert and insert that was missing, and the quantity."""
        return (
            self.contents.setdefault(entry.content, len(self.contents) + 1),
            _number(self.effects, entry.effect),
            _number(self.rules, entry.rule_key),
            _number(self.inserts, entry.insert_key),
            _number(self.inserts, entry.out),
            entry.quantity,
        )


def _number(numbers: dict[T, int], key: T | None) -> int:
    return NONE if key is None else numbers.setdefault(key, len(numbers))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one ruleset chose for rows: for each thing its row and the numbers of `Dictionary`, NONE where it has none.

    `plans` and `seen` are what is kept: contents, and pairs of content and value.
    """

    rows: Rows
    effect: Rows
    rule: Rows
    insert: Rows
    out: Rows
    quantity: Rows
    plans: Ragged
    seen: tuple[Ragged, Rows]

    def count_pieces(self, size: int, inserts: int) -> NDArray[np.int64]:
        """Return pieces (rows × inserts)."""
        has = self.insert != NONE
        at = self.rows[has] * inserts + self.insert[has]
        counted = np.bincount(at, weights=self.quantity[has], minlength=size * inserts)
        return counted.astype(np.int64).reshape(size, inserts)


@dataclass
class Reader:
    """Reads the chapters of one side in the words of both."""

    dictionary: Dictionary
    _known: list[tuple[int, ...]] = field(default_factory=list)

    def read(self, chapter: Chapter) -> Chosen:
        told, new = chapter
        self._known.extend(map(self.dictionary.look_up, new))
        content, effect, rule, insert, out, quantity = np.array(self._known, dtype=np.int64).reshape(-1, 6).T
        at = told.plans.numbers
        names, values = part(told.seen.numbers)
        return Chosen(
            rows=told.plans.rows,
            effect=effect[at],
            rule=rule[at],
            insert=insert[at],
            out=out[at],
            quantity=quantity[at],
            plans=Ragged(content[at], told.plans.bounds),
            seen=(Ragged(content[names], told.seen.bounds), values),
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """What the draft would do to each row: `change` None for the same box and the same papers; keys are sorted."""

    change: list[Change | None]
    gained: Mapping[int, list[str]]
    lost: Mapping[int, list[str]]


def compare(live: Chosen, draft: Chosen, size: int, dictionary: Dictionary) -> Difference:
    keys = list(dictionary.inserts)
    more = draft.count_pieces(size, len(keys)) - live.count_pieces(size, len(keys))
    gained, lost = _list_keys(more > 0, keys), _list_keys(more < 0, keys)
    change: list[Change | None] = [None] * size
    for row in _find_different(live, draft, size):
        if (row in gained) == (row in lost):
            change[row] = Change.CHANGED
        else:
            change[row] = Change.GAINED if row in gained else Change.LOST
    return Difference(change, gained, lost)


def _list_keys(differs: NDArray[np.bool_], keys: list[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row, place in zip(*(axis.tolist() for axis in np.nonzero(differs)), strict=True):
        found.setdefault(row, []).append(keys[place])
    for listed in found.values():
        listed.sort()
    return found


def _find_different(live: Chosen, draft: Chosen, size: int) -> list[int]:
    """Return the rows whose effects are not the same, in whatever order they were chosen."""
    (rows, effects), (others, theirs) = (_sort_effects(side) for side in (live, draft))
    differs = np.bincount(rows, minlength=size) != np.bincount(others, minlength=size)
    mine, his = effects[~differs[rows]], theirs[~differs[others]]
    differs[rows[~differs[rows]][mine != his]] = True
    found: list[int] = np.flatnonzero(differs).tolist()
    return found


def _sort_effects(side: Chosen) -> tuple[Rows, Rows]:
    has = side.effect != NONE
    rows, effects = side.rows[has], side.effect[has]
    order = np.lexsort((effects, rows))
    return rows[order], effects[order]


def count_inserts(plan: Plan) -> Counter[str]:
    """Return insert → pieces."""
    pieces: Counter[str] = Counter()
    for chosen in plan.fired:
        if chosen.insert_key is not None:
            pieces[chosen.insert_key] += chosen.quantity
    return pieces
