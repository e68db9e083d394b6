"""Inserts: what may be enclosed, and how many there are."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from core.auth.roles import Access, Role
from core.errors import InvalidInputError, NotFoundError
from core.storage.service import store_file
from core.web import SessionDep, require
from orders.kinds import LetterClass
from personalization.errors import InsertError
from personalization.insert_rows import LARGEST
from personalization.inserts import StockLevel, count_stock, list_inserts, list_stock, save_inserts
from personalization.models import Insert, InsertKind, WhenOut
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, name_problems, read_counts, read_text, split_texts, to_number
from warehouse_ui.i18n import gettext, mark
from warehouse_ui.routes.files import PICTURE_TYPES
from warehouse_ui.shop_names import name_warehouses
from warehouse_ui.templating import render

router = APIRouter(prefix="/inserts", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
LARGEST_PICTURE: Final = 5 << 20
NUMBERS: Final = ("weight_g", "thickness_mm", "unit_cost", "market_value", "limit_per_customer")
# Place in the document → what the form calls it.
_FIELDS: Final = {
    "name.ja": mark("名前（日本語）"),
    "name.en": mark("名前（英語）"),
    "key": mark("識別名"),
    "kind": mark("種類"),
    "letter_class": mark("信書の区分"),
    "gtin": mark("バーコード（JAN）"),
    "picture": mark("写真"),
    "weight_g": mark("重さ（g）"),
    "thickness_mm": mark("厚さ（mm）"),
    "unit_cost": mark("費用（円）"),
    "market_value": mark("市価（円・税込）"),
    "when_out": mark("在庫がないとき"),
    "substitute": mark("代わりの品"),
    "limit_per_customer": mark("1人のお客様に何回まで"),
    "allergens": mark("アレルゲン"),
}


@router.get("")
def show_list(request: Request, access: Operator, session: SessionDep) -> Response:
    stock: dict[UUID, list[StockLevel]] = {}
    for level in list_stock(session, access.shop_id):
        stock.setdefault(level.insert_id, []).append(level)
    values = {
        "inserts": list_inserts(session, access.shop_id),
        "stock": stock,
        "warehouses": name_warehouses(session, access.shop_id),
    }
    return render(request, "pages/inserts.html", access, session, **values)


@router.get("/new")
def show_new(request: Request, access: Operator, session: SessionDep) -> Response:
    given = {"kind": "leaflet", "letter_class": "none", "stocked": True, "when_out": "skip", "active": True}
    return _show(request, access, session, given)


@router.get("/{key}/edit")
def show_editor(request: Request, key: str, access: Operator, session: SessionDep) -> Response:
    return _show(request, access, session, _to_document(session, _find(session, access.shop_id, key)), is_known=True)


def _find(session: Session, shop_id: UUID, key: str) -> Insert:
    found = next((insert for insert in list_inserts(session, shop_id) if insert.key == key), None)
    if found is None:
        raise NotFoundError("There is no such insert.", key=key)
    return found


def _to_document(session: Session, insert: Insert) -> dict[str, Any]:
    """Return the insert in the format of docs/rules.md."""
    substitute = session.get(Insert, insert.substitute_id) if insert.substitute_id else None
    plain = ("key", "gtin", "sealed", "stocked", "active", *NUMBERS)
    return {
        **{name: _trim(getattr(insert, name)) for name in plain},
        "name": {"ja": insert.name_ja, "en": insert.name_en},
        "kind": insert.kind.value,
        "letter_class": insert.letter_class.value,
        "when_out": insert.when_out.value,
        "substitute": substitute.key if substitute else None,
        "allergens": list(insert.allergens),
        "picture": str(insert.picture_file_id) if insert.picture_file_id else None,
    }


def _trim(value: object) -> object:
    """Return 5 for 5.0: nobody weighs to the tenth of a gram."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _show(
    request: Request, access: Access, session: Session, given: dict[str, Any], *, is_known: bool = False, **more: Any
) -> Response:
    values = {
        "given": given,
        "is_known": is_known,
        "kinds": list(InsertKind),
        "letter_classes": list(LetterClass),
        "policies": list(WhenOut),
        "others": [insert for insert in list_inserts(session, access.shop_id) if insert.key != given.get("key")],
        "problems": [],
        "largest": LARGEST,
        **more,
    }
    return render(request, "pages/insert_editor.html", access, session, **values)


@router.post("/save")
def save(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    document = _read_document(form)
    picture = form.get("picture_file")
    if isinstance(picture, UploadFile) and picture.filename:
        document["picture"] = str(_store_picture(session, access.shop_id, picture))
    try:
        save_inserts(session, access.shop_id, [document])
    except InsertError as error:
        problems = name_problems(error.problems, _name_field)
        is_known = read_text(form, "is_known") == "1"
        return _show(request, access, session, document, is_known=is_known, problems=problems, status=422)
    return go_to("/inserts", "insert_saved")


def _read_document(form: FormDep) -> dict[str, Any]:
    document: dict[str, Any] = {name: read_text(form, name) for name in ("key", "kind", "letter_class", "when_out")}
    document["name"] = {"ja": read_text(form, "name-ja"), "en": read_text(form, "name-en")}
    document |= {name: read_text(form, name) or None for name in ("gtin", "substitute", "picture")}
    document |= {name: read_text(form, name) == "1" for name in ("sealed", "stocked", "active")}
    document["allergens"] = split_texts(read_text(form, "allergens"))
    document |= {name: to_number(read_text(form, name)) for name in NUMBERS}
    return document


def _name_field(place: str) -> str:
    """Return what the form calls a place of the document ($[0].name.ja); others stay as they are."""
    field = place.removeprefix("$[0]").removeprefix(".")
    name = _FIELDS.get(field) or _FIELDS.get(field.partition("[")[0])
    return gettext(name) if name else field or gettext("同梱物")


def _store_picture(session: Session, shop_id: UUID, picture: UploadFile) -> UUID:
    data = picture.file.read(LARGEST_PICTURE + 1)
    if picture.content_type not in PICTURE_TYPES or len(data) > LARGEST_PICTURE:
        raise InvalidInputError(gettext("写真は5MBまでのPNG・JPEG・WebPにしてください。"), field="picture")
    name = picture.filename or "picture"
    stored = store_file(session, shop_id, name, data, media_type=str(picture.content_type))
    session.flush()  # The insert refers to it in plain SQL.
    return stored.id


@router.post("/stock")
def count(access: Operator, session: SessionDep, warehouse: Annotated[UUID, Form()], form: FormDep) -> Response:
    """Record a stock-taking; inserts without a number stay as they are."""
    counted = read_counts(form, "count:")
    if warehouse not in name_warehouses(session, access.shop_id):
        raise NotFoundError("No such warehouse serves this shop.", warehouse_id=str(warehouse))
    if counted:
        count_stock(session, access.shop_id, warehouse, counted)
    return go_to("/inserts", "stock_set")
