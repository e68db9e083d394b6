"""Jinja for the screens: escaped, strict about names that do not exist, and with the words of the reader's language."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as JinjaContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.auth.roles import Access
from core.tenancy import Shop
from warehouse_ui import i18n, words
from warehouse_ui.holds import tell_hold
from warehouse_ui.navigation import Place, list_places
from warehouse_ui.notices import find_notice
from warehouse_ui.word import Word

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"
THEME_COOKIE: Final = "soegaki_theme"
THEMES: Final = ("auto", "light", "dark")
DEFAULT_ZONE: Final = "Asia/Tokyo"


@dataclass(frozen=True)
class Frame:
    """What every page needs around its own content."""

    language: str
    theme: str
    path: str
    address: str
    places: list[tuple[str, list[Place]]] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)
    shop: Shop | None = None
    user_name: str = ""
    csrf_token: str = ""
    notice: Word | None = None

    @property
    def zone(self) -> ZoneInfo:
        return self.shop.zone if self.shop else ZoneInfo(DEFAULT_ZONE)

    @property
    def is_signed_in(self) -> bool:
        return bool(self.csrf_token)


@lru_cache
def static_address(name: str) -> str:
    """Return the address of a built file with its content's hash, so that a browser may keep it for ever."""
    path = STATIC / name
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.exists() else "missing"
    return f"/static/{name}?v={version}"


def _frame(context: JinjaContext) -> Frame:
    frame: Frame = context["frame"]
    return frame


@pass_context
def show_moment(context: JinjaContext, moment: datetime | None, style: str = "short") -> str:
    """Return a moment in the shop's time zone: today only the time, this year without the year."""
    if moment is None:
        return "—"
    frame = _frame(context)
    local = moment.astimezone(frame.zone)
    today = clock.now().astimezone(frame.zone)
    if style == "full":
        return format_datetime(local, "yyyy/MM/dd HH:mm", locale=frame.language)
    if local.date() == today.date():
        return format_time(local, "HH:mm", locale=frame.language)
    pattern = "M/d HH:mm" if local.year == today.year else "yyyy/M/d HH:mm"
    return format_datetime(local, pattern, locale=frame.language)


@pass_context
def show_day(context: JinjaContext, day: date | datetime | None) -> str:
    if day is None:
        return "—"
    frame = _frame(context)
    local = day.astimezone(frame.zone) if isinstance(day, datetime) else day
    return format_date(local, "yyyy/M/d (E)", locale=frame.language)


@pass_context
def show_last_day(context: JinjaContext, end: datetime) -> str:
    """Return the last day of a period whose end is the moment after it."""
    return show_day(context, end - timedelta(microseconds=1))


@pass_context
def show_ago(context: JinjaContext, moment: datetime) -> str:
    passed: timedelta = moment - clock.now()
    return format_timedelta(passed, add_direction=True, locale=_frame(context).language)


@pass_context
def show_number(context: JinjaContext, value: float | None) -> str:
    return "—" if value is None else format_decimal(value, locale=_frame(context).language)


@pass_context
def show_money(context: JinjaContext, amount: int | None, currency: str = "JPY") -> str:
    """Return an amount in its smallest unit as people write it; yen have no cents."""
    if amount is None:
        return "—"
    value = amount if currency in {"JPY", "KRW"} else amount / 100
    return format_currency(value, currency, locale=_frame(context).language)


def show_iso(moment: datetime | date) -> str:
    return moment.isoformat()


def _build_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    environment.globals.update(
        static=static_address, word=words.find_word, tell_hold=tell_hold, languages=i18n.LANGUAGES, themes=THEMES
    )
    environment.filters.update(
        moment=show_moment,
        day=show_day,
        last_day=show_last_day,
        ago=show_ago,
        number=show_number,
        money=show_money,
        iso=show_iso,
    )
    return environment


ENVIRONMENT: Final = _build_environment()


def build_frame(request: Request, access: Access | None, session: Session | None) -> Frame:
    """Return the frame for a person, or for nobody signed in."""
    language = i18n.choose_language(request)
    theme = request.cookies.get(THEME_COOKIE, "auto")
    shown = Frame(
        language=language,
        theme=theme if theme in THEMES else "auto",
        path=request.url.path,
        address=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        notice=find_notice(request.query_params.get("done")),
    )
    if access is None:
        return shown
    shops = _list_shops(session, access) if session is not None else []
    chosen = access.chosen_shop_id or (shops[0].id if len(shops) == 1 else None)
    return replace(
        shown,
        places=list_places(access.principal),
        shops=shops,
        shop=next((shop for shop in shops if shop.id == chosen), None),
        user_name=access.principal.name,
        csrf_token=access.principal.csrf_token,
    )


def _list_shops(session: Session, access: Access) -> list[Shop]:
    statement = select(Shop).where(Shop.id.in_(access.principal.roles)).order_by(Shop.name)
    return list(session.execute(statement).scalars())


def render(
    request: Request, template: str, access: Access | None = None, session: Session | None = None, **values: Any
) -> HTMLResponse:
    """Return a page or a fragment. `status` is the answer's status code."""
    status = values.pop("status", 200)
    frame = build_frame(request, access, session)
    text = ENVIRONMENT.get_template(template).render(frame=frame, **values)
    return HTMLResponse(text, status_code=status)
