"""Finds who calls, from a sign-in's cookie or an API key, with every role held in every shop.

Every request begins with this, so it is one statement; a grant that is taken away is gone at the next request.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text, update
from sqlalchemy.orm import Session

from core import clock
from core.auth.models import ApiKey, SignIn
from core.auth.roles import Principal, PrincipalKind, Role
from core.auth.signing_in import IDLE
from core.auth.tokens import hash_token, is_same_digest, read_prefix

# The time of the last use is written at most so often: reading a page should not cost a write.
SEEN_EVERY: Final = timedelta(minutes=1)
_RoleRow = tuple[str | None, str | None, str]

# Roles as [shop, warehouse, role]; a warehouse's own row may lack a shop, the installation's first row has neither.
_USER: Final = text("""
    SELECT s.id, s.csrf_token, s.chosen_shop_id, s.seen_at, u.id AS user_id, u.name, u.language, u.must_change_password,
           (SELECT coalesce(json_agg(json_build_array(r.shop_id, r.warehouse_id, r.role)), '[]') FROM (
                SELECT shop_id, warehouse_id, role FROM grants WHERE user_id = u.id AND warehouse_id IS NULL
                UNION ALL
                SELECT w.shop_id, g.warehouse_id, g.role
                FROM grants g LEFT JOIN warehouse_shops w ON w.warehouse_id = g.warehouse_id
                WHERE g.user_id = u.id AND g.warehouse_id IS NOT NULL
                UNION ALL
                SELECT shops.id, NULL, g.role FROM grants g CROSS JOIN shops
                WHERE g.user_id = u.id AND g.shop_id IS NULL AND g.warehouse_id IS NULL
           ) r) AS roles
    FROM sign_ins s JOIN users u ON u.id = s.user_id
    WHERE s.token_hash = :token_hash AND s.ended_at IS NULL AND s.expires_at > :now AND s.seen_at > :idle_since
      AND u.disabled_at IS NULL
""")
_KEY: Final = text("""
    SELECT k.id, k.name, k.token_hash, k.roles, k.shop_ids, k.warehouse_id, k.used_at,
           ARRAY(SELECT w.shop_id FROM warehouse_shops w WHERE w.warehouse_id = k.warehouse_id) AS served
    FROM api_keys k
    WHERE k.prefix = :prefix AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now)
""")


def find_user_principal(session: Session | Connection, token: str) -> Principal | None:
    """Return the user of a sign-in; None when it is unknown, ended, too old, idle too long or the user disabled."""
    now = clock.now()
    row = session.execute(_USER, {"token_hash": hash_token(token), "now": now, "idle_since": now - IDLE}).one_or_none()
    if row is None:
        return None
    if now - row.seen_at > SEEN_EVERY:
        session.execute(update(SignIn).where(SignIn.id == row.id).values(seen_at=now))
    roles = _roles_by_shop(row.roles)
    return Principal(
        kind=PrincipalKind.USER,
        id=row.user_id,
        name=row.name,
        roles=roles,
        warehouse_ids=frozenset(UUID(warehouse_id) for _, warehouse_id, _ in row.roles if warehouse_id),
        is_installation_administrator=any(shop_id is warehouse_id is None for shop_id, warehouse_id, _ in row.roles),
        language=row.language,
        # A shop that was taken away since is no longer the chosen one.
        chosen_shop_id=row.chosen_shop_id if row.chosen_shop_id in roles else None,
        must_change_password=row.must_change_password,
        sign_in_id=row.id,
        csrf_token=row.csrf_token,
    )


def _roles_by_shop(rows: Iterable[_RoleRow]) -> dict[UUID, frozenset[Role]]:
    held: dict[UUID, set[Role]] = defaultdict(set)
    for shop_id, _, role in rows:
        if shop_id is not None:
            held[UUID(shop_id)].add(Role(role))
    return {shop_id: frozenset(roles) for shop_id, roles in held.items()}


def find_key_principal(session: Session | Connection, key: str) -> Principal | None:
    """Return the holder of an API key; None when it is unknown, expired or revoked."""
    prefix, now = read_prefix(key), clock.now()
    if prefix is None:
        return None
    row = session.execute(_KEY, {"prefix": prefix, "now": now}).one_or_none()
    if row is None or not is_same_digest(row.token_hash, hash_token(key)):
        return None
    if row.used_at is None or now - row.used_at > SEEN_EVERY:
        session.execute(update(ApiKey).where(ApiKey.id == row.id).values(used_at=now))
    roles = frozenset(Role(role) for role in row.roles)
    return Principal(
        kind=PrincipalKind.API_KEY,
        id=row.id,
        name=row.name,
        roles=dict.fromkeys(row.served if row.warehouse_id else row.shop_ids, roles),
        warehouse_ids=frozenset({row.warehouse_id} if row.warehouse_id else ()),
    )
