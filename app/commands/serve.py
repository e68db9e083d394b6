"""`soegaki serve`, everything under one supervisor, and `soegaki migrate`. It loads little, so as to start soon."""

from collections.abc import Callable

import typer

from app.console import say
from app.first_administrator import add_first_administrator
from app.ground import running_database
from app.supervisor.service import Supervisor, listen, make_probe, plan_children
from core.settings import get_settings


def register(cli: typer.Typer) -> None:
    for command in (serve, migrate):
        cli.command()(command)


def serve() -> None:
    """すべてを起動する / Start everything: database, broker, web, workers, keeper."""
    supervise(add_first_administrator, _say_ready)


def supervise(prepare: Callable[[], object], on_ready: Callable[[], None]) -> None:
    """Run everything until told to stop.

    `prepare` runs before the first child starts, `on_ready` once the web application answers.
    """
    settings = get_settings()
    with listen(settings.web_host, settings.web_port) as listener:
        say("PostgreSQL と Valkey を起動しています…", "Starting PostgreSQL and Valkey …")
        with running_database(migrating=True):
            prepare()
            say("Web・ワーカー・キーパーを起動しています…", "Starting web, workers and keeper …")
            supervisor = Supervisor(
                plan_children(get_settings(), listener), make_probe(settings.web_host, settings.web_port), on_ready
            )
            supervisor.run()
            say("停止しています…", "Stopping …")


def _say_ready() -> None:
    address = get_settings().base_url
    say(f"起動しました: {address} (停止は Ctrl-C)", f"Running at {address} (Ctrl-C stops)")


def migrate() -> None:
    """データベースを最新にする / Bring the database up to date."""
    with running_database(migrating=True):
        say("データベースは最新です。", "The database is up to date.")
