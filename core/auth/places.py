"""Grants as people type them: `operator@tea`, `packer@warehouse:tokyo`, `administrator`."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.auth.authority import Place, check_grant
from core.auth.errors import GrantRefusedError
from core.auth.roles import Role
from core.tenancy import Shop, Warehouse

_WAREHOUSE = "warehouse:"


def read_role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise GrantRefusedError(f"There is no role {text!r}; roles are {', '.join(Role)}.", field="role") from None


def read_grant(session: Session, text: str) -> tuple[Role, Place]:
    """Return role and place; raises GrantRefusedError naming what is not known."""
    name, _, where = text.partition("@")
    role, place = read_role(name), find_place(session, where)
    check_grant(role, place)
    return role, place


def find_place(session: Session, where: str) -> Place:
    """Return the shop of a slug, the warehouse of `warehouse:slug`, or the installation for an empty text."""
    if not where:
        return Place()
    if where.startswith(_WAREHOUSE):
        slug = where.removeprefix(_WAREHOUSE)
        return Place(warehouse_id=_get_id(session, select(Warehouse.id).where(Warehouse.slug == slug), where))
    return Place(shop_id=_get_id(session, select(Shop.id).where(Shop.slug == where), where))


def _get_id(session: Session, statement: object, where: str) -> UUID:
    found: UUID | None = session.execute(statement).scalar_one_or_none()  # type: ignore[call-overload]
    if found is None:
        raise GrantRefusedError(f"There is no {where!r}.", field="place")
    return found
