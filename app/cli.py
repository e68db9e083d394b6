"""The command `soegaki`."""

import sys

import typer

from app.commands import audit, doctor, keys, serve, users
from app.console import say
from core.embedded.programs import ServiceError
from core.errors import AppError

COMMANDS = (serve, doctor, users, keys, audit)

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
    """Run a command; what we foresee is told in one line, anything else is a bug and shows where."""
    try:
        cli()
    except AppError as error:
        say(f"エラー [{error.code}]: {error.message}", f"Error [{error.code}]: {error.message}")
        sys.exit(1)
    except (ServiceError, PermissionError) as error:
        say(f"エラー: {error}", f"Error: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
