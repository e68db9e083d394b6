"""Which arm a customer is in: by a keyed hash, so that it needs no order, no memory and no second opinion. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np

WHOLE: Final = 10_000  # shares are in hundredths of a percent
HELD_OUT: Final = "held_out"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentInfo:
    """What assignment needs: `shares` in the order of the arms, in hundredths of a percent; what is left of the whole
    is held out.
    """

    key: str
    salt: str
    shares: Mapping[str, int]

    @property
    def places(self) -> tuple[str, ...]:
        """Where a customer may end up; a place without a share is never reached."""
        return (*self.shares, HELD_OUT)


def assign(experiment: ExperimentInfo, customer_ids: Sequence[UUID]) -> list[str]:
    """Return the arm of each customer, or HELD_OUT: the same for one as among a million.

    BLAKE2b (RFC 7693) keyed with the salt, of the 16 bytes of the id; the upper 32 bits scaled to 0 … 9,999 and
    compared with the shares added up in their order.
    """
    if not customer_ids:
        return []
    key = experiment.salt.encode()
    digests = b"".join(hashlib.blake2b(id_.bytes, key=key, digest_size=8).digest() for id_ in customer_ids)
    points = (np.frombuffer(digests, dtype=">u8").astype(np.uint64) >> np.uint64(32)) * np.uint64(WHOLE)
    bounds = np.cumsum(list(experiment.shares.values()), dtype=np.uint64)
    found = np.searchsorted(bounds, points >> np.uint64(32), side="right")
    places = experiment.places
    return [places[index] for index in found]


@dataclass(frozen=True, slots=True)
class Arms:
    """Who is in which arm, for the customers of one batch.

    `of`: key of a running experiment → customer → arm. `decided`: key of an ended one → the arm that everybody gets.
    An experiment in neither does not run. `holdout` is the key of the shop-wide hold-out, while there is one.
    """

    of: Mapping[str, Mapping[UUID, str]] = field(default_factory=dict)
    decided: Mapping[str, str] = field(default_factory=dict)
    holdout: str | None = None

    def only(self, customer_ids: Sequence[UUID | None]) -> "Arms":
        """Return what concerns these customers, to be kept with a decision."""
        known = [id_ for id_ in customer_ids if id_ is not None]
        kept = {key: {id_: arms[id_] for id_ in known if id_ in arms} for key, arms in self.of.items()}
        return Arms(kept, self.decided, self.holdout)

    def to_json(self) -> dict[str, Any]:
        of = {key: {str(id_): arm for id_, arm in arms.items()} for key, arms in self.of.items()}
        return {"of": of, "decided": dict(self.decided), "holdout": self.holdout}


def read_arms(stored: Mapping[str, Any]) -> Arms:
    """Return arms that `to_json` wrote."""
    of = {key: {UUID(id_): arm for id_, arm in arms.items()} for key, arms in stored["of"].items()}
    return Arms(of, stored["decided"], stored["holdout"])


NO_ARMS: Final = Arms()
