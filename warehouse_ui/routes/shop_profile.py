"""What the shop's papers say of it, and how it invoices (適格請求書)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from core.tenancy import get_shop
from core.web import SessionDep, require
from fulfillment.invoicing.settings import InvoiceForm, InvoiceScope
from fulfillment.invoicing.shop_profile import FIELDS, save_profile
from orders.money import Rounding
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import gettext, mark
from warehouse_ui.templating import render

router = APIRouter(prefix="/shop", include_in_schema=False)

Keeper = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]
FORMS: Final = {
    InvoiceForm.NONE: mark("インボイスにしない（納品書だけ）"),
    InvoiceForm.QUALIFIED: mark("適格請求書"),
    InvoiceForm.SIMPLIFIED: mark("適格簡易請求書（小売など）"),
}
SCOPES: Final = {
    InvoiceScope.ORDER: mark("注文ごとに1通"),
    InvoiceScope.SHIPMENT: mark("出荷ごとに1通"),
}
ROUNDINGS: Final = {
    Rounding.FLOOR: mark("切り捨て"),
    Rounding.HALF_UP: mark("四捨五入"),
    Rounding.CEILING: mark("切り上げ"),
}
_WRONG: Final = {
    "registration_number": mark("登録番号は T と13桁の数字です。インボイスを使うときは必ず入れてください。"),
}


@router.get("")
def show_profile(request: Request, access: Keeper, session: SessionDep) -> Response:
    profile = get_shop(session, access.shop_id).profile
    return _show(request, access, session, {name: str(profile.get(name) or "") for name in FIELDS}, {})


@router.post("")
def save(request: Request, access: Keeper, session: SessionDep, form: FormDep) -> Response:
    entered = {name: read_text(form, name) for name in FIELDS}
    try:
        save_profile(session, access.shop_id, entered)
    except InvalidInputError as error:
        name = str(error.details.get("field"))
        wrong = {name: gettext(_WRONG[name]) if name in _WRONG else gettext("この値は使えません。")}
        return _show(request, access, session, entered, wrong, status=422)
    return go_to("/shop", "profile_saved")


def _show(
    request: Request,
    access: Access,
    session: Session,
    entered: dict[str, str],
    wrong: dict[str, str],
    *,
    status: int = 200,
) -> Response:
    values: dict[str, Any] = {
        "entered": entered,
        "wrong": wrong,
        "forms": [(key.value, gettext(text)) for key, text in FORMS.items()],
        "scopes": [(key.value, gettext(text)) for key, text in SCOPES.items()],
        "roundings": [(key.value, gettext(text)) for key, text in ROUNDINGS.items()],
    }
    response = render(request, "pages/shop_profile.html", access, session, **values)
    response.status_code = status
    return response
