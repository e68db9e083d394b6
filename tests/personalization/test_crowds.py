"""Whatever is decided together is what deciding parcel by parcel would have chosen, seen and taken."""

import random
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.past_state import OpenPromise
from personalization.plan import Chosen, Lost
from personalization.requests import BoxSpace, DecisionRequest, GivenAgain, Part
from personalization.resolver.crowds import deciding
from personalization.resolver.crowds.crowd import Crowd
from personalization.resolver.crowds.decided import Decided, DecidedRun, Teller, part
from personalization.resolver.crowds.deciding import Crowds
from personalization.resolver.ledger import MemoryLedger, Use
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.resolve import Resolver, Rulebook, list_turns, match
from personalization.simulating import Promises
from tests.factories.personalization import (
    EVERY_INSERT,
    NOON,
    enclose,
    make_batch,
    make_ledger,
    make_request,
    make_rulebook,
    make_uuid,
    rule,
    ruleset,
)

STOCK = {"a": 30, "c": 9, "d": 1, "e": 9, "f": 60, "g": 2, "j": 40}
TEXT = {"ja": "ありがとう。", "en": "Thank you."}
FACT = {"ja": "{customer.nth_order}回目", "en": "no. {customer.nth_order}"}
SAID: list[dict[str, Any]] = [
    {"do": "tag", "tag": "t"},
    {"do": "flag", "flag": "with_gift"},
    {"do": "message", "slot": "message", "text": TEXT},
    {"do": "message", "slot": "message", "text": FACT},
    {"do": "letter", "template": "letter", "slots": {"body": FACT}},
    {"do": "letter", "template": "sealed-letter", "slots": {"body": TEXT}},
    {"do": "slip", "template": "gift-slip"},
    {"do": "priority", "value": 3},
    {"do": "hold", "reason": TEXT},
    {"do": "coupon", "series": "none"},
]
LIMITS = st.sampled_from(
    [
        None,
        [{"overall": 2}],
        [{"overall": 25}],
        [{"per_customer": 1}],
        [{"per_customer": 1, "within_days": 1}],
        [{"per_customer": 2}, {"overall": 8}],
    ]
)
BOXES = st.sampled_from([None, {"pieces": 2}, {"grams": 70, "cost": 25}])


@st.composite
def some_rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 8))):
        keys = draw(st.lists(st.sampled_from("abcdefghij"), max_size=draw(st.sampled_from([1, 1, 1, 2])), unique=True))
        things = [enclose(key, draw(st.integers(1, 2))) for key in keys]
        said = draw(st.lists(st.sampled_from(range(len(SAID))), min_size=0 if things else 1, max_size=2, unique=True))
        words = [SAID[place] for place in said]
        options: dict[str, Any] = {"group": draw(st.sampled_from("gh"))} if draw(st.booleans()) else {}
        if limits := draw(LIMITS):
            options["limits"] = limits
        if draw(st.integers(0, 5)) == 0:
            options["audience"] = "recipient"
        when = draw(st.sampled_from([None, {"fact": "customer.nth_order", "op": "at_least", "value": 2}]))
        found.append(rule(f"r{number}", *things, *words, when=when, **options))
    return found


def make_requests(chance: random.Random, size: int) -> list[DecisionRequest]:
    """Orders of few persons or of many, some to others, some without a person, from two warehouses."""
    people = [None, *(make_uuid(f"person {n}") for n in range(chance.choice([4, 40, 400])))]
    return [_make_request(chance, number, people) for number in range(size)]


def _make_request(chance: random.Random, number: int, people: list[UUID | None]) -> DecisionRequest:
    buyer = chance.choice(people)
    given: dict[str, Any] = {"part": Part.CHOSEN, "again": (GivenAgain(insert_key="a", quantity=1),)}
    changes: dict[str, Any] = given if chance.random() < 0.05 else {}
    if chance.random() < 0.2:
        changes["warehouse_id"] = make_uuid("elsewhere")
    return make_request(
        f"s{number}",
        minutes=chance.randrange(9000),
        customer_id=buyer,
        recipient_customer_id=chance.choice(people) if chance.random() < 0.2 else buyer,
        delivery_service=chance.choice(["parcel", "letter-pack", None]),
        space=chance.choice([BoxSpace(), BoxSpace(millimetres=4)]),
        **changes,
    )


def make_facts(chance: random.Random) -> dict[str, Any]:
    return {
        "customer.care_flags": chance.choice([(), (), (), (), ("allergy",), ("no_inserts",)]),
        "customer.allergies": chance.choice([(), (), (), ("wheat",)]),
        "customer.nth_order": chance.choice([None, 1, 2, 3]),
        "order.goods_total": chance.choice([None, 500, 3000]),
    }


def open_ledger(rules: list[dict[str, Any]], requests: list[DecisionRequest], scale: int) -> MemoryLedger:
    limits = {entry["key"]: limit for entry in rules for limit in entry.get("limits", []) if "overall" in limit}
    ledger = make_ledger(
        {key: size * scale // 2 for key, size in STOCK.items()}, {k: v["overall"] for k, v in limits.items()}
    )
    for request in requests[::7]:
        if request.customer_id is not None:
            use = Use(NOON, make_uuid("earlier"), firm=True)
            ledger.uses["rule:r0", request.customer_id] = ledger.uses["insert:c", request.customer_id] = [use]
    return ledger


def decide_all(resolver: Resolver, ledger: MemoryLedger, requests: list[DecisionRequest], size: int) -> list[Decided]:
    """Decide them in runs of this size, with promises that stood before."""
    turns, crowds = list_turns(requests), Crowds(resolver, ledger)
    promises = Promises(resolver.batch, resolver.rulebook, ledger)
    for place, request in enumerate(requests[::11]):
        if request.customer_id is not None:
            owed = OwedInsert(make_uuid(f"owed {place}"), "gga"[place % 3], 1)
            promises.open[request.customer_id].append(OpenPromise(owed, make_uuid("earlier")))
    runs = [turns[start : start + size] for start in range(0, len(turns), size)]
    found = [decided for run in runs for decided in crowds.decide(run, promises)]
    listed = [each for decided in found for each in decided.list_decided(resolver.matches)]
    assert _read_numbers(resolver, found) == [(row, *_list_told(each)) for row, each in zip(turns, listed, strict=True)]
    return listed


@dataclass
class Names:
    """Numbers things by what they look like."""

    listed: list[str] = field(default_factory=list)

    def number(self, name: str) -> int:
        if name not in self.listed:
            self.listed.append(name)
        return self.listed.index(name)

    def of_chosen(self, chosen: Chosen) -> int:
        return self.number(repr(chosen))

    def of_lost(self, lost: Lost) -> int:
        return self.number(repr(lost))

    def of_seen(self, kind: str, name: str) -> int:
        return self.number(f"{kind} {name}")


Told = tuple[int, list[str], dict[str, int], list[tuple[str, int]]]


def _read_numbers(resolver: Resolver, runs: list[DecidedRun]) -> list[Told]:
    """Return for each row what the numbers say: what was chosen and lost, what was seen, what was owed."""
    names = Names()
    told = Teller(resolver.matches, names).tell(runs)
    found = []
    for row, plan, pairs in zip(told.rows, told.plans, told.seen, strict=True):
        numbers, values = part(np.array(pairs, dtype=np.int64))
        seen = [(names.listed[n], value) for n, value in zip(numbers.tolist(), values.tolist(), strict=True)]
        owed = [each for each in seen if each[0].startswith("owed ")]
        found.append((row, [names.listed[n] for n in plan], dict(each for each in seen if each not in owed), owed))
    return found


def _list_told(decided: Decided) -> tuple[list[str], dict[str, int], list[tuple[str, int]]]:
    result, owed = decided
    seen = {f"stock {key}": free for key, free in result.stock.items()}
    seen |= {f"count {code}": count for code, count in result.counts.items()}
    plan = list(map(repr, (*result.plan.fired, *result.plan.lost)))
    return plan, seen, [(f"owed {each.insert_key}", each.quantity) for each in owed]


def _read(decided: Decided) -> tuple[object, ...]:
    """Return everything but the numbers of promises, which differ by the order in which they were made."""
    result, owed = decided
    fired = [replace(chosen, owed_allotment_id=None) for chosen in result.plan.fired]
    promised = [(each.insert_key, each.quantity) for each in owed]
    others = result.back_orders, result.uses, result.counts, result.stock, result.law, result.supplies
    return fired, result.plan.lost, promised, *others


def make_resolver(rulebook: Rulebook, ledger: MemoryLedger, requests: list[DecisionRequest], seed: int) -> Resolver:
    chance = random.Random(seed)
    batch = make_batch(rulebook, requests, [make_facts(chance) for _ in requests])
    return Resolver(rulebook, batch, match(rulebook, batch), ledger, {})


def check_alike(rules: list[dict[str, Any]], box: dict[str, int] | None, seed: int, sizes: tuple[int, int, int]) -> int:
    """Return how many parcels were decided together."""
    size, run, scale = sizes
    rulebook = make_rulebook(ruleset(*rules, **({"box": box} if box else {})), EVERY_INSERT)
    requests = make_requests(random.Random(seed), size)
    ledgers = [open_ledger(rules, requests, scale) for _ in range(2)]
    alone, together = (make_resolver(rulebook, ledger, requests, seed) for ledger in ledgers)
    plain: list[int] = []
    decide = Crowd.decide

    def watch(crowd: Crowd, acting: Any) -> None:
        plain.append(len(crowd.places))
        decide(crowd, acting)

    small = patch.multiple(deciding, FEW=2, SHORT=6)
    with small, patch.object(Crowd, "decide", watch):
        found = decide_all(together, ledgers[1], requests, run)
    with patch.object(deciding, "FEW", size + 1):
        expected = decide_all(alone, ledgers[0], requests, size)
    for one, other in zip(expected, found, strict=True):
        assert _read(one) == _read(other)
    first, second = ((ledger.stock, ledger.overall, ledger.uses) for ledger in ledgers)
    assert first == second
    return sum(plain)


@settings(max_examples=150, deadline=None)
@given(some_rules(), BOXES, st.integers(0, 2**32), st.tuples(st.integers(1, 60), st.integers(3, 40), st.integers(0, 4)))
def test_together_is_one_by_one(
    rules: list[dict[str, Any]], box: dict[str, int] | None, seed: int, sizes: tuple[int, int, int]
) -> None:
    check_alike(rules, box, seed, sizes)


def test_most_parcels_are_decided_together() -> None:
    rules = [
        rule("plain", enclose("a")),
        rule("said", SAID[3], group="g"),
        rule("gift", enclose("f")),
    ]
    assert check_alike(rules, None, 5, (900, 300, 90)) > 250
