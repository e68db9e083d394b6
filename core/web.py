"""FastAPI dependencies of every router: who calls, may they, and a session that sees their shops only."""

from collections.abc import Iterator
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from core.auth.errors import (
    CsrfError,
    KeyRefusedError,
    PasswordChangeNeededError,
    RoleNeededError,
    ShopNotGrantedError,
    SignInNeededError,
)
from core.auth.permissions import KNOWN_CALLER, Demand, Permission, mark, public
from core.auth.principals import find_key_principal, find_user_principal
from core.auth.roles import EVERYBODY, Access, Principal, PrincipalKind, Role
from core.auth.signing_in import LIFETIME
from core.auth.tokens import is_same
from core.context import Actor, set_context
from core.db import session_scope, system_scope, system_statements
from core.settings import get_settings
from core.tenancy import Shop

__all__ = ["AccessDep", "SessionDep", "SystemSessionDep", "public", "require", "require_anyone"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SHOP_HEADER: Final = "soegaki-shop"
CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf_token"
# No more requests hold a connection than there are threads to finish them: otherwise both could wait for each other.
SESSIONS_AT_ONCE: Final = 4
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def require(*roles: Role) -> Any:
    """Declare that a route needs one of these roles; gives its `Access`."""

    async def allowed(access: AccessDep) -> Access:
        return access

    return Depends(mark(allowed, Demand(roles=frozenset(roles))))


def require_anyone() -> Any:
    """Declare that a route is for everyone who is signed in with any role in any shop."""
    return require(*EVERYBODY)


async def get_access(request: Request) -> Access:
    """Find out who calls and what the route lets them touch. Raises what the answer then is: 401, 403 or 404."""
    permission: Permission = request.app.state.permissions[request.scope["endpoint"]]
    key, cookie = _bearer(request), request.cookies.get(cookie_name())
    principal, named_shop = await run_in_threadpool(_identify, key, cookie, request.headers.get(SHOP_HEADER))
    set_context(actor=Actor(principal.kind.value, principal.id))
    # Who switched the language in this browser wants that one, whatever the account says.
    if principal.language and not getattr(request.state, "language_is_switched", False):
        set_context(language=principal.language)
    if principal.kind is PrincipalKind.USER and request.method not in SAFE_METHODS:
        await _check_csrf(request, principal)
    if principal.must_change_password and permission.roles != frozenset(EVERYBODY):
        raise PasswordChangeNeededError
    access = admit(principal, permission.roles, named_shop)
    request.state.access = access
    return access


AccessDep = Annotated[Access, Depends(mark(get_access, KNOWN_CALLER))]


def _identify(key: str | None, cookie: str | None, shop: str | None) -> tuple[Principal, UUID | None]:
    with system_statements() as session:
        if key is not None:
            principal = find_key_principal(session, key)
            if principal is None:
                raise KeyRefusedError
        else:
            principal = find_user_principal(session, cookie) if cookie else None
            if principal is None:
                raise SignInNeededError
        return principal, _find_named_shop(session, shop) if shop else None


def _find_named_shop(session: Connection, text: str) -> UUID:
    """Return the shop of a slug or id. Whether the caller may touch it is checked by `admit`."""
    try:
        return UUID(text)
    except ValueError:
        shop_id = session.execute(select(Shop.id).where(Shop.slug == text)).scalar_one_or_none()
    if shop_id is None:
        raise ShopNotGrantedError
    return shop_id


def admit(principal: Principal, roles: frozenset[Role], named_shop: UUID | None) -> Access:
    """Return what this caller may touch in one of these roles. Pure."""
    shop_ids = principal.shops_for(roles)
    administers = principal.is_installation_administrator and Role.ADMINISTRATOR in roles
    # Who holds no role at all may still sign out.
    if not shop_ids and not administers and roles != frozenset(EVERYBODY):
        raise RoleNeededError(sorted(roles))
    if named_shop is not None and named_shop not in shop_ids:
        raise ShopNotGrantedError
    chosen = principal.chosen_shop_id if principal.chosen_shop_id in shop_ids else None
    return Access(principal, shop_ids, named_shop or chosen)


def _bearer(request: Request) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.casefold() == "bearer" else None


async def _check_csrf(request: Request, principal: Principal) -> None:
    """A cookie is sent by any page that makes the browser call us; the token is known to ours only."""
    sent: Any = request.headers.get(CSRF_HEADER)
    if sent is None and request.headers.get("content-type", "").startswith(_FORMS):
        sent = (await request.form()).get(CSRF_FIELD)
    if not isinstance(sent, str) or not is_same(sent, principal.csrf_token):
        raise CsrfError


def check_same_origin(request: Request) -> None:
    """For forms sent before anybody is signed in: refuse what another site makes the browser send."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if site not in (None, "same-origin", "none") or (origin is not None and origin.partition("://")[2] != host):
        raise CsrfError


def open_request_session(access: AccessDep) -> Iterator[Session]:
    with session_scope(access.shop_ids) as session:
        yield session


def open_system_session(_access: AccessDep) -> Iterator[Session]:
    with system_scope() as session:
        yield session


# `function` scope: commit before the answer is sent, so a failed commit is a failed answer.
SessionDep = Annotated[Session, Depends(open_request_session, scope="function", max_concurrency=SESSIONS_AT_ONCE)]
# For core.auth alone, whose tables the program's own role cannot read.
SystemSessionDep = Annotated[Session, Depends(open_system_session, scope="function", max_concurrency=SESSIONS_AT_ONCE)]


def _is_https() -> bool:
    return get_settings().base_url.startswith("https://")


def cookie_name() -> str:
    """Return the cookie's name; the prefix binds it to this host and to https where there is https (RFC 6265bis)."""
    return "__Host-soegaki" if _is_https() else "soegaki"


def set_sign_in_cookie(response: Response, token: str) -> None:
    """Hand the sign-in's token to the browser."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=_is_https(),
        httponly=True,
        samesite="lax",
    )


def clear_sign_in_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), path="/", secure=_is_https(), httponly=True, samesite="lax")
