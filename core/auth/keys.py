"""API keys: made, rotated and revoked. Needs a session of the system role."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.auth.authority import Authority, Place, check_grant
from core.auth.errors import ApiKeyNotFoundError, GrantRefusedError
from core.auth.models import ApiKey
from core.auth.roles import Role
from core.auth.tokens import new_key
from core.context import get_context


@dataclass(frozen=True)
class KeyScope:
    """What a key may do: these roles in these shops, or a packer's in one warehouse."""

    roles: frozenset[Role]
    shop_ids: frozenset[UUID] = frozenset()
    warehouse_id: UUID | None = None

    def places(self) -> list[Place]:
        shops = [Place(shop_id=shop_id) for shop_id in sorted(self.shop_ids)]
        return [*shops, *([Place(warehouse_id=self.warehouse_id)] if self.warehouse_id else [])]


def _check_scope(authority: Authority, scope: KeyScope) -> None:
    places = scope.places()
    if not scope.roles or not places:
        raise GrantRefusedError("A key needs at least one role and one shop or warehouse.", field="roles")
    if scope.warehouse_id is not None and scope.shop_ids:
        raise GrantRefusedError("A key is for shops or for a warehouse, not for both.", field="warehouse_id")
    for place in places:
        authority.check_place(place)
        for role in sorted(scope.roles):
            check_grant(role, place)


def add_key(
    session: Session, authority: Authority, *, name: str, scope: KeyScope, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Create a key. Returns its text too, which cannot be shown again."""
    _check_scope(authority, scope)
    if not name.strip():
        raise GrantRefusedError("A key needs a name.", field="name")
    made, actor = new_key(), get_context().actor
    key = ApiKey(
        name=name.strip(),
        prefix=made.prefix,
        token_hash=made.token_hash,
        roles=sorted(scope.roles),
        shop_ids=sorted(scope.shop_ids),
        warehouse_id=scope.warehouse_id,
        expires_at=expires_at,
        created_by_id=actor.id if actor.kind == "user" else None,
    )
    session.add(key)
    session.flush()  # Its id is wanted by the audit entry.
    _record(session, "auth:key:added", key)
    return key, made.text


def rotate_key(session: Session, authority: Authority, key_id: UUID, *, overlap: timedelta) -> tuple[ApiKey, str]:
    """Make a successor with the same scope; the old key works on for `overlap`."""
    old = _get_key(session, authority, key_id)
    until = clock.now() + overlap
    old.expires_at = min(old.expires_at, until) if old.expires_at else until
    scope = KeyScope(frozenset(Role(role) for role in old.roles), frozenset(old.shop_ids), old.warehouse_id)
    _record(session, "auth:key:rotated", old)
    return add_key(session, authority, name=old.name, scope=scope)


def revoke_key(session: Session, authority: Authority, key_id: UUID) -> None:
    """End a key at once. Repeating it changes nothing."""
    key = _get_key(session, authority, key_id)
    statement = update(ApiKey).where(ApiKey.id == key.id, ApiKey.revoked_at.is_(None)).values(revoked_at=clock.now())
    if session.execute(statement.returning(ApiKey.id)).scalar_one_or_none() is not None:
        _record(session, "auth:key:revoked", key)


def list_keys(session: Session, authority: Authority) -> list[ApiKey]:
    """Return the keys within reach that still open something, newest first."""
    now = clock.now()
    alive = (ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
    keys = session.execute(select(ApiKey).where(*alive).order_by(ApiKey.id.desc())).scalars()
    return [key for key in keys if _is_within(authority, key)]


def _is_within(authority: Authority, key: ApiKey) -> bool:
    shops = frozenset(key.shop_ids)
    return authority.everywhere or (key.warehouse_id is None and bool(shops) and shops <= authority.shop_ids)


def _get_key(session: Session, authority: Authority, key_id: UUID) -> ApiKey:
    key = session.get(ApiKey, key_id)
    if key is None or not _is_within(authority, key):
        raise ApiKeyNotFoundError
    return key


def _record(session: Session, tag: str, key: ApiKey) -> None:
    shop_id = key.shop_ids[0] if len(key.shop_ids) == 1 else None
    record(session, tag, shop_id=shop_id, subject_id=key.id, details={"roles": list(key.roles)})
