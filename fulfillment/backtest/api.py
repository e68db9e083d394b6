"""Backtests over HTTP: start, watch, cancel, read shipment by shipment, download; and what one basket would get."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from core.auth.roles import Access, Role
from core.context import get_context
from core.web import SessionDep, require
from fulfillment.backtest import service
from fulfillment.backtest.comparing import count_inserts
from fulfillment.backtest.download import write_csv
from fulfillment.backtest.queries import ChangeFilter, get_backtest, list_backtests, list_changes
from fulfillment.backtest.schemas import (
    BacktestIn,
    BacktestOut,
    BacktestStartedOut,
    ChangeFilterIn,
    ChangeOut,
    RuleOut,
    TraceOut,
    TracePairOut,
    WhatIfIn,
    WhatIfOut,
)
from fulfillment.backtest.traces import Trace, read_traces
from fulfillment.backtest.what_if import BasketIn, BasketLine, Question, ask_what_if
from personalization.explaining import PlanExplanation
from personalization.plan import Plan

router = APIRouter(prefix="/api/backtests", tags=["backtests"])
OperatorAccess = Annotated[Access, require(Role.OPERATOR)]
OfficeAccess = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]
Language = Literal["ja", "en"]


@router.post("", status_code=202)
def post_backtest(body: BacktestIn, session: SessionDep, access: OperatorAccess) -> BacktestStartedOut:
    """Try a draft over the past; refused with every mistake of the document."""
    started = service.start_backtest(
        session,
        access.shop_id,
        body.document,
        service.Period(body.since, body.until, body.sample),
        author=access.principal.name,
        note=body.note,
    )
    return BacktestStartedOut(id=started)


@router.get("")
def get_backtests(session: SessionDep, access: OperatorAccess, before: UUID | None = None) -> list[BacktestOut]:
    """Backtests, newest first; `before` is the last id of the page before."""
    return [BacktestOut.model_validate(found) for found in list_backtests(session, access.shop_id, before=before)]


@router.post("/what-if")
def post_what_if(
    body: WhatIfIn, session: SessionDep, access: OfficeAccess, language: Language | None = None
) -> WhatIfOut:
    """What this customer would get with this basket. Nothing is ordered, promised or written."""
    values = body.model_dump(exclude={"customer_id", "lines", "moment", "document"})
    basket = BasketIn(**values, lines=[BasketLine(**line.model_dump()) for line in body.lines])
    question = Question(customer_id=body.customer_id, basket=basket, moment=body.moment, document=body.document)
    found = ask_what_if(session, access.shop_id, question, choose_language(language))
    return WhatIfOut(**_show(found.plan, found.told), unknown_skus=list(found.unknown_skus))


@router.get("/{backtest_id}")
def get_one_backtest(backtest_id: UUID, session: SessionDep, access: OperatorAccess) -> BacktestOut:
    return BacktestOut.model_validate(get_backtest(session, access.shop_id, backtest_id))


@router.post("/{backtest_id}/cancel", status_code=204)
def post_cancel(backtest_id: UUID, session: SessionDep, access: OperatorAccess) -> Response:
    service.cancel_backtest(session, access.shop_id, backtest_id)
    return Response(status_code=204)


@router.get("/{backtest_id}/changes")
def get_changes(
    backtest_id: UUID,
    session: SessionDep,
    access: OperatorAccess,
    wanted: Annotated[ChangeFilterIn, Query()],
) -> list[ChangeOut]:
    """Shipments on which the rulesets differ, the oldest first; `after` is the last position of the page before."""
    chosen = ChangeFilter(change=wanted.change, insert=wanted.insert, segment=wanted.segment)
    rows = list_changes(session, access.shop_id, backtest_id, chosen, after=wanted.after)
    return [ChangeOut.model_validate(row) for row in rows]


@router.get("/{backtest_id}/changes.csv")
def get_csv(backtest_id: UUID, session: SessionDep, access: OperatorAccess) -> Response:
    text = "".join(write_csv(session, access.shop_id, backtest_id))
    name = f'attachment; filename="backtest-{backtest_id}.csv"'
    return Response(text, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@router.get("/{backtest_id}/shipments/{shipment_id}")
def get_traces(
    backtest_id: UUID, shipment_id: UUID, session: SessionDep, access: OperatorAccess, language: Language | None = None
) -> TracePairOut:
    """What both rulesets chose for one shipment, side by side, and why."""
    pair = read_traces(session, access.shop_id, backtest_id, shipment_id, choose_language(language))
    return TracePairOut(live=_show_trace(pair.live), draft=_show_trace(pair.draft))


def choose_language(asked: Language | None) -> str:
    return asked or ("en" if get_context().language == "en" else "ja")


def _show_trace(trace: Trace) -> TraceOut:
    return TraceOut(**_show(trace.plan, trace.told), is_as_kept=trace.is_as_kept)


def _show(plan: Plan, told: PlanExplanation) -> dict[str, Any]:
    return {
        "enclosures": dict(count_inserts(plan)),
        "letter": None if plan.letter is None else plan.letter.template,
        "slip": None if plan.slip is None else plan.slip.template,
        "system": list(told.system),
        "rules": [RuleOut.model_validate(rule) for rule in told.rules],
    }
