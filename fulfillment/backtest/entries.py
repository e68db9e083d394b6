"""What either ruleset chose, lost and saw, each thing once and by number: rows of a backtest hold numbers only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from personalization.plan import Chosen, Lost, Reason
from personalization.resolver.crowds.decided import Told
from personalization.simulating import Simulation

CHOSEN, LOST = "chosen", "lost"
SHORT_CHOSEN: Final = attrgetter("rule_key", "action", "kind", "insert_key", "quantity", "substitute_for")
# What else one sees in the box; the rule's key, its place and where an insert came from change nothing there.
PLAIN: Final = attrgetter("template", "slot", "word", "value", "products", "series", "valid_until")
OUT: Final = (Reason.OUT_OF_STOCK, Reason.BACK_ORDERED)
Content = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """`content` is what is kept: its kind and what is named; texts and details are worked out again from the facts.

    `effect` is what one sees of it in the box, None for nothing; `out` the insert that it lost for want of.
    """

    content: Content
    effect: Content | None = None
    out: str | None = None

    @property
    def rule_key(self) -> str | None:
        """The rule that acted."""
        return self.content[1] if self.effect is not None else None

    @property
    def insert_key(self) -> str | None:
        """The insert that goes in."""
        return self.content[4] if self.effect is not None else None

    @property
    def quantity(self) -> int:
        return self.content[5] if self.effect is not None else 0


def shorten_chosen(chosen: Chosen) -> Content:
    """Return ("chosen", rule, action, kind, insert, quantity, in place of)."""
    return (CHOSEN, *SHORT_CHOSEN(chosen))


def shorten_lost(lost: Lost) -> Content:
    """Return ("lost", rule, action, reason)."""
    return LOST, lost.rule_key, lost.action, lost.reason


@dataclass
class Book:
    """The numbering of one ruleset's simulation, which may run in a process of its own."""

    entries: list[Entry] = field(default_factory=list)
    _numbers: dict[Content, int] = field(default_factory=dict)
    _told: int = 0

    def of_chosen(self, chosen: Chosen) -> int:
        content = shorten_chosen(chosen)
        # Texts by language are no keys.
        texts = (repr(chosen.text), repr(chosen.slots)) if chosen.text or chosen.slots else ()
        told = (*PLAIN(chosen), *texts)
        found = self._numbers.get((*content, *told))
        if found is None:
            effect = (chosen.kind, chosen.insert_key, chosen.quantity, *told)
            found = self._add((*content, *told), Entry(content, effect))
        return found

    def of_lost(self, lost: Lost) -> int:
        content = shorten_lost(lost)
        out = str(lost.details["insert"]) if lost.reason in OUT else None
        found = self._numbers.get((*content, out))
        return self._add((*content, out), Entry(content, None, out)) if found is None else found

    def of_seen(self, kind: str, name: str) -> int:
        found = self._numbers.get((kind, name))
        return self._add((kind, name), Entry((kind, name))) if found is None else found

    def _add(self, key: Content, entry: Entry) -> int:
        number = self._numbers[key] = len(self.entries)
        self.entries.append(entry)
        return number

    def take_new(self) -> list[Entry]:
        """Return what was added since this was asked before."""
        new, self._told = self.entries[self._told :], len(self.entries)
        return new


Chapter = tuple[Told, list[Entry]]  # rows, and the entries that are new with them


def tell_side(simulation: Simulation) -> Iterator[Chapter]:
    """Decide a simulation, and yield its rows by age, so many at a time."""
    book = Book()
    for told in simulation.tell(book):
        yield told, book.take_new()
