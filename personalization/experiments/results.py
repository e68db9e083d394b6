"""The result of an experiment at one moment: who was assigned, what came of it, what it cost, what may be concluded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.tenancy import get_shop
from personalization.experiments import costs as costing
from personalization.experiments.comparing import (
    ArmOutcome,
    Comparison,
    Design,
    Point,
    Verdict,
    compare_arms,
    describe_arms,
    find_scale,
    judge,
    trace,
)
from personalization.experiments.costs import BreakEven, Costs, find_break_even
from personalization.experiments.intervals import Interval
from personalization.experiments.models import Experiment, Method, Metric
from personalization.experiments.outcomes import Enrolled, Pieces, Reading
from personalization.experiments.planning import find_size, list_compared
from personalization.experiments.queries import get_experiment
from personalization.experiments.service import to_plan
from personalization.inserts import load_inserts


@dataclass(frozen=True, slots=True)
class MetricResult:
    """`arms`: the control first."""

    metric: Metric
    arms: list[ArmOutcome]
    comparisons: list[Comparison]


@dataclass(frozen=True, slots=True)
class ArmCost:
    """What an arm cost in its customers' windows, per customer assigned, and what it brought: the difference in revenue
    at the shop's margin, less the difference in cost. `net` is None while nobody's window has passed.
    """

    arm: str
    parcels: int
    pieces: int
    per_customer: float
    break_even: BreakEven
    net: Interval | None


@dataclass(frozen=True, slots=True)
class Result:
    """`observed` customers have had their whole window, of `planned_size`."""

    experiment: Experiment
    design: Design
    now: datetime
    enrolled: Mapping[str, Enrolled]
    observed: int
    verdicts: Mapping[str, Verdict]
    metrics: list[MetricResult]
    traces: Mapping[str, list[Point]]
    costs: list[ArmCost]
    has_cost_table: bool

    @property
    def primary(self) -> MetricResult:
        return next(each for each in self.metrics if each.metric is self.design.metric)

    @property
    def may_stop(self) -> bool:
        """Whether every comparison is decided: waiting longer would not change what was found."""
        return all(verdict is not Verdict.NOT_YET for verdict in self.verdicts.values())


def make_design(experiment: Experiment) -> Design:
    """Return what was fixed at the start; for a draft, what would be."""
    plan = to_plan(experiment)
    return Design(
        control=experiment.control,
        arms=list_compared(plan),
        metric=experiment.metric,
        method=experiment.method,
        effect=experiment.smallest_effect,
        scale=find_scale(experiment.smallest_effect, experiment.baseline, experiment.spread),
        planned_size=experiment.planned_size or find_size(plan),
        error_rate=experiment.error_rate,
    )


def measure(session: Session, shop_id: UUID, key: str, now: datetime) -> Result:
    """Return how the experiment stands. Five statements, whatever its size. Raises ExperimentNotFoundError."""
    experiment = get_experiment(session, shop_id, key)
    shop = get_shop(session, shop_id)
    reading = Reading(session, experiment, shop.zone, shop.currency, now)
    design = make_design(experiment)
    cells = reading.count_outcomes()
    metrics = [MetricResult(m, describe_arms(cells, m, design), compare_arms(cells, m, design)) for m in Metric]
    table = costing.find_costs(session, shop_id)
    return Result(
        experiment=experiment,
        design=design,
        now=now,
        enrolled=reading.count_enrolled(),
        observed=sum(cell.samples[design.metric].size for cell in cells),
        verdicts=judge(cells, design),
        metrics=metrics,
        traces={arm: trace(cells, arm, design.metric, design) for arm in design.arms},
        costs=_reckon_costs(reading, design, metrics, costing.to_costs(table)),
        has_cost_table=table is not None,
    )


def _reckon_costs(reading: Reading, design: Design, metrics: Sequence[MetricResult], costs: Costs) -> list[ArmCost]:
    pieces = reading.count_pieces()
    spent = _sum_costs(reading, pieces, costs)
    revenue = next(each for each in metrics if each.metric is Metric.REVENUE)
    sizes = {outcome.arm: outcome.size for outcome in revenue.arms}
    each = {arm: spent[arm] / size if size else 0.0 for arm, size in sizes.items()}
    order_value = _find_order_value(metrics)
    found = []
    for comparison in revenue.comparisons:
        more = each[comparison.arm] - each[design.control]
        interval = comparison.watched if design.method is Method.WATCHED else comparison.fixed
        known = sizes[comparison.arm] and sizes[design.control]
        mine = [entry for entry in pieces if entry.arm == comparison.arm]
        found.append(
            ArmCost(
                arm=comparison.arm,
                parcels=sum(entry.parcels for entry in mine),
                pieces=sum(entry.pieces for entry in mine),
                per_customer=each[comparison.arm],
                break_even=find_break_even(more, costs, order_value),
                net=interval.times(costs.margin).minus(more) if known else None,
            )
        )
    return found


def _sum_costs(reading: Reading, pieces: Sequence[Pieces], costs: Costs) -> Mapping[str, float]:
    shop_id = reading.experiment.shop_id
    inserts = {insert.id: insert for insert in load_inserts(reading.session, shop_id).values()}
    weights = costing.load_weights(reading.session, shop_id, reading.now)
    spent: dict[str, float] = defaultdict(float)
    for entry in pieces:
        insert = inserts[entry.insert_id] if entry.insert_id is not None else None
        spent[entry.arm] += costing.reckon(insert, costs, weights).total * entry.pieces
    return spent


def _find_order_value(metrics: Sequence[MetricResult]) -> float:
    """Return what a customer who bought again spent, on average over all groups."""
    buyers = spent = 0.0
    for result in metrics:
        for outcome in result.arms:
            if result.metric is Metric.REPEAT:
                buyers += outcome.value.estimate * outcome.size
            elif result.metric is Metric.REVENUE:
                spent += outcome.value.estimate * outcome.size
    return spent / buyers if buyers else 0.0
