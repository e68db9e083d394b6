"""The command `soegaki`."""

import sys
from collections.abc import Callable

import typer

from app.commands import audit, demo, doctor, keys, rules, serve, shops, users
from app.console import say
from core.embedded.programs import ServiceError
from core.errors import AppError

COMMANDS = (serve, demo, doctor, shops, users, keys, rules, audit)

cli = typer.Typer(
    name="soegaki",
    help="添え書き: 顧客に合わせた同梱物と、まちがいのない出荷 / What goes into each parcel, proven.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in COMMANDS:
    module.register(cli)


def main() -> None:
    run_command(cli)


def run_command(command: Callable[[], object]) -> None:
    """Run a command; what we foresee is told in one line, anything else is a bug and shows where."""
    try:
        command()
    except AppError as error:
        say(f"エラー [{error.code}]: {error.message}", f"Error [{error.code}]: {error.message}")
        sys.exit(1)
    except (ServiceError, PermissionError) as error:
        say(f"エラー: {error}", f"Error: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
