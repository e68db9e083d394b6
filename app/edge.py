"""What surrounds every request: an id, the context, security headers, the access log, and an answer even to a bug.

One pure ASGI layer: each further one costs throughput on the hot doors.
"""

import re
import time
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.error_answers import answer_bug
from core.context import Actor, get_context, using_context
from core.ids import new_id

log = structlog.get_logger("access")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
# Nothing of this is worth a line for every file and every probe.
_UNLOGGED: Final = ("/static/", "/healthz", "/readyz")
# Everything from this machine, nothing inline: a text that slipped through unescaped could still not run.
CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "cache-control": "no-store",
}
# Uploads raise it for their own routes.
MAX_BODY_SIZE: Final = 10 * 1024 * 1024
_TOO_LARGE: Final = HTTPException(413, "The body of the request is too large.")
HSTS: Final = "max-age=31536000"


class Edge:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, https: bool = False, doors: Mapping[str, ASGIApp] | None = None) -> None:
        """`doors` are hot addresses by their prefix: served at once, past routing, cookies and the access log."""
        self._app = app
        self._doors = dict(doors or {})
        headers = SECURITY_HEADERS | ({"strict-transport-security": HSTS} if https else {})
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = read_request_id(Headers(scope=scope))
        with using_context(request_id=request_id, actor=Actor("visitor"), job_id=None, language=None):
            await self._serve(scope, receive, send, request_id)

    def _find_app(self, path: str) -> tuple[ASGIApp, bool]:
        for prefix, door in self._doors.items():
            if path.startswith(prefix):
                return door, False
        return self._app, not path.startswith(_UNLOGGED)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started, status = time.perf_counter(), 0
        app, logged = self._find_app(scope["path"])
        # A door minds the size of its bodies itself.
        received = LimitedBody(scope, receive) if app is self._app else receive

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message, request_id)
            await send(message)

        try:
            await app(scope, received, send_with_headers)
        except Exception:  # A bug: logged as one, and answered if nothing was sent yet.
            log.exception("web.crashed", **describe_request(scope))
            if not status:
                await answer_bug(Request(scope, receive))(scope, receive, send_with_headers)
        finally:
            if logged:
                ms = round((time.perf_counter() - started) * 1000, 1)
                log.info("web.request", status=status, ms=ms, **describe_request(scope))

    def _add_headers(self, message: Message, request_id: str) -> None:
        # Raw pairs: setting them one by one through Starlette's headers costs a fifth of a webhook.
        given = message.setdefault("headers", [])
        named = {name for name, _ in given}
        own = [pair for pair in self._headers if pair[0] not in named]
        message["headers"] = [*given, *own, (b"x-request-id", request_id.encode())]


class LimitedBody:
    """Receives a request's body up to what its route allows: `max_body_size` of the route, or MAX_BODY_SIZE."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope, self._receive, self._size = scope, receive, 0

    async def __call__(self) -> Message:
        if self._size == 0 and self._announced() > self._limit():
            raise _TOO_LARGE
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._limit():
            raise _TOO_LARGE
        return message

    def _limit(self) -> int:
        return getattr(self._scope.get("route"), "max_body_size", None) or MAX_BODY_SIZE

    def _announced(self) -> int:
        length = Headers(scope=self._scope).get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() else 0


def read_request_id(headers: Headers) -> str:
    """Return the id a proxy in front gave, if it is a decent one; otherwise a new one."""
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else new_id().hex


def describe_request(scope: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return method, route and shop. The route's pattern, not the address: people put names into addresses."""
    endpoint = scope.get("endpoint")
    declared = scope["app"].state.permissions if "app" in scope else {}
    permission = declared.get(endpoint) if endpoint is not None else None
    access = scope.get("state", {}).get("access")
    described: dict[str, Any] = {"method": scope["method"], "route": permission.path if permission else "unknown"}
    if access is not None:
        actor = get_context().actor
        described |= {"actor": f"{actor.kind}:{actor.id}"} if actor.id else {}
        described |= {"shop_id": str(access.chosen_shop_id)} if access.chosen_shop_id else {}
    return described
