"""Two rulesets over the same past: where the second cannot differ from the first, its answer is taken over.

It cannot where the same rules match, the same were kept out, and its own ledger answers what was asked alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from personalization.requests import DecisionRequest
from personalization.resolver.ledger import Observer
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.resolve import Resolved, Rulebook, list_turns
from personalization.simulating import Simulated, Simulation


@dataclass
class SideBySide:
    """`live` and `draft` share batch and state; each has its own ledger and promises."""

    live: Simulation
    draft: Simulation

    def decide(self) -> Iterator[tuple[Simulated, Simulated]]:
        """Yield both results of each row, in order of age."""
        is_comparable = _share_terms(self.live.rulebook, self.draft.rulebook)
        for row in list_turns(self.live.batch.requests):
            live = self.live.decide(row)
            taken_over = self._take_over(row, live) if is_comparable else None
            yield live, taken_over or self.draft.decide(row)

    @cached_property
    def _same_rules(self) -> list[int | None]:
        """For each rule of the draft the place of the same rule among the live ones."""
        live = {rule.key: (place, rule) for place, rule in enumerate(self.live.rulebook.document.active)}
        found = (live.get(rule.key, (None, None)) for rule in self.draft.rulebook.document.active)
        rules = self.draft.rulebook.document.active
        return [place if known == rule else None for rule, (place, known) in zip(rules, found, strict=True)]

    @cached_property
    def _largest(self) -> int:
        """The most pieces that any action puts in at once."""
        books = (self.live.rulebook, self.draft.rulebook)
        return max((a.quantity for book in books for rule in book.document.active for a in rule.then), default=1)

    def _take_over(self, row: int, live: Simulated) -> Simulated | None:
        owed = self.draft.promises.of(row)
        if (live.owed or owed) and not _stay_owed_alike(live, owed):
            return None
        if not self._match_alike(row) or self.draft.offers.supplies.get(row) != self.live.offers.supplies.get(row):
            return None
        request = self.draft.batch.requests[row]
        seen = self._ask_again(live.resolved, request)
        if seen is None:
            return None
        return self.draft.settle(Simulated(row, replace(live.resolved, seen=seen), owed))

    def _match_alike(self, row: int) -> bool:
        """Whether the same rules match in the same order, and the same were kept out for the same reasons."""
        live, draft = self.live.matches, self.draft.matches
        acting = [self._same_rules[index] for index in draft.acting[row]]
        return acting == live.acting[row] and draft.lost[row] == live.lost[row]

    def _ask_again(self, resolved: Resolved, request: DecisionRequest) -> Observer | None:
        """Ask the draft's ledger what the live one was asked; None where an answer could lead elsewhere."""
        before, ledger = resolved.seen, self.draft.ledger
        if any(ledger.count(key, request) != count for key, count in before.counted.items()):
            return None
        stock = {key: ledger.available(key, request) for key in before.stock}
        for key, left in stock.items():
            if left != before.stock[key] and min(left, before.stock[key]) < self._most(key, before):
                return None
        seen = Observer(ledger, before.counted, stock, before.used, before.taken)
        seen.settle(request)
        return seen

    def _most(self, insert_key: str, seen: Observer) -> int:
        """Return how many pieces are enough whatever this parcel asks for."""
        return self._largest + sum(quantity for key, quantity in seen.taken if key == insert_key)


def _stay_owed_alike(live: Simulated, owed: Sequence[OwedInsert]) -> bool:
    """Whether earlier parcels owe the same under both rulesets, and nothing of it went in."""
    if any(chosen.owed_allotment_id is not None for chosen in live.resolved.plan.fired):
        return False
    return [(o.insert_key, o.quantity) for o in live.owed] == [(o.insert_key, o.quantity) for o in owed]


def _share_terms(live: Rulebook, draft: Rulebook) -> bool:
    """Whether box, letters and services are judged alike; inserts and law are today's for both."""
    same_box = live.document.box == draft.document.box
    return same_box and live.catalogue == draft.catalogue and live.inserts == draft.inserts and live.law == draft.law
