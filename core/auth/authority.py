"""How far an administrator's word reaches: one installation, or some shops. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.auth.errors import GrantRefusedError, ShopNotGrantedError, UserNotFoundError
from core.auth.roles import Principal, Role


@dataclass(frozen=True)
class Place:
    """Where a role is held: in a shop, in a warehouse, or (neither) in the whole installation."""

    shop_id: UUID | None = None
    warehouse_id: UUID | None = None


@dataclass(frozen=True)
class Authority:
    """`everywhere` is the installation's administrator and the command line."""

    everywhere: bool
    shop_ids: frozenset[UUID] = frozenset()

    def reaches(self, place: Place) -> bool:
        return self.everywhere or (place.shop_id is not None and place.shop_id in self.shop_ids)

    def check_place(self, place: Place) -> None:
        """Raise as if the place did not exist when it is out of reach."""
        if not self.reaches(place):
            raise ShopNotGrantedError

    def check_person(self, places: Iterable[Place]) -> None:
        """A person is disabled or given a password only by one whose word reaches every place of theirs."""
        held = list(places)
        if not self.everywhere and (not held or not all(self.reaches(place) for place in held)):
            raise UserNotFoundError


EVERYWHERE = Authority(everywhere=True)


def authority_of(principal: Principal) -> Authority:
    return Authority(principal.is_installation_administrator, principal.shops_for(frozenset({Role.ADMINISTRATOR})))


def check_grant(role: Role, place: Place) -> None:
    """Raise GrantRefusedError for a role that cannot be held there."""
    if place.shop_id is not None and place.warehouse_id is not None:
        raise GrantRefusedError("A role is granted in a shop or in a warehouse, not in both.", field="warehouse_id")
    if place.warehouse_id is not None and role is not Role.PACKER:
        raise GrantRefusedError("In a warehouse only the role packer is granted.", field="role")
    if place == Place() and role is not Role.ADMINISTRATOR:
        raise GrantRefusedError("This role needs a shop or a warehouse.", field="shop_id")
