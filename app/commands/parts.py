"""The parts of `soegaki serve`, one by one: web, worker, keeper."""

import socket
from typing import Annotated

import typer
import uvicorn

from app.duties import list_duties
from app.keeper import keep
from app.program import running_program
from app.supervisor.service import listen
from core.jobs.celery import run_worker
from core.settings import get_settings

GRACE_SECONDS = 5
# A part that starts while the database restarts waits for it.
DATABASE_PATIENCE = 30.0


def register(cli: typer.Typer) -> None:
    for command in (web, worker, keeper):
        cli.command()(command)


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
