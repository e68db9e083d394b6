"""Experiments: planned, started, read and ended by the operator; customer success may read."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from core import clock
from core.auth.roles import Access, Role
from core.web import SessionDep, require
from personalization.experiments import costs as costing
from personalization.experiments.errors import PlanError
from personalization.experiments.models import Experiment, ExperimentState, Method, Metric
from personalization.experiments.planning import find_size
from personalization.experiments.queries import (
    count_pace,
    find_bound_rules,
    get_experiment,
    list_experiments,
    read_habits,
)
from personalization.experiments.results import measure
from personalization.experiments.service import (
    change_experiment,
    check_plan,
    create_experiment,
    delete_draft,
    end_experiment,
    start_experiment,
    to_plan,
)
from personalization.experiments.sizing import count_weeks
from personalization.inserts import list_inserts, load_inserts
from warehouse_ui.answers import go_to
from warehouse_ui.experiments import forms, sentences
from warehouse_ui.experiments.charts import draw
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import get_language, gettext
from warehouse_ui.templating import render
from warehouse_ui.words import find_word

router = APIRouter(prefix="/experiments", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
Reader = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]
USUAL_WINDOW: Final = 60
STEPS: Final = 8


def _may_write(access: Access) -> bool:
    return access.principal.has_role(access.shop_id, Role.OPERATOR)


@router.get("")
def show_list(request: Request, access: Reader, session: SessionDep) -> Response:
    values = {"rows": list_experiments(session, access.shop_id), "may_write": _may_write(access)}
    return render(request, "pages/experiments.html", access, session, **values)


@router.get("/new/plan")
def show_new(request: Request, access: Operator, session: SessionDep) -> Response:
    habits = read_habits(session, access.shop_id, USUAL_WINDOW, clock.now())
    given = forms.show_plan({**forms.NEW, "baseline": round(habits.repeat, 4) or None})
    return _show_form(request, access, session, given)


@router.get("/{key}/edit")
def show_edit(request: Request, key: str, access: Operator, session: SessionDep) -> Response:
    experiment = get_experiment(session, access.shop_id, key)
    if experiment.state is not ExperimentState.DRAFT:
        return go_to(f"/experiments/{key}")
    return _show_form(request, access, session, forms.show_experiment(experiment), version=experiment.version)


def _show_form(
    request: Request, access: Access, session: Session, given: dict[str, Any], *, version: int = 0, **more: Any
) -> Response:
    status = 422 if "problems" in more else 200
    rows = range(max(forms.ROWS, sum(name.endswith("-key") for name in given)))
    values = {
        "given": given,
        "version": version,
        "arm_rows": rows,
        "control_options": _list_controls(rows),
        "insert_options": _list_inserts(session, access),
        "metric_options": [(each, gettext(find_word("metric", each).text)) for each in Metric],
        "method_options": [(each, gettext(find_word("method", each).text)) for each in Method],
        "problems": [],
        **more,
    }
    return render(request, "pages/experiment_plan.html", access, session, status=status, **values)


def _list_controls(rows: range) -> list[tuple[str, str]]:
    arms = [(str(row), gettext("案%(number)s") % {"number": row + 1}) for row in rows]
    return [("held_out", gettext("対照群（入れない）")), *arms]


def _list_inserts(session: Session, access: Access) -> list[tuple[str, str]]:
    active = [insert for insert in list_inserts(session, access.shop_id) if insert.active]
    named = [(each.key, each.name_ja if get_language() == "ja" else each.name_en) for each in active]
    return [("", gettext("選ばない")), *named]


@router.post("/new/size")
def show_size(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Answer while the plan is written: how many customers, how many weeks, what it must bring."""
    values = _reckon(session, access, form)
    return render(request, "fragments/experiment_size.html", access, session, **values)


def _reckon(session: Session, access: Access, form: FormData) -> dict[str, Any]:
    now = clock.now()
    days = read_text(form, "window_days")
    window = int(days) if days.isdecimal() and 1 <= int(days) <= 730 else USUAL_WINDOW
    habits = read_habits(session, access.shop_id, window, now)
    document = forms.read_plan(form, habits)
    # What is still to be named does not keep the numbers from being reckoned.
    named = {"key": "plan", "name": {"ja": "―", "en": "-"}}
    arms = [{**arm, "key": arm["key"] or f"arm-{i}", "name": named["name"]} for i, arm in enumerate(document["arms"])]
    plan, problems = check_plan(session, access.shop_id, {**document, **named, "arms": arms})
    metric = Metric(document["metric"]) if document["metric"] in list(Metric) else Metric.REPEAT
    usual = getattr(habits, metric)
    values: dict[str, Any] = {"problems": forms.tell(problems), "habits": habits, "metric": metric, "window": window}
    values |= {"usual": sentences.say_value(usual, metric), "size": None, "weeks": None}
    values["prices"] = _price(session, access, arms, habits.order_value)
    if not problems:
        size = find_size(plan)
        weeks = count_weeks(size, count_pace(session, access.shop_id, now), plan["audience_share"])
        values |= {"size": size, "weeks": weeks, "total_weeks": None if weeks is None else weeks + -(-window // 7)}
    return values


def _price(session: Session, access: Access, arms: list[dict[str, Any]], order_value: float) -> list[dict[str, Any]]:
    """Return what each named insert costs in full, and the lift at which it pays for itself."""
    costs = costing.to_costs(costing.find_costs(session, access.shop_id))
    weights = costing.load_weights(session, access.shop_id, clock.now())
    known = load_inserts(session, access.shop_id)
    found = []
    for key in dict.fromkeys(key for arm in arms for key in arm["inserts"] if key in known):
        cost = costing.reckon(known[key], costs, weights)
        break_even = costing.find_break_even(cost.total, costs, order_value)
        name = known[key].name_ja if get_language() == "ja" else known[key].name_en
        parts = [sentences.say_money(part) for part in (cost.goods, cost.paper, cost.packing, cost.carriage)]
        found.append(
            {
                "name": name,
                "parts": parts,
                "total": sentences.say_money(cost.total),
                "pays": sentences.say_break_even(break_even),
            }
        )
    return found


@router.post("/new/save")
def save(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Keep the plan: a new one, or a draft that was changed."""
    version = int(read_text(form, "version") or 0)
    window = read_text(form, "window_days")
    days = int(window) if window.isdecimal() and 1 <= int(window) <= 730 else USUAL_WINDOW
    document = forms.read_plan(form, read_habits(session, access.shop_id, days, clock.now()))
    try:
        if version:
            change_experiment(session, access.shop_id, document["key"], document, seen_version=version)
        else:
            create_experiment(session, access.shop_id, document, author=access.principal.name)
    except PlanError as error:
        given = forms.show_plan(document)
        return _show_form(request, access, session, given, version=version, problems=forms.tell(error.problems))
    return go_to(f"/experiments/{document['key']}", "experiment_saved")


@router.get("/costs/table")
def show_costs(request: Request, access: Operator, session: SessionDep) -> Response:
    table = costing.find_costs(session, access.shop_id)
    given = dict(costing.describe(table)) if table is not None else {"weight_steps": [], "margin": ""}
    if table is not None:
        given["margin"] = f"{table.margin * 100:g}"
    return _show_costs(request, access, session, given, 0 if table is None else table.version)


def _show_costs(
    request: Request, access: Access, session: Session, given: dict[str, Any], version: int, **more: Any
) -> Response:
    status = 422 if "problems" in more else 200
    steps = [*given["weight_steps"], *[{} for _ in range(STEPS - len(given["weight_steps"]))]]
    values = {"given": given, "steps": steps, "version": version, "problems": [], **more}
    return render(request, "pages/experiment_costs.html", access, session, status=status, **values)


@router.post("/costs/table")
def save_costs(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    version = int(read_text(form, "version") or 0)
    document = forms.read_costs(form, STEPS)
    try:
        costing.save_costs(session, access.shop_id, document, seen_version=version, author=access.principal.name)
    except PlanError as error:
        given = {**document, "margin": read_text(form, "margin")}
        return _show_costs(request, access, session, given, version, problems=forms.tell(error.problems))
    return go_to("/experiments", "costs_saved")


@router.get("/{key}")
def show_one(request: Request, key: str, access: Reader, session: SessionDep) -> Response:
    result = measure(session, access.shop_id, key, clock.now())
    experiment = result.experiment
    watched = result.design.method is Method.WATCHED
    names = sentences.name_arms(experiment)
    values = {
        "experiment": experiment,
        "result": result,
        "names": names,
        "may_write": _may_write(access),
        "say": sentences,
        "charts": [(names[arm], draw(points, watched=watched), points) for arm, points in result.traces.items()],
        "live_rules": find_bound_rules(session, access.shop_id, key),
        "draft_rules": find_bound_rules(session, access.shop_id, key, draft=True),
        "missing": [names[arm] for arm in _find_unbound(session, access, experiment)],
        "size": find_size(to_plan(experiment)),
        "watched": watched,
    }
    return render(request, "pages/experiment.html", access, session, **values)


def _find_unbound(session: Session, access: Access, experiment: Experiment) -> list[str]:
    """Return the arms that no rule in use serves: their customers get what everybody gets."""
    served = {rule.arm for rule in find_bound_rules(session, access.shop_id, experiment.key) if rule.enabled}
    return [arm["key"] for arm in experiment.arms if arm["key"] not in served and experiment.kind == "rules"]


@router.post("/{key}/start")
def start(key: str, access: Operator, session: SessionDep, version: Annotated[int, Form()]) -> Response:
    start_experiment(session, access.shop_id, key, seen_version=version, author=access.principal.name)
    return go_to(f"/experiments/{key}", "experiment_started")


@router.post("/{key}/end")
def end(
    key: str,
    access: Operator,
    session: SessionDep,
    winner: Annotated[str, Form()] = "",
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    author = access.principal.name
    end_experiment(session, access.shop_id, key, winner=winner or None, note=note, author=author)
    return go_to(f"/experiments/{key}", "experiment_ended")


@router.post("/{key}/delete")
def delete(key: str, access: Operator, session: SessionDep) -> Response:
    delete_draft(session, access.shop_id, key)
    return go_to("/experiments", "experiment_deleted")
