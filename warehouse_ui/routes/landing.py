"""Where the QR code of a printed copy leads a customer's phone: one small page, and on to the shop. Decision 0125.

The page counts nothing. It sends the browser on to `…/go`, and that one counts: previews and prefetching stop before.
"""

import base64
import hashlib
import hmac
from functools import cache
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import DBAPIError

from core import clock
from core.limits import count, keyed_hash, peek
from core.web import public
from fulfillment.landing.visiting import Landing, find_general_address, find_landing, record_visit
from fulfillment.landing.visitors import is_ahead_of_time, is_machine, is_on_its_way
from warehouse_ui.i18n import get_language
from warehouse_ui.templating import ENVIRONMENT, render

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

# Whole halls share one address: what is opened is limited widely, what is guessed narrowly.
OPENED_A_MINUTE: Final = 600
MISSES: Final = 30
MISSES_SECONDS: Final = 600
# Somebody who saw half of a code: so many tries to complete it, from wherever.
PREFIX_LENGTH: Final = 6
PREFIX_MISSES: Final = 30
PREFIX_SECONDS: Final = 3600
TICKET_SECONDS: Final = 600
STYLE: Final = "landing/style.css"


@router.api_route(
    "/c/{text}", methods=["GET", "HEAD"], dependencies=[public("a customer's phone opens the code of a slip or letter")]
)
def show_landing(text: str, request: Request) -> Response:
    """Show whose paper this is and send the browser on. What is no code gets the same polite page as an unknown one."""
    if _is_limited(request, text):
        return _answer(request, "busy", status=429)
    landing = find_landing(text)
    if landing is None:
        _note_miss(request, text)
        return _answer(request, "unknown", status=404)
    if landing.is_expired or landing.address is None:
        return _answer(request, "expired" if landing.is_expired else "known", landing, status=_status(landing))
    # A program that previews pages is shown the same, without the way that counts.
    onward = f"/c/{landing.code}/go"
    if is_machine(request.headers):
        return _answer(request, "known", landing, link=onward)
    return _answer(request, "known", landing, link=f"{onward}?t={_make_ticket(landing.code)}", is_sent_on=True)


@router.api_route(
    "/c/{text}/go", methods=["GET", "HEAD"], dependencies=[public("the second step of a customer's visit")]
)
def send_on(text: str, request: Request, t: str = "") -> Response:
    """Send the browser to the stored address, whatever else it said; count the visit if a person's browser came from
    our page.
    """
    if _is_limited(request, text):
        return _answer(request, "busy", status=429)
    if is_ahead_of_time(request.headers):
        # What is loaded ahead is used without asking again, and nobody would be counted.
        return Response(status_code=503, headers=_headers())
    landing = find_landing(text)
    if landing is None:
        _note_miss(request, text)
        return _answer(request, "unknown", status=404)
    if landing.is_expired or landing.address is None:
        return _answer(request, "expired" if landing.is_expired else "known", landing, status=_status(landing))
    if _is_visit(request, landing.code, t):
        _record(landing)
    return RedirectResponse(landing.address, status_code=303, headers=_headers())


def _status(landing: Landing) -> int:
    return 404 if landing.is_expired else 200


def _is_visit(request: Request, code: str, ticket: str) -> bool:
    return (
        request.method == "GET"
        and is_on_its_way(request.headers)
        and not is_machine(request.headers)
        and _is_ticket(code, ticket)
    )


def _record(landing: Landing) -> None:
    """A visit that cannot be written is lost; the customer is led on all the same."""
    try:
        visit = record_visit(landing)
    except DBAPIError as error:
        log.warning("landing.not_recorded", shop_id=str(landing.shop.id), error=type(error.orig).__name__)
    else:
        log.info("landing.visit", shop_id=str(landing.shop.id), outcome=visit.value)


def _make_ticket(code: str, *, age: int = 0) -> str:
    """Return what proves that the second request follows the first: a keyed hash of code and time."""
    slot = int(clock.now().timestamp()) // TICKET_SECONDS - age
    return keyed_hash(f"landing ticket\n{code}\n{slot}")


def _is_ticket(code: str, ticket: str) -> bool:
    return any(hmac.compare_digest(_make_ticket(code, age=age).encode(), ticket.encode()) for age in (0, 1))


def _is_limited(request: Request, text: str) -> bool:
    """Refuse evenly: whoever guesses too much learns nothing more, of good codes neither."""
    address, prefix = _find_address(request), _find_prefix(text)
    return (
        peek(f"misses of address\n{address}") >= MISSES
        or peek(f"misses of prefix\n{prefix}") >= PREFIX_MISSES
        or count(f"opened by\n{address}", 60) > OPENED_A_MINUTE
    )


def _note_miss(request: Request, text: str) -> None:
    count(f"misses of address\n{_find_address(request)}", MISSES_SECONDS)
    count(f"misses of prefix\n{_find_prefix(text)}", PREFIX_SECONDS)


def _find_prefix(text: str) -> str:
    return text[:PREFIX_LENGTH].upper()


def _find_address(request: Request) -> str:
    """Return who asks, as far as one may be told apart: of IPv6 the network, its other half changes at will."""
    host = request.client.host if request.client else ""
    return ":".join(host.split(":")[:4]) if ":" in host else host


def _answer(
    request: Request,
    state: str,
    landing: Landing | None = None,
    *,
    status: int = 200,
    link: str | None = None,
    is_sent_on: bool = False,
) -> Response:
    name = ""
    if landing is not None:
        name = landing.shop.name if get_language() == "ja" else landing.shop.name_en
        link = link or find_general_address(landing.shop, landing.choice)
    onward = link if is_sent_on else None
    answer = render(request, "landing/page.html", status=status, state=state, name=name, link=link, onward=onward)
    answer.headers.update(_headers())
    return answer


@cache
def _headers() -> dict[str, str]:
    """Return what protects the page: it loads nothing, its one style is known by its hash, nobody learns the code."""
    style = ENVIRONMENT.get_template(STYLE).render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return {
        "content-security-policy": f"{policy}; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow, noarchive",
        "vary": "accept-language, cookie",
    }
