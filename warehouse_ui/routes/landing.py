"""Where the QR code of a printed copy leads a customer's phone: to the shop, saying nothing about anybody."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from core.codes import Code, read_code
from core.db import system_scope
from core.tenancy import Shop
from core.web import public
from warehouse_ui.templating import render

router = APIRouter(include_in_schema=False)


@router.get("/c/{text}", dependencies=[public("a customer's phone opens the code of a slip or letter")])
def show_landing(text: str, request: Request) -> Response:
    """Show whose paper this is. An unknown code gets the same polite page without a shop: nothing can be probed."""
    code = read_code(text)
    shop = _find_shop(code) if code else None
    return render(request, "pages/landing.html", status=200 if shop else 404, shop=shop, address=_read_address(shop))


def _find_shop(code: str) -> Shop | None:
    with system_scope() as session:
        return session.scalar(select(Shop).join(Code, Code.shop_id == Shop.id).where(Code.code == code))


def _read_address(shop: Shop | None) -> str | None:
    """Return the shop's own address as a link; anything but a plain web address is no link."""
    written = str(shop.profile.get("url") or "") if shop else ""
    if not written:
        return None
    address = written if "://" in written else f"https://{written}"
    parts = urlsplit(address)
    return address if parts.scheme in ("http", "https") and parts.netloc else None
