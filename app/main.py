"""Builds the web application. Importing this module does nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from starlette.routing import Route

from app.edge import Edge
from app.error_answers import install_error_answers
from app.health import router as health
from app.routers import include_routers
from app.static_files import BuiltFiles
from app.wiring import wire
from core.auth.permissions import declare_permissions, mark_public
from core.settings import get_settings
from orders.intake.door import HookDoor
from warehouse_ui.templating import STATIC

# Measured: few threads with as many connections answer more requests a second than many of both.
THREADS = 4


@asynccontextmanager
async def _run(app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
    await app.state.hooks.close()


def create_app() -> FastAPI:
    """Return the application; raises UndeclaredRouteError when a route does not say who may call it."""
    wire()
    app = FastAPI(
        title="Soegaki",
        lifespan=_run,
        # Documentation pages load scripts from elsewhere; the description itself is served to whoever is signed in.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Asked anew for every request, and for nobody.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.include_router(health)
    include_routers(app)
    app.state.hooks = mark_public(HookDoor(), "a shop's system, verified by its signature")
    app.router.routes.append(Route("/hooks/{channel}/{address}", app.state.hooks))
    install_error_answers(app)
    declare_permissions(app)
    app.mount("/static", BuiltFiles(STATIC), name="static")
    edge: Any = Edge
    doors = {"/hooks/": app.state.hooks}
    app.add_middleware(edge, https=get_settings().base_url.startswith("https://"), doors=doors)
    return app
