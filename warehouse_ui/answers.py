"""Answers that are not pages."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse


def go_to(path: str, done: str | None = None) -> RedirectResponse:
    """Send the browser on after a POST (303); `done` names the sentence the next page says."""
    if done:
        path += ("&" if "?" in path else "?") + urlencode({"done": done})
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


def is_fragment(request: Request) -> bool:
    """Whether htmx asks, and wants the part instead of the page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"
