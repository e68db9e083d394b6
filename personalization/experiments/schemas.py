"""HTTP shapes of experiments. Plans travel in the format of docs/experiments.md and are read by `planning`."""

import math
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from personalization.experiments.comparing import Verdict
from personalization.experiments.intervals import Interval
from personalization.experiments.models import Experiment, ExperimentState, Metric
from personalization.experiments.results import Result
from personalization.experiments.service import to_document


class ExperimentOut(BaseModel):
    key: str
    state: ExperimentState
    version: int
    assigned: int | None = None
    planned_size: int | None
    started_at: datetime | None
    ended_at: datetime | None
    winner: str | None
    plan: dict[str, Any]


class ChangeBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen_version: int
    plan: dict[str, Any]


class StartBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen_version: int


class EndBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    winner: str | None = None
    note: str = Field("", max_length=1000)


class CostsBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen_version: int
    costs: dict[str, Any]


class CostsOut(BaseModel):
    version: int
    costs: dict[str, Any] | None


class IntervalOut(BaseModel):
    """Null ends: nothing can be said yet."""

    estimate: float
    low: float | None
    high: float | None


class ArmOut(BaseModel):
    arm: str
    customers: int
    value: IntervalOut
    packed_customers: int
    packed_value: IntervalOut


class ComparisonOut(BaseModel):
    """`fixed` holds when read once at the planned end, `watched` on whichever day."""

    arm: str
    fixed: IntervalOut
    watched: IntervalOut


class MetricOut(BaseModel):
    metric: Metric
    arms: list[ArmOut]
    comparisons: list[ComparisonOut]


class CostOut(BaseModel):
    arm: str
    parcels: int
    pieces: int
    per_customer: float
    break_even_revenue: float | None
    break_even_repeat: float | None
    net: IntervalOut | None


class ResultOut(BaseModel):
    key: str
    state: ExperimentState
    at: datetime
    assigned: dict[str, int]
    waiting: dict[str, int]
    left_out: dict[str, int]
    observed: int
    planned_size: int
    may_stop: bool
    verdicts: dict[str, Verdict]
    metrics: list[MetricOut]
    costs: list[CostOut]


def show_experiment(experiment: Experiment, assigned: int | None = None) -> ExperimentOut:
    names = ("key", "state", "version", "planned_size", "started_at", "ended_at", "winner")
    values = {name: getattr(experiment, name) for name in names}
    return ExperimentOut(**values, assigned=assigned, plan=to_document(experiment))


def show_interval(interval: Interval) -> IntervalOut:
    known = math.isfinite(interval.low) and math.isfinite(interval.high)
    low, high = (interval.low, interval.high) if known else (None, None)
    return IntervalOut(estimate=interval.estimate, low=low, high=high)


def show_result(result: Result) -> ResultOut:
    metrics = [
        MetricOut(
            metric=found.metric,
            arms=[
                ArmOut(
                    arm=each.arm,
                    customers=each.size,
                    value=show_interval(each.value),
                    packed_customers=each.packed_size,
                    packed_value=show_interval(each.packed_value),
                )
                for each in found.arms
            ],
            comparisons=[
                ComparisonOut(arm=each.arm, fixed=show_interval(each.fixed), watched=show_interval(each.watched))
                for each in found.comparisons
            ],
        )
        for found in result.metrics
    ]
    costs = [
        CostOut(
            arm=each.arm,
            parcels=each.parcels,
            pieces=each.pieces,
            per_customer=each.per_customer,
            break_even_revenue=each.break_even.revenue,
            break_even_repeat=each.break_even.repeat,
            net=show_interval(each.net) if each.net is not None else None,
        )
        for each in result.costs
    ]
    return ResultOut(
        key=result.experiment.key,
        state=result.experiment.state,
        at=result.now,
        assigned={arm: each.assigned for arm, each in result.enrolled.items()},
        waiting={arm: each.waiting for arm, each in result.enrolled.items()},
        left_out={arm: each.left_out for arm, each in result.enrolled.items()},
        observed=result.observed,
        planned_size=result.design.planned_size,
        may_stop=result.may_stop,
        verdicts=dict(result.verdicts),
        metrics=metrics,
        costs=costs,
    )
