"""The places of the program, and who is shown which."""

from dataclasses import dataclass
from typing import Final

from core.auth.roles import Principal, Role
from warehouse_ui.i18n import mark


@dataclass(frozen=True)
class Place:
    key: str
    path: str
    icon: str
    label: str
    roles: frozenset[Role]


def _place(key: str, path: str, icon: str, label: str, *roles: Role) -> Place:
    return Place(key, path, icon, label, frozenset(roles))


# Who may see a place is who may call its route; a test compares the two.
BENCH: Final = (Role.PACKER,)
FLOOR: Final = (Role.PACKER, Role.OPERATOR)
SHIPMENTS: Final = (Role.OPERATOR, Role.CUSTOMER_SUCCESS)
CUSTOMERS: Final = (Role.CUSTOMER_SUCCESS, Role.OPERATOR)
EVENTS: Final = (Role.ORGANISER, Role.OPERATOR)
ATTENTION: Final = (Role.OPERATOR, Role.CUSTOMER_SUCCESS)

WORK: Final = (
    _place("bench", "/bench", "scan", mark("検品台"), *BENCH),
    _place("shipments", "/shipments", "box", mark("出荷"), *SHIPMENTS),
    _place("waves", "/waves", "stack", mark("出荷バッチ"), *FLOOR),
    _place("prints", "/prints", "print", mark("印刷の記録"), *FLOOR),
    _place("customers", "/customers", "person", mark("顧客"), *CUSTOMERS),
    _place("events", "/events", "ticket", mark("公演"), *EVENTS),
)
MAKING: Final = (
    _place("rules", "/rules", "rules", mark("ルール"), Role.OPERATOR),
    _place("inserts", "/inserts", "gift", mark("同梱物"), Role.OPERATOR),
    _place("templates", "/templates", "slip", mark("帳票"), Role.OPERATOR, Role.ADMINISTRATOR),
    _place("coupons", "/coupons", "ticket", mark("クーポン"), Role.OPERATOR),
    _place("landing", "/landing", "link", mark("QRの行き先"), Role.OPERATOR),
    _place("law", "/law", "shield", mark("法令と配送"), Role.OPERATOR, Role.ADMINISTRATOR),
    _place("experiments", "/experiments", "survey", mark("実験"), Role.OPERATOR, Role.CUSTOMER_SUCCESS),
    _place("imports", "/imports", "upload", mark("取り込み"), Role.OPERATOR, Role.ORGANISER),
    _place("attention", "/attention", "bell", mark("要確認"), *ATTENTION),
)
RUNNING: Final = (
    _place("users", "/users", "people", mark("利用者"), Role.ADMINISTRATOR),
    _place("shop", "/shop", "box", mark("店舗とインボイス"), Role.OPERATOR, Role.ADMINISTRATOR),
    _place("printers", "/printers", "print", mark("プリンター"), Role.ADMINISTRATOR),
    _place("audit", "/audit", "history", mark("監査記録"), Role.ADMINISTRATOR),
)
GROUPS: Final = ((mark("仕事"), WORK), (mark("用意"), MAKING), (mark("管理"), RUNNING))


def list_places(principal: Principal) -> list[tuple[str, list[Place]]]:
    """Return the groups of places this person may enter in at least one shop."""
    held = frozenset(role for roles in principal.roles.values() for role in roles)
    if principal.is_installation_administrator:
        held |= {Role.ADMINISTRATOR}
    shown = [(title, [place for place in places if place.roles & held]) for title, places in GROUPS]
    return [(title, places) for title, places in shown if places]


def find_home(principal: Principal) -> str:
    """Return where a person starts: a packer at the bench, everybody else at the first place they may enter."""
    groups = list_places(principal)
    return groups[0][1][0].path if groups else "/account"
