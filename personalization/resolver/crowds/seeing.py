"""What each parcel of a run has seen of the ledger at its turn: what was there before, less what older ones took."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from personalization.resolver.crowds.crowd import Crowd, Shown
from personalization.resolver.crowds.means import Means
from personalization.resolver.ledger import LimitKey, Observer
from personalization.resolver.resolve import Resolved


@dataclass
class Seeing:
    """The crowd was decided before the others, whatever their age: now each is told what it would have met."""

    means: Means
    crowd: Crowd

    def tell(self, alone: Mapping[int, Resolved]) -> None:
        """`alone`: place in the run → what was decided by itself."""
        free, used = self._find_free(alone), self._find_used(alone)
        for place, resolved in alone.items():
            self._correct(place, resolved, free, used)
        self.crowd.shown = Shown(free[self.crowd.places], used[self.crowd.places])

    @cached_property
    def _codes(self) -> dict[str, int]:
        """Code of an overall limit → its place."""
        return {LimitKey(f"rule:{key}").code: place for key, place in self.means.prepared.overall.items()}

    def _find_free(self, alone: Mapping[int, Resolved]) -> NDArray[np.int64]:
        """(places × inserts): the pieces that were free when it was the parcel's turn."""
        run, prepared = self.means.run, self.means.prepared
        taken = np.zeros((len(run.requests), len(prepared.inserts)), dtype=np.int64)
        taken[self.crowd.places] = self.crowd.taken.pieces.T
        for place, resolved in alone.items():
            for key, quantity in resolved.seen.taken if isinstance(resolved.seen, Observer) else ():
                if key in prepared.insert_places:
                    taken[place, prepared.insert_places[key]] += quantity
        free = np.empty_like(taken)
        for warehouse in range(len(run.warehouses)):
            here = run.warehouse == warehouse
            free[here] = self.means.free[warehouse] - (np.cumsum(taken[here], axis=0) - taken[here])
        return free

    def _find_used(self, alone: Mapping[int, Resolved]) -> NDArray[np.int64]:
        """(places × overall limits): how often the rule was used when it was the parcel's turn."""
        overall = self.means.prepared.overall
        uses = np.zeros((len(self.means.run.requests), len(overall)), dtype=np.int64)
        uses[self.crowd.places] = self.crowd.taken.overall.T
        for place, resolved in alone.items():
            # A promise counts as a use when it is given.
            for key in (*resolved.uses, *(back.rule_key for back in resolved.back_orders)):
                if key in overall:
                    uses[place, overall[key]] += 1
        return np.asarray(self.means.used + np.cumsum(uses, axis=0) - uses)

    def _correct(self, place: int, resolved: Resolved, free: NDArray[np.int64], used: NDArray[np.int64]) -> None:
        """Counts of persons were right: none of the crowd shares one with an older parcel."""
        observer, places = resolved.seen, self.means.prepared.insert_places
        assert isinstance(observer, Observer)
        for key in observer.stock.keys() & places.keys():
            observer.stock[key] = int(free[place, places[key]])
        for limit in [limit for limit in observer.counted if limit.code in self._codes]:
            observer.counted[limit] = int(used[place, self._codes[limit.code]])
