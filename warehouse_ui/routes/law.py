"""The law as tables: limits of free gifts, and what each delivery service carries, with days and sources."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core import clock
from core.auth.roles import Access, Role
from core.errors import InvalidInputError, NotFoundError
from core.tenancy import get_shop
from core.web import SessionDep, require
from orders.catalogue.terms import LARGEST, LIMITS, Terms, load_services, remove_terms, save_terms
from orders.kinds import LetterClass
from personalization.law import GIFT_LIMITS, GiftLimit
from personalization.legal.service import LARGEST as LARGEST_AMOUNT
from personalization.legal.service import list_gift_limits, load_law, remove_gift_limit, save_gift_limit
from personalization.problems import Problems
from personalization.reading import read_whole
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, name_problems, read_text, to_number
from warehouse_ui.i18n import gettext, mark
from warehouse_ui.templating import render

router = APIRouter(prefix="/law", include_in_schema=False)

Keeper = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]
NAMES: Final = {
    "valid_from": mark("いつから"),
    "threshold": mark("取引額の境（円）"),
    "flat": mark("境に満たないときの上限（円）"),
    "percent": mark("境以上のときの割合（パーセント）"),
    "source": mark("根拠"),
    "max_thickness_mm": mark("厚さ（mm）"),
    "max_weight_g": mark("重さ（g）"),
    "max_size_mm": mark("三辺の合計（mm）"),
    "max_length_mm": mark("長さ（mm）"),
    "max_width_mm": mark("幅（mm）"),
    "sealed_allowed": mark("封をした信書も送れる"),
}


@router.get("")
def show_tables(request: Request, access: Keeper, session: SessionDep) -> Response:
    today = _today(session, access)
    law = load_law(session, access.shop_id)
    values = {
        "today": today,
        "built_in": GIFT_LIMITS,
        "entered": list_gift_limits(session, access.shop_id),
        "in_force": law.find_gift_limit(today),
        "services": list(load_services(session, access.shop_id).values()),
    }
    return render(request, "pages/law.html", access, session, **values)


def _today(session: Session, access: Access) -> date:
    return clock.now().astimezone(get_shop(session, access.shop_id).zone).date()


@router.post("/gifts")
def save_gifts(access: Keeper, session: SessionDep, form: FormDep) -> Response:
    most = {"threshold": LARGEST_AMOUNT, "flat": LARGEST_AMOUNT, "percent": 100}
    numbers = {name: _read_number(form, name, 0, high) or 0 for name, high in most.items()}
    limit = GiftLimit(valid_from=_read_day(form), source=read_text(form, "source"), **numbers)
    _say_field(lambda: save_gift_limit(session, access.shop_id, limit))
    return go_to("/law", "law_saved")


@router.post("/gifts/remove")
def remove_gifts(access: Keeper, session: SessionDep, valid_from: Annotated[date, Form()]) -> Response:
    remove_gift_limit(session, access.shop_id, valid_from)
    return go_to("/law", "law_removed")


@router.get("/services/{key}")
def show_service(request: Request, key: str, access: Keeper, session: SessionDep) -> Response:
    found = load_services(session, access.shop_id).get(key)
    if found is None:
        raise NotFoundError("There is no such delivery service.", key=key)
    today = _today(session, access)
    values = {"found": found, "given": found.on(today), "today": today, "letter_classes": list(LetterClass)}
    return render(request, "pages/law_service.html", access, session, **values)


@router.post("/services/{key}")
def save_service(key: str, access: Keeper, session: SessionDep, form: FormDep) -> Response:
    limits = {name: _read_number(form, name, 1, LARGEST) for name in LIMITS}
    terms = Terms(
        valid_from=_read_day(form),
        letter_class=LetterClass(read_text(form, "letter_class")),
        sealed_allowed=read_text(form, "sealed_allowed") == "1",
        source=read_text(form, "source"),
        **limits,
    )
    _say_field(lambda: save_terms(session, access.shop_id, key, terms))
    return go_to("/law", "law_saved")


@router.post("/services/{key}/remove")
def remove_service(key: str, access: Keeper, session: SessionDep, valid_from: Annotated[date, Form()]) -> Response:
    remove_terms(session, access.shop_id, key, valid_from)
    return go_to(f"/law/services/{key}", "law_removed")


def _read_day(form: FormDep) -> date:
    try:
        return date.fromisoformat(read_text(form, "valid_from"))
    except ValueError:
        raise _refuse("valid_from") from None


def _read_number(form: FormDep, name: str, low: int, high: int) -> int | None:
    """Return the whole number of a field, None when it is empty. Raises InvalidInputError: field, range and given."""
    given = to_number(read_text(form, name))
    if given is None:
        return None
    problems = Problems()
    number = read_whole(given, name, problems, low, high)
    if number is None:
        raise InvalidInputError(name_problems(problems.found, lambda field: gettext(NAMES[field]))[0], field=name)
    return number


def _say_field(save: Any) -> None:
    """Name the field in the reader's words."""
    try:
        save()
    except InvalidInputError as error:
        raise _refuse(str(error.details.get("field"))) from None


def _refuse(name: str) -> InvalidInputError:
    shown = gettext(NAMES[name]) if name in NAMES else name
    return InvalidInputError(gettext("「%(name)s」を確かめてください。") % {"name": shown}, field=name)
