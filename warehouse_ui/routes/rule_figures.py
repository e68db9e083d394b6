"""What each rule did: considered, acted, lost and why, by day; and which rules do nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core import clock
from core.auth.roles import Access, Role
from core.errors import NotFoundError
from core.tenancy import get_shop
from core.web import SessionDep, require
from personalization.inserts import load_inserts
from personalization.publishing import find_live_version
from personalization.rule_counts.queries import DayFigures, RuleFigures, Span, get_trend, list_figures
from warehouse_ui.charts import Bars, draw_bars
from warehouse_ui.i18n import get_language
from warehouse_ui.reason_labels import label_reason
from warehouse_ui.rules.draft import load_draft
from warehouse_ui.rules.telling import tell_conditions
from warehouse_ui.templating import render

router = APIRouter(prefix="/rules/figures", include_in_schema=False)

Reader = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]
PERIODS: Final = (7, 30, 90, 365)
USUAL: Final = 30


@dataclass(frozen=True)
class Row:
    """One rule of the version in force."""

    key: str
    name: str
    enabled: bool
    figures: RuleFigures

    @property
    def standing(self) -> str:
        return self.figures.standing if self.enabled else "off"

    @property
    def is_unused(self) -> bool:
        return self.enabled and self.figures.is_unused


def _read_span(session: Session, shop_id: UUID, days: int) -> Span:
    today = clock.now().astimezone(get_shop(session, shop_id).zone).date()
    return Span(today - timedelta(days=days - 1), today)


def _list_rules(session: Session, shop_id: UUID) -> list[dict[str, Any]]:
    live = find_live_version(session, shop_id)
    rules: list[dict[str, Any]] = live.document.get("rules", []) if live else []
    return rules


def _call(rule: dict[str, Any]) -> str:
    return str(rule["name"].get(get_language(), rule["key"]))


@router.get("")
def show_list(request: Request, access: Reader, session: SessionDep, days: int = USUAL) -> Response:
    period = days if days in PERIODS else USUAL
    rules = _list_rules(session, access.shop_id)
    found = list_figures(
        session, access.shop_id, _read_span(session, access.shop_id, period), [rule["key"] for rule in rules]
    )
    rows = [Row(rule["key"], _call(rule), rule.get("enabled", True), found[rule["key"]]) for rule in rules]
    values = {
        "rows": rows,
        "unused": [row for row in rows if row.is_unused],
        "days": period,
        "periods": PERIODS,
        "may_edit": access.principal.has_role(access.shop_id, Role.OPERATOR),
    }
    return render(request, "pages/rule_figures.html", access, session, **values)


@router.get("/{key}")
def show_one(request: Request, key: str, access: Reader, session: SessionDep, days: int = USUAL) -> Response:
    """One rule: of the version in force, or of the draft, or one that is gone and has figures still."""
    shop_id, period = access.shop_id, days if days in PERIODS else USUAL
    span = _read_span(session, shop_id, period)
    figures = list_figures(session, shop_id, span, [key])[key]
    live = next((rule for rule in _list_rules(session, shop_id) if rule["key"] == key), None)
    draft = next((rule for rule in load_draft(session, shop_id).rules if rule.get("key") == key), None)
    rule = live or draft
    if rule is None and figures.last_fired_on is None:
        raise NotFoundError("There is no such rule.", key=key)
    trend = get_trend(session, shop_id, key, span)
    inserts = load_inserts(session, shop_id)
    japanese = get_language() == "ja"
    values = {
        "key": key,
        "name": _call(rule) if rule else key,
        "told": tell_conditions(rule) if rule else "",
        "row": Row(key, _call(rule) if rule else key, bool(live and live.get("enabled", True)), figures),
        "figures": figures,
        "trend": trend,
        "chart": _draw(trend, span),
        "days": period,
        "periods": PERIODS,
        "label": label_reason,
        "insert_names": {key: each.name_ja if japanese else each.name_en for key, each in inserts.items()},
        "is_live": live is not None,
        "in_draft": draft is not None,
        "may_edit": access.principal.has_role(shop_id, Role.OPERATOR),
    }
    return render(request, "pages/rule_figure.html", access, session, **values)


def _draw(trend: list[DayFigures], span: Span) -> Bars | None:
    if not any(day.fired or day.lost for day in trend):
        return None
    series: dict[str, dict[Any, float]] = {
        "fired": {day.on: day.fired for day in trend},
        "lost": {day.on: day.lost for day in trend},
    }
    return draw_bars(series, span.first, span.last)
