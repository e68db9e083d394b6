"""Answers that are not pages."""

from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse


def go_to(path: str, done: str | None = None) -> RedirectResponse:
    """Send the browser on after a POST (303); `done` names the sentence the next page says."""
    return RedirectResponse(_say_done(path, done), status_code=303, headers={"Cache-Control": "no-store"})


def take_over(path: str, done: str | None = None) -> Response:
    """Answer htmx with a whole new page."""
    return Response(headers={"HX-Redirect": _say_done(path, done), "Cache-Control": "no-store"})


def _say_done(path: str, done: str | None) -> str:
    return path + ("&" if "?" in path else "?") + urlencode({"done": done}) if done else path


def is_fragment(request: Request) -> bool:
    """Whether htmx asks, and wants the part instead of the page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"
