"""Roles, and what one caller may do. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from core.auth.errors import ShopNotChosenError, ShopNotGrantedError


class Role(StrEnum):
    """No role implies another: a person who does two kinds of work holds two grants."""

    OPERATOR = "operator"
    PACKER = "packer"
    CUSTOMER_SUCCESS = "customer_success"
    ORGANISER = "organiser"
    ADMINISTRATOR = "administrator"


EVERYBODY = tuple(Role)


class PrincipalKind(StrEnum):
    USER = "user"
    API_KEY = "api_key"


@dataclass(frozen=True)
class Principal:
    """Who calls. `roles` has every shop the caller may touch and the roles held there, a warehouse's shops included."""

    kind: PrincipalKind
    id: UUID
    name: str
    roles: Mapping[UUID, frozenset[Role]]
    warehouse_ids: frozenset[UUID] = frozenset()
    is_installation_administrator: bool = False
    language: str | None = None
    chosen_shop_id: UUID | None = None
    must_change_password: bool = False
    sign_in_id: UUID | None = None
    csrf_token: str = field(default="", repr=False)

    def shops_for(self, allowed: frozenset[Role]) -> frozenset[UUID]:
        """Return the shops where the caller holds at least one of these roles."""
        return frozenset(shop_id for shop_id, held in self.roles.items() if held & allowed)

    def has_role(self, shop_id: UUID, *roles: Role) -> bool:
        return bool(self.roles.get(shop_id, frozenset()) & set(roles))


@dataclass(frozen=True)
class Access:
    """One call that was let in: by whom, on which shops."""

    principal: Principal
    shop_ids: frozenset[UUID]
    chosen_shop_id: UUID | None = None

    @property
    def shop_id(self) -> UUID:
        """The one shop this call is about; raises ShopNotChosenError when several would do and none was named."""
        if self.chosen_shop_id is not None:
            return self.chosen_shop_id
        if len(self.shop_ids) == 1:
            return next(iter(self.shop_ids))
        raise ShopNotChosenError

    def check_shop(self, shop_id: UUID) -> UUID:
        """Return the shop when this call may touch it; otherwise raise as if it did not exist."""
        if shop_id not in self.shop_ids:
            raise ShopNotGrantedError
        return shop_id
