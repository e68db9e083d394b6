"""Builders of shops, warehouses, users and keys."""

from collections.abc import Collection
from itertools import count
from uuid import UUID

from core.auth.authority import EVERYWHERE, Place
from core.auth.keys import KeyScope, add_key
from core.auth.models import User
from core.auth.roles import Role
from core.auth.service import add_user, grant_role
from core.auth.signing_in import NewSignIn, open_sign_in
from core.db import system_scope
from core.ids import new_id
from core.tenancy import Shop, Warehouse, WarehouseShop

_serial = count(1)
PASSWORD = "correct horse battery"


def make_shop(slug: str | None = None, *, warehouse_id: UUID | None = None) -> UUID:
    """Make a shop, served by a warehouse if one is given."""
    number = next(_serial)
    with system_scope() as session:
        shop = Shop(id=new_id(), slug=slug or f"shop-{number}", name=f"店舗{number}", name_en=f"Shop {number}")
        session.add(shop)
        session.flush()
        if warehouse_id is not None:
            session.add(WarehouseShop(shop_id=shop.id, warehouse_id=warehouse_id))
    return shop.id


def make_warehouse(slug: str | None = None) -> UUID:
    number = next(_serial)
    with system_scope() as session:
        warehouse = Warehouse(
            id=new_id(), slug=slug or f"warehouse-{number}", name=f"倉庫{number}", name_en=f"Warehouse {number}"
        )
        session.add(warehouse)
    return warehouse.id


def make_user(
    *grants: tuple[Role, Place], email: str | None = None, name: str = "架空 花子", language: str | None = None
) -> User:
    """Make a user with PASSWORD and these grants."""
    with system_scope() as session:
        user, _ = add_user(
            session,
            email=email or f"user{next(_serial)}@example.com",
            name=name,
            language=language,
            password=PASSWORD,
        )
        for role, place in grants:
            grant_role(session, EVERYWHERE, user.id, role, place)
    return user


def make_sign_in(user: User) -> NewSignIn:
    with system_scope() as session:
        return open_sign_in(session, user)


def make_key(
    roles: Collection[Role], *, shop_ids: Collection[UUID] = (), warehouse_id: UUID | None = None, name: str = "program"
) -> tuple[UUID, str]:
    """Make an API key; return its id and its text."""
    scope = KeyScope(frozenset(roles), frozenset(shop_ids), warehouse_id)
    with system_scope() as session:
        key, text = add_key(session, EVERYWHERE, name=name, scope=scope)
    return key.id, text
