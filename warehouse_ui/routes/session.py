"""Signing in and out, the own account, and the switches of shop, language and theme."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from core.auth.errors import SignInRefusedError, TooManyAttemptsError
from core.auth.roles import Access
from core.auth.signing_in import choose_shop, sign_in, sign_out
from core.web import (
    SystemSessionDep,
    check_same_origin,
    clear_sign_in_cookie,
    public,
    require_anyone,
    set_sign_in_cookie,
)
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.i18n import LANGUAGE_COOKIE, LANGUAGES
from warehouse_ui.navigation import find_home
from warehouse_ui.templating import THEME_COOKIE, THEMES, render

router = APIRouter(include_in_schema=False)

Anyone = Annotated[Access, require_anyone()]
YEAR: Final = 365 * 24 * 3600


def safe_path(path: str) -> str:
    """Return a path of ours, or the first page: an address elsewhere would let a link send people away."""
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if ours else "/"


@router.get("/")
def show_home(access: Anyone) -> Response:
    return go_to("/account" if access.principal.must_change_password else find_home(access.principal))


@router.get("/sign-in", dependencies=[public("the way in")])
def show_sign_in(request: Request, next: str = "/", reason: str = "") -> Response:  # noqa: A002 (name of the query)
    return render(request, "pages/sign_in.html", next=safe_path(next), reason=reason, email="", error="")


@router.post("/sign-in", dependencies=[public("the way in"), Depends(check_same_origin)])
def open_sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    address = request.client.host if request.client else ""
    try:
        opened = sign_in(email, password, address=address)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        text = describe_error(error)
        return render(
            request,
            "pages/sign_in.html",
            next=safe_path(next),
            reason="",
            email=email,
            error=text,
            status=error.status_code,
        )
    response = go_to("/account" if opened.must_change_password else safe_path(next))
    set_sign_in_cookie(response, opened.token)
    return response


@router.post("/sign-out")
def close_sign_in(access: Anyone, session: SystemSessionDep) -> Response:
    if access.principal.sign_in_id is not None:
        sign_out(session, access.principal.sign_in_id)
    response = go_to("/sign-in")
    clear_sign_in_cookie(response)
    return response


@router.post("/preferences/shop")
def switch_shop(
    access: Anyone,
    session: SystemSessionDep,
    shop: Annotated[UUID | Literal[""], Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Choose the shop of this browser. The page of a single thing leads to its list: the thing is another shop's."""
    choose_shop(session, access.principal, shop or None)
    return go_to("/" + safe_path(next).lstrip("/").split("/")[0])


@router.post("/preferences/language", dependencies=[public("a matter of the browser"), Depends(check_same_origin)])
def switch_language(language: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/") -> Response:  # noqa: A002
    response = go_to(safe_path(next))
    if language in LANGUAGES:
        _remember(response, LANGUAGE_COOKIE, language)
    return response


@router.post("/preferences/theme", dependencies=[public("a matter of the browser"), Depends(check_same_origin)])
def switch_theme(theme: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/") -> Response:  # noqa: A002
    response = go_to(safe_path(next))
    if theme in THEMES:
        _remember(response, THEME_COOKIE, theme)
    return response


def _remember(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, path="/", samesite="lax", httponly=True)
