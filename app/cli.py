"""The command `soegaki`."""

import importlib
import sys
from collections.abc import Callable
from typing import Final

import typer

from app.console import say
from core.embedded.programs import ServiceError
from core.errors import AppError

# Command → the module in app/commands that brings it. Only that one is loaded: `serve` starts four processes at once.
COMMANDS: Final = {
    "serve": "serve",
    "demo": "demo",
    "doctor": "doctor",
    "migrate": "serve",
    "web": "parts",
    "worker": "parts",
    "keeper": "parts",
    "shop": "shops",
    "user": "users",
    "key": "keys",
    "rules": "rules",
    "inserts": "rules",
    "replay": "rules",
    "predictions": "predictions",
    "audit": "audit",
}
HELP: Final = "添え書き: 顧客に合わせた同梱物と、まちがいのない出荷 / What goes into each parcel, proven."


def make_cli(command: str | None = None) -> typer.Typer:
    """Return the command line with what this command needs; with all of them when it is none we know."""
    cli = typer.Typer(
        name="soegaki", help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    # Without it, Typer would take a single command for the whole program.
    cli.callback()(lambda: None)
    modules = [COMMANDS[command]] if command in COMMANDS else dict.fromkeys(COMMANDS.values())
    for name in modules:
        importlib.import_module(f"app.commands.{name}").register(cli)
    return cli


def main() -> None:
    run_command(make_cli(next(iter(sys.argv[1:]), None)))


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
