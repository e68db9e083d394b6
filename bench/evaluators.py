"""Our evaluator beside well-known rule engines: the same rules and rows, answers compared before they are timed."""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cel
import jsonlogic_rs
import numpy as np
import rule_engine
import zen
from numpy.typing import NDArray

from personalization.columns import ScalarColumn
from personalization.conditions.evaluation import Evaluator
from personalization.conditions.operators import TRUE
from personalization.conditions.program import compile_conditions
from personalization.conditions.tree import All, Comparison
from personalization.facts.question import Audience, ask

# Fact → its name for the peers and the largest value drawn.
FACTS: Final = {
    "order.quantity": ("quantity", 6),
    "order.total": ("total", 20_000),
    "customer.order_count": ("orders", 40),
    "customer.lifetime_value": ("value", 400_000),
    "customer.days_since_last_order": ("since", 400),
    "history.campaign_count": ("campaigns", 30),
}
OPERATORS: Final = {"at_least": ">=", "at_most": "<=", "less_than": "<", "more_than": ">"}

Terms = tuple[tuple[str, str, int], ...]  # fact, operator, value
Row = dict[str, int]
Peer = Callable[[Row], Sequence[bool]]


@dataclass(frozen=True)
class Material:
    rules: Sequence[Terms]
    columns: dict[str, NDArray[np.float64]]
    size: int

    def row(self, number: int) -> Row:
        return {FACTS[fact][0]: int(column[number]) for fact, column in self.columns.items()}


def make_material(seed: int, rows: int, rules: int) -> Material:
    """Draw rules of three conditions about different facts, and rows in which each holds for a few."""
    chance, drawn = random.Random(seed), np.random.default_rng(seed)
    listed = [
        tuple((f, chance.choice(list(OPERATORS)), chance.randrange(FACTS[f][1])) for f in chance.sample(list(FACTS), 3))
        for _ in range(rules)
    ]
    columns = {fact: drawn.integers(0, largest, rows).astype(np.float64) for fact, (_, largest) in FACTS.items()}
    return Material(listed, columns, rows)


def evaluate_ours(material: Material) -> NDArray[np.bool_]:
    """Return which rules hold for which rows."""
    columns = {ask(fact): ScalarColumn(ask(fact).fact.type, values) for fact, values in material.columns.items()}
    trees = [All(tuple(Comparison(*term) for term in terms)) for terms in material.rules]
    program = compile_conditions((tree, Audience.BUYER) for tree in trees)
    found: NDArray[np.bool_] = Evaluator(columns, material.size).run(program) == TRUE
    return found


def make_rule_engine(material: Material) -> Peer:
    compiled = [rule_engine.Rule(_write(terms, " and ")) for terms in material.rules]
    return lambda row: [rule.matches(row) for rule in compiled]


def make_cel(material: Material) -> Peer:
    compiled = [cel.compile(_write(terms, " && ")) for terms in material.rules]
    return lambda row: [bool(program.execute(row)) for program in compiled]


def make_json_logic(material: Material) -> Peer:
    rules = [
        {"and": [{OPERATORS[op]: [{"var": FACTS[fact][0]}, value]} for fact, op, value in terms]}
        for terms in material.rules
    ]
    return lambda row: [bool(jsonlogic_rs.apply(rule, row)) for rule in rules]


def make_zen(material: Material) -> Peer:
    """One decision table that collects every rule that holds: how the engine wants many rules to be written."""
    inputs = [{"id": f"i{n}", "name": name, "field": name} for n, (name, _) in enumerate(FACTS.values())]
    lines = []
    for number, terms in enumerate(material.rules):
        cells = {f"i{list(FACTS).index(fact)}": f"{OPERATORS[op]} {value}" for fact, op, value in terms}
        lines.append(
            {"_id": f"r{number}", **{each["id"]: cells.get(each["id"], "") for each in inputs}, "o": str(number)}
        )
    table = {
        "hitPolicy": "collect",
        "inputs": inputs,
        "outputs": [{"id": "o", "name": "rule", "field": "rule"}],
        "rules": lines,
    }
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {"id": "table", "type": "decisionTableNode", "name": "t", "position": {"x": 1, "y": 0}, "content": table},
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "e1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "e2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))

    def judge(row: Row) -> list[bool]:
        hits = {int(found["rule"]) for found in decision.evaluate(row)["result"]}
        return [number in hits for number in range(len(material.rules))]

    return judge


def _write(terms: Terms, joint: str) -> str:
    return joint.join(f"{FACTS[fact][0]} {OPERATORS[op]} {value}" for fact, op, value in terms)


PEERS: Final[dict[str, Callable[[Material], Peer]]] = {
    "rule_engine": make_rule_engine,
    "zen_engine": make_zen,
    "cel": make_cel,
    "json_logic": make_json_logic,
}


def measure_evaluators(seed: int, rows: int, rules: int, seconds: float) -> dict[str, Any]:
    """Return rows a second of each, all rules over every row; peers take rows until their time is over."""
    material = make_material(seed, rows, rules)
    took = []
    for _ in range(5):
        started = time.perf_counter()
        ours = evaluate_ours(material)
        took.append(time.perf_counter() - started)
    result: dict[str, Any] = {"evaluator_shipments_per_s": round(rows / sorted(took)[2])}
    for name, make in PEERS.items():
        result[f"{name}_shipments_per_s"] = round(_time_peer(make(material), material, ours, seconds), 1)
    return result


def _time_peer(judge: Peer, material: Material, ours: NDArray[np.bool_], seconds: float) -> float:
    samples = [material.row(number) for number in range(min(material.size, 5000))]
    for number in range(20):
        if list(judge(samples[number])) != ours[:, number].tolist():
            raise RuntimeError("A peer answers otherwise: the comparison would mean nothing.")
    done, started = 0, time.perf_counter()
    while (now := time.perf_counter()) - started < seconds:
        judge(samples[done % len(samples)])
        done += 1
    return done / (now - started)
