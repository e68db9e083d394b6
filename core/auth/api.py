"""JSON endpoints of signing in, of one's own account, and of administration."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from core.auth import keys, service, signing_in
from core.auth.authority import Authority, Place, authority_of
from core.auth.errors import ForeignCallerError
from core.auth.models import ApiKey
from core.auth.roles import Access, PrincipalKind, Role
from core.auth.schemas import (
    CallerOut,
    GrantIn,
    GrantOut,
    KeyIn,
    KeyMadeOut,
    KeyOut,
    KeyRotationIn,
    PasswordIn,
    ShopChoiceIn,
    ShopRolesOut,
    SignInIn,
    SignInOut,
    UserIn,
    UserMadeOut,
    UserOut,
)
from core.web import (
    AccessDep,
    SystemSessionDep,
    check_same_origin,
    clear_sign_in_cookie,
    public,
    require,
    require_anyone,
    set_sign_in_cookie,
)

router = APIRouter(prefix="/api", tags=["administration"])
Anyone = Annotated[Access, require_anyone()]
Administrator = Annotated[Access, require(Role.ADMINISTRATOR)]


def get_authority(access: AccessDep) -> Authority:
    return authority_of(access.principal)


AuthorityDep = Annotated[Authority, Depends(get_authority)]


def _user_only(access: Access) -> Access:
    if access.principal.kind is not PrincipalKind.USER:
        raise ForeignCallerError
    return access


@router.post("/auth/sign-in", dependencies=[public("nobody is signed in yet"), Depends(check_same_origin)])
def sign_in(sent: SignInIn, request: Request, response: Response) -> SignInOut:
    address = request.client.host if request.client else "unknown"
    opened = signing_in.sign_in(sent.email, sent.password, address=address)
    set_sign_in_cookie(response, opened.token)
    return SignInOut(csrf_token=opened.csrf_token, must_change_password=opened.must_change_password)


@router.post("/auth/sign-out", status_code=204)
def sign_out(access: Anyone, session: SystemSessionDep, response: Response) -> None:
    sign_in_id = _user_only(access).principal.sign_in_id
    if sign_in_id is not None:
        signing_in.sign_out(session, sign_in_id)
    clear_sign_in_cookie(response)


@router.get("/auth/me")
def show_caller(access: Anyone) -> CallerOut:
    caller = access.principal
    return CallerOut(
        kind=caller.kind,
        id=caller.id,
        name=caller.name,
        language=caller.language,
        shops=[ShopRolesOut(shop_id=shop_id, roles=sorted(roles)) for shop_id, roles in sorted(caller.roles.items())],
        chosen_shop_id=access.chosen_shop_id,
        must_change_password=caller.must_change_password,
        csrf_token=caller.csrf_token,
    )


@router.post("/auth/shop", status_code=204)
def choose_shop(sent: ShopChoiceIn, access: Anyone, session: SystemSessionDep) -> None:
    signing_in.choose_shop(session, _user_only(access).principal, sent.shop_id)


@router.post("/auth/password", status_code=204)
def change_password(sent: PasswordIn, access: Anyone, session: SystemSessionDep) -> None:
    caller = _user_only(access).principal
    service.change_password(session, caller.id, old=sent.old, new=sent.new, keep_sign_in=caller.sign_in_id)


@router.get("/users")
def list_users(_access: Administrator, authority: AuthorityDep, session: SystemSessionDep) -> list[UserOut]:
    found = service.list_users(session, authority)
    return [
        UserOut(
            id=user.id,
            email=user.email,
            name=user.name,
            language=user.language,
            disabled_at=user.disabled_at,
            grants=[GrantOut.model_validate(grant) for grant in grants],
        )
        for user, grants in found
    ]


@router.post("/users", status_code=201)
def add_user(sent: UserIn, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep) -> UserMadeOut:
    """Create a user with the first grants; the answer holds a password to be changed."""
    user, password = service.add_user(session, email=sent.email, name=sent.name, language=sent.language)
    for grant in sent.grants:
        service.grant_role(session, authority, user.id, grant.role, Place(grant.shop_id, grant.warehouse_id))
    return UserMadeOut(id=user.id, password=password)


@router.post("/users/{user_id}/grants", status_code=204)
def grant_role(
    user_id: UUID, sent: GrantIn, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep
) -> None:
    service.grant_role(session, authority, user_id, sent.role, Place(sent.shop_id, sent.warehouse_id))


@router.post("/users/{user_id}/grants/revoke", status_code=204)
def revoke_role(
    user_id: UUID, sent: GrantIn, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep
) -> None:
    service.revoke_role(session, authority, user_id, sent.role, Place(sent.shop_id, sent.warehouse_id))


@router.post("/users/{user_id}/disable", status_code=204)
def disable_user(user_id: UUID, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep) -> None:
    service.disable_user(session, authority, user_id)


@router.post("/users/{user_id}/enable", status_code=204)
def enable_user(user_id: UUID, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep) -> None:
    service.enable_user(session, authority, user_id)


@router.post("/users/{user_id}/password")
def reset_password(
    user_id: UUID, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep
) -> UserMadeOut:
    return UserMadeOut(id=user_id, password=service.reset_password(session, authority, user_id))


@router.get("/keys")
def list_keys(_access: Administrator, authority: AuthorityDep, session: SystemSessionDep) -> list[KeyOut]:
    return [KeyOut.model_validate(key) for key in keys.list_keys(session, authority)]


@router.post("/keys", status_code=201)
def add_key(sent: KeyIn, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep) -> KeyMadeOut:
    scope = keys.KeyScope(frozenset(sent.roles), frozenset(sent.shop_ids), sent.warehouse_id)
    key, text = keys.add_key(session, authority, name=sent.name, scope=scope, expires_at=sent.expires_at)
    return _show_made(key, text)


@router.post("/keys/{key_id}/rotate", status_code=201)
def rotate_key(
    key_id: UUID, sent: KeyRotationIn, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep
) -> KeyMadeOut:
    return _show_made(*keys.rotate_key(session, authority, key_id, overlap=timedelta(hours=sent.overlap_hours)))


@router.post("/keys/{key_id}/revoke", status_code=204)
def revoke_key(key_id: UUID, _access: Administrator, authority: AuthorityDep, session: SystemSessionDep) -> None:
    keys.revoke_key(session, authority, key_id)


def _show_made(key: ApiKey, text: str) -> KeyMadeOut:
    return KeyMadeOut(**KeyOut.model_validate(key).model_dump(), key=text)
