"""Makes an empty demo shop: shop and warehouse, people who sign in, keys for programs, the webhook door, papers."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.opening import ShopIn, open_shop
from core.auth.authority import EVERYWHERE, Place
from core.auth.keys import KeyScope, add_key
from core.auth.roles import Role
from core.auth.service import add_user, find_user, grant_role
from core.db import session_scope, system_scope
from fulfillment.landing.service import Choice, save_choice
from orders.intake.channels import create_channel

# Sample data only: the demo refuses to run where it would matter.
PASSWORD: Final = "ocha-to-hada"  # noqa: S105 (printed by the demo)
WAREHOUSE: Final = "kawane"
# Invented: the check digit is right (法人番号の検査用数字), and no company can have twelve noughts behind it.
REGISTRATION_NUMBER: Final = "T9000000000000"


@dataclass(frozen=True)
class ShopPlan:
    """What a demo shop is called and prints; `contents` is what carriers are told."""

    slug: str
    name: str
    name_en: str
    tagline: str
    contents: str
    contents_en: str
    domain: str


FACE: Final = ShopPlan(
    "shizuku", "茶と肌 しずく堂", "Shizukudo Tea & Skin", "静岡・川根の茶葉と、茶の実の化粧品",
    "茶・化粧品", "Tea and cosmetics", "shizukudo.myshopify.com",
)  # fmt: skip
VOLUME: Final = ShopPlan(
    "journey", "ジャーニーマート", "Journey Mart", "いつもの店を、そのまま玄関へ",
    "食品・日用品", "Groceries", "journeymart.myshopify.com",
)  # fmt: skip
PLANS: Final = {"face": FACE, "volume": VOLUME}


@dataclass(frozen=True)
class SignIn:
    email: str
    name: str
    role: Role
    title: str


SIGN_INS: Final = (
    SignIn("admin@example.jp", "管理 さくら", Role.ADMINISTRATOR, "管理者"),
    SignIn("ec@example.jp", "運営 みどり", Role.OPERATOR, "EC担当"),
    SignIn("pack@example.jp", "倉庫 たける", Role.PACKER, "倉庫・検品"),
    SignIn("cs@example.jp", "窓口 あおい", Role.CUSTOMER_SUCCESS, "CS"),
    SignIn("event@example.jp", "主催 りく", Role.ORGANISER, "イベント主催者"),
)


@dataclass(frozen=True)
class DemoShop:
    """`hook_path` and `secret` are what the web shop would be told."""

    shop_id: UUID
    warehouse_id: UUID
    slug: str
    domain: str
    hook_path: str
    secret: str


def _profile(plan: ShopPlan) -> dict[str, Any]:
    return {
        "tagline": plan.tagline,
        "tagline_en": plan.name_en,
        "postal_code": "428-0300",
        "address": "静岡県榛原郡川根本町しずく1-2-3",
        "address_en": "1-2-3 Shizuku, Kawanehon, Shizuoka, Japan",
        "phone": "0547-00-0000",
        "email": "hello@example.jp",
        "url": f"{plan.slug}.example.jp",
        "registration_number": REGISTRATION_NUMBER,
        "contents": plan.contents,
        "contents_en": plan.contents_en,
        "signature": "店主 しずく",
        "signature_en": "Shizuku, shopkeeper",
        "delivery_service": "yamato_takkyubin",
    }


def make_shop(plan: ShopPlan, *, secret: str) -> DemoShop:
    """Create the shop with everything but its data. Not to be repeated: the slug is unique."""
    opened = open_shop(
        ShopIn(
            slug=plan.slug,
            name=plan.name,
            name_en=plan.name_en,
            warehouse_slug=WAREHOUSE,
            warehouse_name="川根倉庫",
            warehouse_name_en="Kawane warehouse",
            profile=_profile(plan),
        )
    )
    shop_id, warehouse_id = opened.shop_id, opened.warehouse_id
    with session_scope([shop_id]) as session:
        door = create_channel(session, shop_id, "shopify", secret=secret, settings={"shop_domain": plan.domain})
        save_choice(session, shop_id, Choice(address=f"https://{plan.slug}.example.jp/otayori"), seen_version=0)
    return DemoShop(shop_id, warehouse_id, plan.slug, plan.domain, door.path, door.secret)


def add_people(shop: DemoShop) -> None:
    """Give each role a sign-in. Repeating it changes nothing."""
    with system_scope() as session:
        for sign_in in SIGN_INS:
            user = find_user(session, sign_in.email)
            if user is None:
                user, _ = add_user(session, email=sign_in.email, name=sign_in.name, language="ja", password=PASSWORD)
            grant_role(session, EVERYWHERE, user.id, sign_in.role, _choose_place(sign_in.role, shop))


def _choose_place(role: Role, shop: DemoShop) -> Place:
    places = {Role.ADMINISTRATOR: Place(), Role.PACKER: Place(warehouse_id=shop.warehouse_id)}
    return places.get(role, Place(shop.shop_id))


def add_organiser_key(shop: DemoShop, run: str) -> str:
    """Return the text of a fresh key of an organiser of this shop."""
    with system_scope() as session:
        scope = KeyScope(frozenset({Role.ORGANISER}), frozenset({shop.shop_id}))
        return add_key(session, EVERYWHERE, name=f"demo organiser {run}", scope=scope)[1]


def add_keys(shop: DemoShop, run: str) -> tuple[str, str]:
    """Return the texts of two fresh keys: an operator's for this shop, a packer's for its warehouse."""
    with system_scope() as session:
        operator = KeyScope(frozenset({Role.OPERATOR}), frozenset({shop.shop_id}))
        packer = KeyScope(frozenset({Role.PACKER}), warehouse_id=shop.warehouse_id)
        _, operator_text = add_key(session, EVERYWHERE, name=f"demo {run}", scope=operator)
        _, packer_text = add_key(session, EVERYWHERE, name=f"demo packer {run}", scope=packer)
    return operator_text, packer_text
