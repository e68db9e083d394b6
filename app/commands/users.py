"""`soegaki user`: people who sign in, and what they may do."""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from app.console import say
from app.first_administrator import show_password
from app.program import running_program
from core.auth import service
from core.auth.authority import EVERYWHERE
from core.auth.errors import UserNotFoundError
from core.auth.models import User
from core.auth.places import read_grant
from core.context import Actor, using_context
from core.db import system_scope

Email = Annotated[str, typer.Argument(help="メールアドレス / e-mail address")]
Grants = Annotated[
    list[str],
    typer.Option("--grant", help="operator@SHOP, packer@warehouse:SLUG, administrator …"),
]
users = typer.Typer(help="利用者 / People who sign in.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    cli.add_typer(users, name="user")


@users.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="名前 / name")],
    grant: Grants,
    language: Annotated[str | None, typer.Option(help="ja, en")] = None,
) -> None:
    """利用者を追加し、パスワードを 1 度だけ表示する / Add a user and print a password, once."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        user, password = service.add_user(session, email=email, name=name, language=language)
        _grant(session, user, grant)
    show_password(user.email, password)


@users.command("grant")
def add_grant(email: Email, grant: Grants) -> None:
    """権限を加える / Grant roles."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        _grant(session, _get(session, email), grant)
    say(f"{email} に権限を加えました。", f"{email} has the roles.")


@users.command()
def revoke(email: Email, grant: Grants) -> None:
    """権限を取り上げる / Take roles away, at once."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        user = _get(session, email)
        for text in grant:
            service.revoke_role(session, EVERYWHERE, user.id, *read_grant(session, text))
    say(f"{email} の権限を取り上げました。", f"{email} has the roles no more.")


@users.command()
def disable(email: Email) -> None:
    """サインインできなくする / Shut a user out, at once."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        service.disable_user(session, EVERYWHERE, _get(session, email).id)
    say(f"{email} はサインインできなくなりました。", f"{email} is shut out.")


@users.command()
def enable(email: Email) -> None:
    """もう一度サインインできるようにする / Let a disabled user in again."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        service.enable_user(session, EVERYWHERE, _get(session, email).id)
    say(f"{email} はサインインできます。", f"{email} may sign in again.")


@users.command()
def password(email: Email) -> None:
    """新しいパスワードを 1 度だけ表示する / Draw a new password and print it, once."""
    with running_program(), using_context(actor=Actor("command")), system_scope() as session:
        user = _get(session, email)
        drawn = service.reset_password(session, EVERYWHERE, user.id)
    show_password(user.email, drawn)


def _get(session: Session, email: str) -> User:
    user = service.find_user(session, email)
    if user is None:
        raise UserNotFoundError
    return user


def _grant(session: Session, user: User, grants: list[str]) -> None:
    for text in grants:
        role, place = read_grant(session, text)
        service.grant_role(session, EVERYWHERE, user.id, role, place)
