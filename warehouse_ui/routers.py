"""The routers of all screens, for `app` to include."""

from typing import Final

from fastapi import APIRouter

from warehouse_ui.routes import account, session

ROUTERS: Final[tuple[APIRouter, ...]] = (session.router, account.router)
