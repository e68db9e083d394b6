"""Choosing the shop to work in, where a page is about one shop and the person has several."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from core.auth.roles import Access
from core.web import SessionDep, require_anyone
from warehouse_ui.routes.session import safe_path
from warehouse_ui.templating import render

router = APIRouter(include_in_schema=False)


@router.get("/choose-shop")
def show_shops(
    request: Request,
    access: Annotated[Access, require_anyone()],
    session: SessionDep,
    next: str = "/",  # noqa: A002 (name of the query)
) -> Response:
    return render(request, "pages/choose_shop.html", access, session, next=safe_path(next))
