"""`soegaki key`: API keys of programs."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from app.console import say
from app.program import running_program
from core import clock
from core.auth import keys as service
from core.auth.authority import EVERYWHERE
from core.auth.places import find_place, read_role
from core.context import Actor, using_context
from core.db import system_scope

keys = typer.Typer(help="API キー / Keys of programs.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    cli.add_typer(keys, name="key")


@keys.command()
def add(
    name: Annotated[str, typer.Argument(help="何のためのキーか / what it is for")],
    role: Annotated[list[str], typer.Option(help="operator, packer, customer_success, organiser, administrator")],
    at: Annotated[list[str], typer.Option("--at", help="SHOP, warehouse:SLUG")],
    days: Annotated[int | None, typer.Option(min=1, help="有効日数 / days until it expires")] = None,
) -> None:
    """API キーを作り、1 度だけ表示する / Make an API key and print it, once."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        places = [find_place(session, where) for where in at]
        scope = service.KeyScope(
            frozenset(read_role(text) for text in role),
            frozenset(place.shop_id for place in places if place.shop_id),
            next((place.warehouse_id for place in places if place.warehouse_id), None),
        )
        expires_at = clock.now() + timedelta(days=days) if days else None
        key, text = service.add_key(session, EVERYWHERE, name=name, scope=scope, expires_at=expires_at)
    _show(key.id, text)


@keys.command("list")
def list_keys() -> None:
    """有効なキーの一覧 / The keys that still open something."""
    with running_program(), system_scope() as session:
        for key in service.list_keys(session, EVERYWHERE):
            until = key.expires_at.isoformat() if key.expires_at else "-"
            print(f"{key.id}\t{key.prefix}\t{','.join(key.roles)}\t{until}\t{key.name}")


@keys.command()
def rotate(key_id: UUID, overlap_hours: Annotated[int, typer.Option(min=0)] = 24) -> None:
    """後継キーを作る。古いキーは猶予のあと無効になる / Make a successor; the old key works on for a while."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        key, text = service.rotate_key(session, EVERYWHERE, key_id, overlap=timedelta(hours=overlap_hours))
    _show(key.id, text)


@keys.command()
def revoke(key_id: UUID) -> None:
    """キーをすぐに無効にする / End a key at once."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        service.revoke_key(session, EVERYWHERE, key_id)


def _show(key_id: UUID, text: str) -> None:
    say("キーは今だけ表示されます。", "This key is shown only now.")
    print(f"{key_id}\t{text}", flush=True)
