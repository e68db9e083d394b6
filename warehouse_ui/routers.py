"""The routers of all screens, for `app` to include."""

from typing import Final

from fastapi import APIRouter

from warehouse_ui.routes import account, bench, files, session, shipments, shops, waves

ROUTERS: Final[tuple[APIRouter, ...]] = (
    session.router,
    shops.router,
    account.router,
    files.router,
    bench.router,
    shipments.router,
    waves.router,
)
