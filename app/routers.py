"""Every router of the program. Each package adds its line here."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request

from core.auth.api import router as administration
from core.auth.roles import Access
from core.web import require_anyone
from warehouse_ui.routers import ROUTERS as SCREENS

description = APIRouter(include_in_schema=False)
ROUTERS = (description, administration, *SCREENS)


@description.get("/api/openapi.json")
def describe_api(request: Request, _access: Annotated[Access, require_anyone()]) -> dict[str, Any]:
    """The OpenAPI description of every endpoint for programs."""
    app: FastAPI = request.app
    return app.openapi()


def include_routers(app: FastAPI) -> None:
    for router in ROUTERS:
        app.include_router(router)
