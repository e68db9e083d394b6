"""Experiments over HTTP: plan, start, read, end. The operator writes, customer success may read."""

from typing import Annotated, Any

from fastapi import APIRouter, Body

from core import clock
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from personalization.experiments import costs as costing
from personalization.experiments import queries, results, service
from personalization.experiments.schemas import (
    ChangeBody,
    CostsBody,
    CostsOut,
    EndBody,
    ExperimentOut,
    ResultOut,
    StartBody,
    show_experiment,
    show_result,
)

router = APIRouter(prefix="/api/experiments", tags=["experiments"])
Operator = Annotated[Access, require(Role.OPERATOR)]
Reader = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]


@router.get("")
def list_all(session: SessionDep, access: Reader) -> list[ExperimentOut]:
    """All experiments of the shop, the newest first."""
    return [show_experiment(row.experiment, row.assigned) for row in queries.list_experiments(session, access.shop_id)]


@router.post("", status_code=201)
def create(session: SessionDep, access: Operator, plan: Annotated[dict[str, Any], Body()]) -> ExperimentOut:
    """Keep a plan (docs/experiments.md) as a draft."""
    return show_experiment(service.create_experiment(session, access.shop_id, plan, author=access.principal.name))


@router.get("/{key}")
def show(key: str, session: SessionDep, access: Reader) -> ExperimentOut:
    return show_experiment(queries.get_experiment(session, access.shop_id, key))


@router.put("/{key}")
def change(key: str, session: SessionDep, access: Operator, body: ChangeBody) -> ExperimentOut:
    """Change a draft; 409 when somebody changed it since, or when it runs."""
    changed = service.change_experiment(session, access.shop_id, key, body.plan, seen_version=body.seen_version)
    return show_experiment(changed)


@router.delete("/{key}", status_code=204)
def delete(key: str, session: SessionDep, access: Operator) -> None:
    service.delete_draft(session, access.shop_id, key)


@router.post("/{key}/start")
def start(key: str, session: SessionDep, access: Operator, body: StartBody) -> ExperimentOut:
    """Let it run as it was seen; its shares stand from now on."""
    author = access.principal.name
    started = service.start_experiment(session, access.shop_id, key, seen_version=body.seen_version, author=author)
    return show_experiment(started)


@router.post("/{key}/end")
def end(key: str, session: SessionDep, access: Operator, body: EndBody) -> ExperimentOut:
    """End it for good; `winner` is the arm that everybody gets from now on."""
    author = access.principal.name
    ended = service.end_experiment(session, access.shop_id, key, winner=body.winner, note=body.note, author=author)
    return show_experiment(ended)


@router.get("/{key}/result")
def read_result(key: str, session: SessionDep, access: Reader) -> ResultOut:
    """How it stands now: outcomes by assignment and by really packed, what may be concluded, what it cost."""
    return show_result(results.measure(session, access.shop_id, key, clock.now()))


costs_router = APIRouter(prefix="/api/experiment-costs", tags=["experiments"])


@costs_router.get("")
def show_costs(session: SessionDep, access: Reader) -> CostsOut:
    table = costing.find_costs(session, access.shop_id)
    if table is None:
        return CostsOut(version=0, costs=None)
    return CostsOut(version=table.version, costs=dict(costing.describe(table)))


@costs_router.put("")
def save_costs(session: SessionDep, access: Operator, body: CostsBody) -> CostsOut:
    """Keep the shop's table of costs; 409 when somebody saved since it was read."""
    author = access.principal.name
    table = costing.save_costs(session, access.shop_id, body.costs, seen_version=body.seen_version, author=author)
    return CostsOut(version=table.version, costs=dict(costing.describe(table)))
