"""The first user of an empty installation, whose password is shown once."""

from app.console import say
from core.auth import service
from core.context import Actor, using_context
from core.db import system_scope


def show_password(email: str, password: str) -> None:
    """Print on standard output, for the person at the terminal; it is written down nowhere."""
    say("パスワードは今だけ表示されます。", "This password is shown only now.")
    print(f"{email}\t{password}", flush=True)


def add_first_administrator(email: str = "admin@soegaki.local") -> None:
    """Make the first user of an empty installation and print how to sign in; nothing when there is any user."""
    with using_context(actor=Actor("command")), system_scope() as session:
        made = service.add_first_administrator(session, email)
    if made is not None:
        say("最初の管理者を作りました。", "The first administrator was made.")
        show_password(made[0].email, made[1])
