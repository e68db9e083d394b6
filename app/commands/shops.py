"""`soegaki shop`: open a shop, list shops, open its webhook doors."""

import json
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from app.console import say
from app.opening import ShopIn, open_shop
from app.program import running_program
from core.auth.places import find_place
from core.context import Actor, using_context
from core.db import session_scope, system_scope
from core.errors import InvalidInputError
from core.settings import get_settings
from core.tenancy import Shop
from orders.channels.registry import CHANNELS
from orders.intake.channels import create_channel

shops = typer.Typer(help="店舗 / Shops.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    cli.add_typer(shops, name="shop")


@shops.command()
def add(
    slug: Annotated[str, typer.Argument(help="短い名前 (英小文字) / short name, lower-case letters")],
    name: Annotated[str, typer.Option(help="店舗名 / name in Japanese")],
    name_en: Annotated[str, typer.Option(help="英語名 / name in English")],
    warehouse: Annotated[str, typer.Option(help="倉庫の短い名前 / short name of its warehouse")] = "main",
    profile: Annotated[Path | None, typer.Option(help="帳票に印刷する内容 (JSON) / what papers print")] = None,
) -> None:
    """店舗を開く: 倉庫・配送サービス・帳票つき / Open a shop with warehouse, delivery services and papers."""
    wanted = ShopIn(
        slug=slug,
        name=name,
        name_en=name_en,
        warehouse_slug=warehouse,
        warehouse_name="倉庫",
        warehouse_name_en="Warehouse",
        profile=_read_object(profile) if profile else {},
    )
    with running_program(), using_context(actor=Actor("command")):
        opened = open_shop(wanted)
    say(f"店舗 {slug} を開きました。", f"Shop {slug} is open.")
    print(opened.shop_id)


@shops.command("list")
def list_shops() -> None:
    """店舗の一覧 / The shops."""
    with running_program(), system_scope() as session:
        for shop in session.scalars(select(Shop).order_by(Shop.slug)):
            print(f"{shop.id}\t{shop.slug}\t{shop.name}\t{shop.name_en}")


@shops.command("channel")
def open_channel(
    shop: Annotated[str, typer.Argument(help="店舗 / shop")],
    kind: Annotated[str, typer.Argument(help=", ".join(sorted(CHANNELS)))],
    secret: Annotated[str | None, typer.Option(help="署名の鍵。なければ作る / signing secret; made if absent")] = None,
    domain: Annotated[str | None, typer.Option(help="shopify: xxx.myshopify.com")] = None,
) -> None:
    """Webhook の受け口を開き、宛先と鍵を 1 度だけ表示する / Open a webhook door; address and secret are shown once."""
    settings = {"shop_domain": domain} if domain else {}
    with running_program(), using_context(actor=Actor("command")):
        with system_scope() as session:
            shop_id = find_place(session, shop).shop_id
        if shop_id is None:
            raise InvalidInputError("Name a shop.", field="shop")
        with session_scope([shop_id]) as session:
            door = create_channel(session, shop_id, kind, secret=secret, settings=settings)
    say(
        "宛先と署名の鍵です。鍵は今だけ表示されます。送る側のシステムに登録してください。",
        "Address and signing secret; the secret is shown only now. Register both where orders come from.",
    )
    print(f"{get_settings().base_url.rstrip('/')}{door.path}")
    print(door.secret)


def _read_object(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path} cannot be read as JSON: {error}", field="profile") from None
    if not isinstance(found, dict):
        raise InvalidInputError(f"{path} holds no JSON object.", field="profile")
    return found
