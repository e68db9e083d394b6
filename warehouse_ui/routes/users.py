"""Users and what they may do, within the reach of the administrator who looks."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from core.auth import service
from core.auth.authority import Place, authority_of
from core.auth.roles import Access, Role
from core.errors import AppError, InvalidInputError
from core.web import SystemSessionDep, require
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.i18n import gettext
from warehouse_ui.shop_names import name_warehouses
from warehouse_ui.templating import render

router = APIRouter(prefix="/users", include_in_schema=False)

Administrator = Annotated[Access, require(Role.ADMINISTRATOR)]


@router.get("")
def show_list(request: Request, access: Administrator, session: SystemSessionDep) -> Response:
    return render(request, "pages/users.html", access, session, **_values(session, access))


def _values(session: SystemSessionDep, access: Access, **more: Any) -> dict[str, Any]:
    authority = authority_of(access.principal)
    people = service.list_users(session, authority)
    return {
        "people": people,
        "warehouses": name_warehouses(session),
        "roles": list(Role),
        "everywhere": authority.everywhere,
        "error": "",
        "drawn": None,
        "given": {},
    } | more


@router.post("")
def add(
    request: Request,
    access: Administrator,
    session: SystemSessionDep,
    email: Annotated[str, Form()],
    name: Annotated[str, Form()],
    role: Annotated[Role, Form()],
    place: Annotated[str, Form()],
) -> Response:
    """Create a user with a first role; the page shows the drawn password once."""
    try:
        user, password = service.add_user(session, email=email, name=name)
        service.grant_role(session, authority_of(access.principal), user.id, role, read_place(place))
    except AppError as error:
        session.rollback()
        values = _values(session, access, error=describe_error(error), given={"email": email, "name": name})
        return render(request, "pages/users.html", access, session, **values, status=error.status_code)
    session.flush()
    values = _values(session, access, drawn=(user.name, password))
    return render(request, "pages/users.html", access, session, **values)


def read_place(text: str) -> Place:
    """Return the place of a choice: `shop:<id>`, `warehouse:<id>` or `everywhere`."""
    kind, _, key = text.partition(":")
    if kind == "everywhere":
        return Place()
    try:
        return Place(shop_id=UUID(key)) if kind == "shop" else Place(warehouse_id=UUID(key))
    except ValueError:
        raise InvalidInputError(gettext("場所を選んでください。"), field="place") from None


@router.post("/{user_id}/grants")
def grant(
    user_id: UUID,
    access: Administrator,
    session: SystemSessionDep,
    role: Annotated[Role, Form()],
    place: Annotated[str, Form()],
) -> Response:
    service.grant_role(session, authority_of(access.principal), user_id, role, read_place(place))
    return go_to("/users", "grant_saved")


@router.post("/{user_id}/grants/take")
def take_grant(
    user_id: UUID,
    access: Administrator,
    session: SystemSessionDep,
    role: Annotated[Role, Form()],
    place: Annotated[str, Form()],
) -> Response:
    service.revoke_role(session, authority_of(access.principal), user_id, role, read_place(place))
    return go_to("/users", "grant_saved")


@router.post("/{user_id}/disable")
def disable(user_id: UUID, access: Administrator, session: SystemSessionDep) -> Response:
    service.disable_user(session, authority_of(access.principal), user_id)
    return go_to("/users", "user_saved")


@router.post("/{user_id}/enable")
def enable(user_id: UUID, access: Administrator, session: SystemSessionDep) -> Response:
    service.enable_user(session, authority_of(access.principal), user_id)
    return go_to("/users", "user_saved")


@router.post("/{user_id}/password")
def reset(request: Request, user_id: UUID, access: Administrator, session: SystemSessionDep) -> Response:
    """Draw a new password; the page shows it once."""
    password = service.reset_password(session, authority_of(access.principal), user_id)
    values = _values(session, access, drawn=(service.get_user(session, user_id).name, password))
    return render(request, "pages/users.html", access, session, **values)
