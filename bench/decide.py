"""How fast rules decide: a backtest over a long past, one live order, the evaluator beside its peers.

`python -m bench.decide --json`: the last line is one JSON object. `--data DIR` works on the past of the largest shop of
a program's own data folder (`SOEGAKI_DATA_DIR`), with the rules of `DIR/rules.json` if there is one.
"""

import argparse
import json
import os
import resource
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text

from app.program import running_program
from bench.evaluators import measure_evaluators
from bench.harness import Goal, Memory, data_folder
from bench.past_rules import change_some, make_rules
from bench.past_shop import make_past_shop
from core import clock
from core.db import session_scope, system_scope
from core.jobs.relay import relay_jobs
from core.jobs.runner import run_jobs
from core.settings import get_settings
from fulfillment.backtest.models import BacktestState
from fulfillment.backtest.past import load_past_requests
from fulfillment.backtest.queries import get_backtest
from fulfillment.backtest.service import Period, start_backtest
from fulfillment.models import Shipment
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.models import DecisionMode
from personalization.problems import Problems
from personalization.publishing import publish_ruleset
from personalization.requests import DecisionRequest
from personalization.resolver.batch import list_questions
from personalization.rulesets.parsing import parse_ruleset
from personalization.service import decide

GOALS = (
    Goal("backtest_seconds", "a backtest: 100,000 shipments × 500 rules (s)", most=20),
    Goal("one_order_p95_ms", "one live order under the same rules, p95 (ms)", most=50),
    Goal("evaluator_shipments_per_s", "shipments a second: 100 rules of three conditions", least=1_000_000),
    Goal("peak_mib", "memory of the whole process and its copy (MiB)", most=2048),
)
WARM_UP: Final = 10
COUNTED: Final = "history."


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="a program's data folder with a past of its own")
    parser.add_argument("--shipments", type=int, default=100_000)
    parser.add_argument("--touchpoints", type=int, default=5_000_000)
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--rules", type=int, default=500)
    parser.add_argument("--orders", type=int, default=200, help="live orders decided one by one")
    parser.add_argument("--runs", type=int, default=1, help="backtests; the fastest counts, all are told")
    parser.add_argument("--seconds", type=float, default=3, help="for each peer")
    return parser


def find_shop(options: argparse.Namespace) -> UUID:
    """Return the shop with the longest past, made now unless a folder was given."""
    if options.data is None:
        sizes = {name: getattr(options, name) for name in ("touchpoints", "shipments", "customers")}
        return make_past_shop(seed=options.seed, **sizes).shop_id
    with system_scope() as session:
        counted = select(Shipment.shop_id).group_by(Shipment.shop_id).order_by(func.count().desc()).limit(1)
        return session.execute(counted).scalar_one()


def load_rules(options: argparse.Namespace) -> list[dict[str, Any]]:
    path = None if options.data is None else options.data / "rules.json"
    if path is not None and path.exists():
        rules: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rules"]
        return rules
    return make_rules(options.seed, options.rules)


def publish(shop_id: UUID, rules: list[dict[str, Any]]) -> None:
    with session_scope([shop_id]) as session:
        catalogue = load_rule_catalogue(session, shop_id)
        publish_ruleset(session, shop_id, {"format": 1, "rules": rules}, catalogue, author="bench", note="")


def measure_backtest(shop_id: UUID, rules: list[dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    """Try a draft against the live rules, as the job does it: from asking for it until its result is kept."""
    since, until = find_period(shop_id)
    draft = {"format": 1, "rules": change_some(rules, options.seed)}
    seconds, processor = [], []
    for _ in range(options.runs):
        started, used = time.perf_counter(), time.process_time()
        with session_scope([shop_id]) as session:
            backtest_id = start_backtest(session, shop_id, draft, Period(since, until), author="bench")
        while relay_jobs(run_jobs):
            pass
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    with session_scope([shop_id]) as session:
        view = get_backtest(session, shop_id, backtest_id)
        kept = session.scalar(
            text("SELECT count(*) FROM backtest_decisions WHERE backtest_id = :id"), {"id": backtest_id}
        )
        touchpoints = session.scalar(text("SELECT count(*) FROM touchpoints WHERE shop_id = :id"), {"id": shop_id})
    if view.state is not BacktestState.DONE or kept != view.shipment_count or view.summary is None:
        raise RuntimeError(f"The backtest ended as {view.state}: {view.error_code}")
    return {
        "backtest_seconds": round(min(seconds), 2),
        "backtest_runs_s": [round(each, 2) for each in seconds],
        "backtest_cpu_seconds": round(min(processor), 2),
        "shipments": view.shipment_count,
        "touchpoints": touchpoints,
        "decisions_kept": 2 * int(kept or 0),
        "changes": view.summary["changes"],
    }


def find_period(shop_id: UUID) -> tuple[datetime, datetime]:
    with session_scope([shop_id]) as session:
        first, last = session.execute(select(func.min(Shipment.accepted_at), func.max(Shipment.accepted_at))).one()
    return first, last + timedelta(seconds=1)


def measure_orders(shop_id: UUID, options: argparse.Namespace) -> dict[str, Any]:
    """Decide the newest orders live, one transaction each: facts, locks, limits, stock, trace, commit."""
    since, until = find_period(shop_id)
    with session_scope([shop_id]) as session:
        requests = load_past_requests(session, shop_id, since, until, limit=options.orders + WARM_UP)
    took = [_time_one(shop_id, request) for request in requests][WARM_UP:]
    took.sort()
    return {
        "one_order_p95_ms": round(took[int(len(took) * 0.95)] * 1000, 1),
        "one_order_p50_ms": round(took[len(took) // 2] * 1000, 1),
    }


def _time_one(shop_id: UUID, request: DecisionRequest) -> float:
    with clock.freeze(request.accepted_at):
        started = time.perf_counter()
        with session_scope([shop_id]) as session:
            decide(session, shop_id, [request], mode=DecisionMode.LIVE)
        return time.perf_counter() - started


def describe_rules(rules: list[dict[str, Any]]) -> dict[str, int]:
    """Return what the rules ask: a measurement of few facts would say little."""
    document = parse_ruleset({"format": 1, "rules": rules}, Problems())
    assert document is not None
    questions = list_questions(document)
    counted = [question for question in questions if question.key.startswith(COUNTED) and question.parameters]
    return {"rules": len(rules), "facts": len({q.key for q in questions}), "narrowed_counts": len(counted)}


def work(options: argparse.Namespace) -> dict[str, Any]:
    rules = load_rules(options)
    shop_id = find_shop(options)
    publish(shop_id, rules)
    # The job of new rules has nothing to decide here: everything was sent.
    while relay_jobs(run_jobs):
        pass
    with Memory() as memory:
        result = measure_backtest(shop_id, rules, options)
    result |= measure_orders(shop_id, options)
    peak = max(memory.most, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    result |= {"peak_mib": round(peak, 1), **describe_rules(rules)}
    return result | measure_evaluators(options.seed, 200_000, 100, options.seconds)


def main() -> None:
    options = make_parser().parse_args()
    with data_folder(options.data) as folder:
        os.environ["SOEGAKI_DATA_DIR"] = str(folder)
        get_settings.cache_clear()
        with running_program(migrating=True):
            result = work(options)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
