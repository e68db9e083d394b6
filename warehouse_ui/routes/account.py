"""The own account: password and roles."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from core.auth.errors import WeakPasswordError
from core.auth.roles import Access
from core.auth.service import change_password
from core.errors import AppError
from core.web import SessionDep, SystemSessionDep, require_anyone
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.i18n import gettext
from warehouse_ui.templating import render

router = APIRouter(prefix="/account", include_in_schema=False)

Anyone = Annotated[Access, require_anyone()]


@router.get("")
def show_account(request: Request, access: Anyone, session: SessionDep) -> Response:
    return render(request, "pages/account.html", access, session, **_values(access, {}))


def _values(access: Access, errors: dict[str, str]) -> dict[str, object]:
    roles = {shop_id: sorted(held) for shop_id, held in access.principal.roles.items()}
    return {"roles": roles, "errors": errors, "must_change": access.principal.must_change_password}


def _explain(error: AppError) -> dict[str, str]:
    if isinstance(error, WeakPasswordError):
        return {"wanted": describe_error(error)}
    return {"current": gettext("今のパスワードが違います。")}


@router.post("/password")
def change_own_password(
    request: Request,
    access: Anyone,
    session: SystemSessionDep,
    current: Annotated[str, Form()],
    wanted: Annotated[str, Form()],
    repeated: Annotated[str, Form()],
) -> Response:
    """Change the password and end every other sign-in of this person."""
    caller = access.principal
    errors = {"repeated": gettext("2つの新しいパスワードが違います。")} if wanted != repeated else {}
    if not errors:
        try:
            change_password(session, caller.id, old=current, new=wanted, keep_sign_in=caller.sign_in_id)
        except AppError as error:
            errors = _explain(error)
    if errors:
        return render(request, "pages/account.html", access, session, **_values(access, errors), status=422)
    return go_to("/account", "password_changed")
