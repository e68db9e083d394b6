"""Random histories of one shop: orders decided, frozen, packed, cancelled, stock counted anew; and what a decision from
scratch would give after them.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from core.db import session_scope
from personalization.coupons.service import add_codes, save_series
from personalization.models import DecisionMode
from personalization.plan import DecisionOutcome, Plan
from personalization.replaying import ReplayState, replay
from personalization.requests import DecisionRequest
from personalization.service import return_allotments, settle_packed
from personalization.storage import dump_plan
from tests.factories.personalization import enclose, rule
from tests.personalization.world import World, make_world

INSERTS: list[dict[str, Any]] = [
    {
        "key": "a",
        "name": {"ja": "A", "en": "A"},
        "kind": "leaflet",
        "when_out": "substitute",
        "substitute": "b",
        "limit_per_customer": 2,
    },
    {"key": "b", "name": {"ja": "B", "en": "B"}, "kind": "leaflet"},
    {"key": "c", "name": {"ja": "C", "en": "C"}, "kind": "leaflet", "stocked": False},
    {"key": "d", "name": {"ja": "D", "en": "D"}, "kind": "sample", "when_out": "hold"},
]
SERIES = {
    "key": "winter",
    "title": {"ja": "冬", "en": "Winter"},
    "value": {"ja": "500円引き", "en": "¥500 off"},
    "source": "pool",
    "valid_days": 30,
}
COUNTRIES = ["JP", "US", "FR"]
LIMITS = st.sampled_from(
    [None, [{"overall": 3}], [{"per_customer": 1}], [{"per_customer": 1, "within_days": 1}, {"overall": 5}]]
)


@st.composite
def rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        options: dict[str, Any] = {}
        if limits := draw(LIMITS):
            options["limits"] = limits
        if draw(st.booleans()):
            options["group"] = "g"
        given_things = [enclose(key, draw(st.integers(1, 2))) for key in draw(st.sets(st.sampled_from("abcd")))]
        if draw(st.booleans()):
            given_things.append({"do": "coupon", "series": "winter"})
        countries = draw(st.lists(st.sampled_from(COUNTRIES), min_size=1))
        when = {"fact": "order.country", "op": "one_of", "value": countries}
        found.append(rule(f"r{number}", *given_things, {"do": "tag", "tag": f"t{number}"}, when=when, **options))
    return found


@dataclass
class History:
    """`live` are the shipments that may still be decided; what is `frozen` stands."""

    world: World
    chance: random.Random
    live: list[DecisionRequest]
    frozen: list[DecisionOutcome] = field(default_factory=list)
    decided: list[UUID] = field(default_factory=list)

    def act(self) -> None:
        """Do one thing that happens in a warehouse."""
        if not self.live:
            return
        acts = [self._decide, self._decide, self._decide, self._freeze, self._pack, self._cancel, self._count]
        self.chance.choice(acts)()
        self.world.check_counters()

    def decide(self, requests: Sequence[DecisionRequest], mode: DecisionMode) -> list[DecisionOutcome]:
        outcomes = self.world.decide(*requests, mode=mode)
        self.decided += [outcome.decision_id for outcome in outcomes]
        return outcomes

    def _some(self) -> list[DecisionRequest]:
        return self.chance.sample(self.live, self.chance.randint(1, min(4, len(self.live))))

    def _decide(self) -> None:
        self.decide(self._some(), DecisionMode.LIVE)

    def _freeze(self) -> None:
        request = self.chance.choice(self.live)
        self.live.remove(request)
        self.frozen += self.decide([request], DecisionMode.FREEZE)

    def _pack(self) -> None:
        if not self.frozen:
            return
        outcome = self.frozen.pop()
        packed = {allotted.allotment_id: allotted.quantity for allotted in outcome.allotted}
        with session_scope([self.world.shop_id]) as session:
            settle_packed(session, self.world.shop_id, outcome.shipment_id, packed)

    def _cancel(self) -> None:
        printed = self.frozen.pop().shipment_id if self.frozen and self.chance.random() < 0.5 else None
        shipment_id = printed or self.live.pop(self.chance.randrange(len(self.live))).shipment_id
        with session_scope([self.world.shop_id]) as session:
            return_allotments(session, self.world.shop_id, [shipment_id])

    def _count(self) -> None:
        # Stock-taking finds at least what is promised; a loss is another story than re-deciding.
        self.world.count(**{self.chance.choice("abd"): self.chance.randint(20, 30)})

    def read_again(self) -> dict[UUID, Any]:
        """Decide what is live again, one by one, the oldest first."""
        by_age = sorted(self.live, key=lambda request: request.seniority)
        return {r.shipment_id: read(self.decide([r], DecisionMode.LIVE)[0].plan) for r in by_age}

    def read_fresh(self) -> dict[UUID, Any]:
        """Give back whatever is promised to the live ones, and decide them as if for the first time, in any order."""
        with session_scope([self.world.shop_id]) as session:
            return_allotments(session, self.world.shop_id, [request.shipment_id for request in self.live])
        shuffled = self.chance.sample(self.live, len(self.live))
        if not shuffled:
            return {}
        outcomes = self.decide(shuffled, DecisionMode.LIVE)
        return {outcome.shipment_id: read(outcome.plan) for outcome in outcomes}

    def replay_all(self) -> set[ReplayState]:
        with session_scope([self.world.shop_id]) as session:
            return {replay(session, decision_id).state for decision_id in self.decided}


def read(plan: Plan) -> dict[str, Any]:
    """Return the plan as it can be compared: which of equal codes one gets is nobody's business."""
    return dump_plan(Plan(tuple(replace(chosen, code=None) for chosen in plan.fired), plan.lost))


def begin(listed: list[dict[str, Any]], stock: tuple[int, int], codes: int, seed: int, size: int = 9) -> History:
    """Return a shop with these rules, this much of `a` and `b`, so many codes, and some orders of three customers."""
    chance = random.Random(seed)
    world = make_world(INSERTS)
    with session_scope([world.shop_id]) as session:
        save_series(session, world.shop_id, SERIES)
        add_codes(session, world.shop_id, "winter", [f"CODE-{number}" for number in range(codes)])
    world.publish(*listed)
    world.count(a=stock[0], b=stock[1], d=1)
    requests = [
        world.request(
            f"{seed}-{number}",
            minutes=chance.randrange(4000),
            buyer=chance.choice(["alice", "bob", "carol"]),
            country=chance.choice(COUNTRIES),
        )
        for number in range(size)
    ]
    return History(world, chance, requests)
