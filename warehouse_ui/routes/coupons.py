"""Coupon series: what they are worth, their codes, who got them and what was redeemed."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from core.auth.roles import Access, Role
from core.errors import NotFoundError
from core.web import SessionDep, require
from personalization.coupons.errors import CouponSeriesError
from personalization.coupons.models import CodeSource, CouponSeries
from personalization.coupons.queries import SeriesFigures, list_redemptions, list_series
from personalization.coupons.service import add_codes, free_void_codes, save_series
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, name_problems, read_text, to_number
from warehouse_ui.i18n import gettext, mark
from warehouse_ui.templating import render

router = APIRouter(prefix="/coupons", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
LARGEST_FILE: Final = 16 << 20
WORDS: Final = ("title", "value", "terms")
NUMBERS: Final = ("code_limit", "valid_days")
_FIELDS: Final = {
    "key": mark("識別名"),
    "source": mark("コードの出どころ"),
    "title": mark("題"),
    "value": mark("値引きの言い方"),
    "terms": mark("条件"),
    "pattern": mark("コードの形"),
    "code_limit": mark("何件まで作るか"),
    "valid_until": mark("いつまで使えるか"),
    "valid_days": mark("注文から何日間"),
}


@router.get("")
def show_list(request: Request, access: Operator, session: SessionDep) -> Response:
    return render(request, "pages/coupons.html", access, session, listed=list_series(session, access.shop_id))


@router.get("/new")
def show_new(request: Request, access: Operator, session: SessionDep) -> Response:
    given = {"source": CodeSource.PATTERN.value, "pattern": "CHA-******", "valid_days": 60, "active": True}
    return _show(request, access, session, given)


@router.get("/{key}")
def show_series(request: Request, key: str, access: Operator, session: SessionDep) -> Response:
    figures = _find(session, access, key)
    redeemed = list_redemptions(session, access.shop_id, key)
    return _show(request, access, session, _to_document(figures.series), figures=figures, redeemed=redeemed)


def _find(session: SessionDep, access: Access, key: str) -> SeriesFigures:
    found = next((each for each in list_series(session, access.shop_id) if each.series.key == key), None)
    if found is None:
        raise NotFoundError("There is no such coupon series.", key=key)
    return found


def _to_document(series: CouponSeries) -> dict[str, Any]:
    """Return the series in the format of docs/rules.md."""
    texts = {word: {lang: getattr(series, f"{word}_{lang}") for lang in ("ja", "en")} for word in WORDS}
    plain = {name: getattr(series, name) for name in ("key", "pattern", "active", *NUMBERS)}
    until = series.valid_until.isoformat() if series.valid_until else None
    return {**texts, **plain, "source": series.source.value, "valid_until": until}


def _show(
    request: Request, access: Access, session: SessionDep, given: dict[str, Any], status: int = 200, **more: Any
) -> Response:
    values = {"given": given, "figures": None, "redeemed": [], "problems": [], "added": None, **more}
    return render(request, "pages/coupon.html", access, session, status=status, **values)


@router.post("/save")
def save(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    document = _read_document(form)
    try:
        save_series(session, access.shop_id, document)
    except CouponSeriesError as error:
        problems = name_problems(error.problems, _name_field)
        known = any(each.series.key == document["key"] for each in list_series(session, access.shop_id))
        figures = _find(session, access, document["key"]) if known else None
        return _show(request, access, session, document, 422, problems=problems, figures=figures)
    return go_to(f"/coupons/{document['key']}", "coupon_saved")


def _read_document(form: FormDep) -> dict[str, Any]:
    document: dict[str, Any] = {name: read_text(form, name) for name in ("key", "source")}
    for word in WORDS:
        texts = {lang: read_text(form, f"{word}-{lang}") for lang in ("ja", "en")}
        document[word] = texts if word != "terms" or any(texts.values()) else None
    document |= {name: read_text(form, name) or None for name in ("pattern", "valid_until")}
    document |= {name: to_number(read_text(form, name)) for name in NUMBERS}
    if document["source"] == CodeSource.POOL:
        document |= {"pattern": None, "code_limit": None}
    return {**document, "active": read_text(form, "active") == "1"}


def _name_field(place: str) -> str:
    """Return what the form calls a place of the document; others stay as they are."""
    field, _, language = place.removeprefix("$").removeprefix(".").partition(".")
    if field not in _FIELDS:
        return field or gettext("クーポン")
    shown = {"ja": gettext("日本語"), "en": gettext("英語")}.get(language)
    return gettext(_FIELDS[field]) + (f"（{shown}）" if shown else "")


@router.post("/{key}/codes")
def upload(request: Request, key: str, access: Operator, session: SessionDep, form: FormDep) -> Response:
    """Take codes, one a line, from the text or a file; every line is accounted for."""
    lines = [line.strip().strip('"') for line in _read_lines(form)]
    added = add_codes(session, access.shop_id, key, [line for line in lines if line])
    figures = _find(session, access, key)
    return _show(request, access, session, _to_document(figures.series), figures=figures, added=added)


def _read_lines(form: FormDep) -> list[str]:
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return file.file.read(LARGEST_FILE).decode("utf-8-sig", errors="replace").splitlines()
    return read_text(form, "codes").splitlines()


@router.post("/{key}/free")
def free(key: str, access: Operator, session: SessionDep) -> Response:
    free_void_codes(session, access.shop_id, key)
    return go_to(f"/coupons/{key}", "coupon_freed")
