"""`soegaki serve` and its parts: web, worker, keeper, migrate."""

import socket
from collections.abc import Callable
from typing import Annotated

import typer
import uvicorn

from app.commands.users import add_first_administrator
from app.console import say
from app.duties import list_duties
from app.keeper import keep
from app.program import running_program
from app.supervisor.service import Supervisor, listen, make_probe, plan_children
from core.jobs.celery import run_worker
from core.settings import get_settings

GRACE_SECONDS = 5
# A part that starts while the database restarts waits for it.
DATABASE_PATIENCE = 30.0


def register(cli: typer.Typer) -> None:
    for command in (serve, web, worker, keeper, migrate):
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
        with running_program(migrating=True):
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


def web(fd: Annotated[int | None, typer.Option(hidden=True)] = None) -> None:
    """Web アプリだけ / The web application alone."""
    settings = get_settings()
    listener = socket.socket(fileno=fd) if fd is not None else listen(settings.web_host, settings.web_port)
    with listener, running_program(patience=DATABASE_PATIENCE):
        config = uvicorn.Config(
            "app.main:create_app",
            factory=True,
            loop="uvloop",
            http="httptools",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        uvicorn.Server(config).run(sockets=[listener])


def worker() -> None:
    """ワーカー 1 つ / One worker, which runs jobs."""
    with running_program(patience=DATABASE_PATIENCE):
        run_worker()


def keeper() -> None:
    """キーパーだけ / The keeper alone: relays jobs, sweeps, seals the audit chain."""
    with running_program(patience=DATABASE_PATIENCE):
        keep(list_duties())


def migrate() -> None:
    """データベースを最新にする / Bring the database up to date."""
    with running_program(migrating=True):
        say("データベースは最新です。", "The database is up to date.")
