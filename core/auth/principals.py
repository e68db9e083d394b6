"""Finds who calls, from a sign-in's cookie or an API key, with every role held in every shop."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, null, or_, select, union_all, update
from sqlalchemy.orm import Session

from core import clock
from core.auth.models import ApiKey, Grant, SignIn, User
from core.auth.roles import Principal, PrincipalKind, Role
from core.auth.signing_in import IDLE
from core.auth.tokens import hash_token, is_same_digest, read_prefix
from core.tenancy import Shop, WarehouseShop

# The time of the last use is written at most so often: reading a page should not cost a write.
SEEN_EVERY = timedelta(minutes=1)
_RoleRows = Iterable[tuple[UUID | None, UUID | None, str]]


def find_user_principal(session: Session, token: str) -> Principal | None:
    """Return the user of a sign-in; None when it is unknown, ended, too old, idle too long or the user disabled."""
    now = clock.now()
    row = session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_hash == hash_token(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.seen_at > now - IDLE,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    found, user = row
    if now - found.seen_at > SEEN_EVERY:
        session.execute(update(SignIn).where(SignIn.id == found.id).values(seen_at=now))
    return _user_principal(found, user, list(_load_role_rows(session, user.id)))


def _user_principal(found: SignIn, user: User, rows: list[tuple[UUID | None, UUID | None, str]]) -> Principal:
    roles = _roles_by_shop(rows)
    return Principal(
        kind=PrincipalKind.USER,
        id=user.id,
        name=user.name,
        roles=roles,
        warehouse_ids=frozenset(warehouse_id for _, warehouse_id, _ in rows if warehouse_id),
        is_installation_administrator=any(
            shop_id is None and warehouse_id is None for shop_id, warehouse_id, _ in rows
        ),
        language=user.language,
        # A shop that was taken away since is no longer the chosen one.
        chosen_shop_id=found.chosen_shop_id if found.chosen_shop_id in roles else None,
        must_change_password=user.must_change_password,
        sign_in_id=found.id,
        csrf_token=found.csrf_token,
    )


def _load_role_rows(session: Session, user_id: UUID) -> list[tuple[UUID | None, UUID | None, str]]:
    """Return (shop, warehouse, role); a warehouse's own row may lack a shop, the installation's has neither."""
    everywhere = (Grant.shop_id.is_(None), Grant.warehouse_id.is_(None))
    own = Grant.user_id == user_id
    statement: CompoundSelect[Any] = union_all(
        select(Grant.shop_id, Grant.warehouse_id, Grant.role).where(
            own, or_(Grant.shop_id.is_not(None), Grant.warehouse_id.is_(None))
        ),
        select(WarehouseShop.shop_id, Grant.warehouse_id, Grant.role)
        .outerjoin(WarehouseShop, WarehouseShop.warehouse_id == Grant.warehouse_id)
        .where(own, Grant.warehouse_id.is_not(None)),
        select(Shop.id, null(), Grant.role).join(Grant, Grant.user_id == user_id).where(*everywhere),
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def _roles_by_shop(rows: _RoleRows) -> dict[UUID, frozenset[Role]]:
    held: dict[UUID, set[Role]] = defaultdict(set)
    for shop_id, _, role in rows:
        if shop_id is not None:
            held[shop_id].add(Role(role))
    return {shop_id: frozenset(roles) for shop_id, roles in held.items()}


def find_key_principal(session: Session, text: str) -> Principal | None:
    """Return the holder of an API key; None when it is unknown, expired or revoked."""
    prefix, now = read_prefix(text), clock.now()
    if prefix is None:
        return None
    key = session.execute(
        select(ApiKey).where(
            ApiKey.prefix == prefix,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
        )
    ).scalar_one_or_none()
    if key is None or not is_same_digest(key.token_hash, hash_token(text)):
        return None
    if key.used_at is None or now - key.used_at > SEEN_EVERY:
        session.execute(update(ApiKey).where(ApiKey.id == key.id).values(used_at=now))
    roles = frozenset(Role(role) for role in key.roles)
    return Principal(
        kind=PrincipalKind.API_KEY,
        id=key.id,
        name=key.name,
        roles=dict.fromkeys(_shops_of_key(session, key), roles),
        warehouse_ids=frozenset({key.warehouse_id} if key.warehouse_id else ()),
    )


def _shops_of_key(session: Session, key: ApiKey) -> list[UUID]:
    if key.warehouse_id is None:
        return key.shop_ids
    statement = select(WarehouseShop.shop_id).where(WarehouseShop.warehouse_id == key.warehouse_id)
    return list(session.execute(statement).scalars())
