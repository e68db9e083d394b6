"""Backtests: a draft started against the live rules, watched, read down to one shipment, and kept."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from core import clock
from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from core.tenancy import get_shop
from core.web import SessionDep, require
from fulfillment.backtest import service
from fulfillment.backtest.download import write_csv
from fulfillment.backtest.models import BacktestState, Change
from fulfillment.backtest.queries import (
    PAGE,
    BacktestView,
    ChangeFilter,
    find_backtest,
    get_backtest,
    list_backtests,
    list_changes,
)
from fulfillment.backtest.schemas import ChangeFilterIn
from fulfillment.backtest.traces import read_traces
from fulfillment.queries import find_shipments
from personalization.errors import RulesetError
from personalization.inserts import load_inserts
from personalization.models import RulesetVersion
from warehouse_ui.answers import go_to, is_fragment, take_over
from warehouse_ui.backtests import figures, forms
from warehouse_ui.downloads import answer_file
from warehouse_ui.forms import FormDep
from warehouse_ui.i18n import get_language
from warehouse_ui.paging import make_links
from warehouse_ui.rules.changes import tell_problems
from warehouse_ui.rules.draft import load_draft
from warehouse_ui.shop_names import name_warehouses
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules/backtests", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
OPEN = (BacktestState.QUEUED, BacktestState.RUNNING)


@router.get("")
def show_list(request: Request, access: Operator, session: SessionDep, before: UUID | None = None) -> Response:
    rows = list_backtests(session, access.shop_id, before=before, limit=PAGE + 1)
    following = rows[PAGE - 1].id if len(rows) > PAGE else None
    links = make_links("/rules/backtests", {}, current=before, following=following)
    return render(request, "pages/backtests.html", access, session, rows=rows[:PAGE], links=links)


@router.get("/new")
def show_new(request: Request, access: Operator, session: SessionDep) -> Response:
    today = clock.now().astimezone(get_shop(session, access.shop_id).zone).date()
    return _show_new(request, access, session, forms.suggest(today))


def _show_new(request: Request, access: Access, session: Session, asked: forms.Asked, **more: Any) -> Response:
    values = {"draft": load_draft(session, access.shop_id), "asked": asked, "problems": [], "wrong": {}, **more}
    status = 422 if more else 200
    return render(request, "pages/backtest_new.html", access, session, samples=forms.SAMPLES, status=status, **values)


@router.post("")
def start(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Try the draft as it stands now; a mistake in it is told, and nothing starts."""
    asked = forms.read_asked(form)
    draft = load_draft(session, access.shop_id)
    try:
        period = forms.to_period(asked, get_shop(session, access.shop_id).zone)
        started = service.start_backtest(
            session, access.shop_id, draft.document, period, author=access.principal.name, note=asked.note
        )
    except RulesetError as error:
        return _show_new(request, access, session, asked, problems=tell_problems(draft.document, error.problems))
    except InvalidInputError as error:
        field = str(error.details.get("field", "first"))
        wrong = {"first" if field == "since" else field: error.message}
        return _show_new(request, access, session, asked, wrong=wrong)
    return go_to(f"/rules/backtests/{started}", "backtest_started")


@router.get("/{backtest_id}")
def show_one(
    request: Request,
    backtest_id: UUID,
    access: Operator,
    session: SessionDep,
    wanted: Annotated[ChangeFilterIn, Query()],
) -> Response:
    """The progress while it runs, then the figures and the shipments that differ."""
    shop_id = access.shop_id
    view = get_backtest(session, shop_id, backtest_id)
    if view.state in OPEN or view.summary is None:
        if is_fragment(request) and view.state not in OPEN:
            return take_over(f"/rules/backtests/{backtest_id}")
        template = "fragments/backtest_progress.html" if is_fragment(request) else "pages/backtest.html"
        return render(request, template, access, session, test=view, result=None)
    if is_fragment(request) and request.headers.get("hx-target") == "backtest-progress":
        return take_over(f"/rules/backtests/{backtest_id}")
    values = _changes(session, access, view, wanted)
    if is_fragment(request):
        return render(request, "fragments/backtest_changes.html", access, session, **values)
    called = values["called"]
    result = figures.describe(view.summary, called, view.since, view.until, get_shop(session, shop_id).zone)
    return render(request, "pages/backtest.html", access, session, result=result, **values)


def _changes(session: Session, access: Access, view: BacktestView, wanted: ChangeFilterIn) -> dict[str, Any]:
    """Return the shipments that differ, a page of them, with what the filter offers."""
    chosen = ChangeFilter(change=wanted.change, insert=wanted.insert or None, segment=wanted.segment or None)
    rows = list_changes(session, access.shop_id, view.id, chosen, after=wanted.after, limit=PAGE + 1)
    filters = {name: value or "" for name, value in asdict(chosen).items()}
    path = f"/rules/backtests/{view.id}"
    links = make_links(path, filters, current=wanted.after, following=None)
    following = rows[PAGE - 1].position if len(rows) > PAGE else None
    summary: Mapping[str, Any] = view.summary or {}
    return {
        "test": view,
        "rows": rows[:PAGE],
        "filters": filters,
        "first_page": links.first,
        "following": following,
        "kinds": list(Change),
        "segments": [key for key in figures.SEGMENTS if key in summary.get("segments", {})],
        "insert_keys": sorted(summary.get("inserts", {})),
        "called": _name(session, access.shop_id, view.id),
    }


def _name(session: Session, shop_id: UUID, backtest_id: UUID) -> figures.Called:
    test, language = find_backtest(session, shop_id, backtest_id), get_language()
    version = session.get(RulesetVersion, test.live_version_id) if test.live_version_id else None
    documents = [version.document if version else {}, test.document]
    rules = {rule["key"]: rule["name"][language] for document in documents for rule in document.get("rules", [])}
    inserts = load_inserts(session, shop_id)
    names = {key: each.name_ja if language == "ja" else each.name_en for key, each in inserts.items()}
    return figures.Called(names, rules, name_warehouses(session, shop_id))


@router.post("/{backtest_id}/cancel")
def cancel(backtest_id: UUID, access: Operator, session: SessionDep) -> Response:
    service.cancel_backtest(session, access.shop_id, backtest_id)
    return go_to(f"/rules/backtests/{backtest_id}")


@router.get("/{backtest_id}/changes.csv")
def download(backtest_id: UUID, access: Operator, session: SessionDep) -> Response:
    text = "".join(write_csv(session, access.shop_id, backtest_id))
    return answer_file(f"backtest-{backtest_id}.csv", text.encode(), "text/csv; charset=utf-8")


@router.get("/{backtest_id}/shipments/{shipment_id}")
def show_traces(
    request: Request, backtest_id: UUID, shipment_id: UUID, access: Operator, session: SessionDep
) -> Response:
    """What both rulesets chose for one shipment, and why, side by side."""
    pair = read_traces(session, access.shop_id, backtest_id, shipment_id, get_language())
    live, draft = ({rule.rule_key: rule for rule in trace.told.rules} for trace in (pair.live, pair.draft))
    differing = {key for key in live.keys() | draft.keys() if _standing(live.get(key)) != _standing(draft.get(key))}
    values = {
        "test": get_backtest(session, access.shop_id, backtest_id),
        "shipment": next(iter(find_shipments(session, access.shop_id, [shipment_id]))),
        "sides": {"live": pair.live, "draft": pair.draft},
        "differing": differing,
        "called": _name(session, access.shop_id, backtest_id),
    }
    return render(request, "pages/backtest_shipment.html", access, session, **values)


def _standing(rule: Any) -> Any:
    return None if rule is None else (rule.outcome, rule.sentences)
