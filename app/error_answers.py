"""Failures as answers: JSON for programs and htmx, pages for people."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import DataError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from core.db import is_database_away
from core.errors import AppError, InvalidInputError
from warehouse_ui.answers import is_fragment
from warehouse_ui.error_pages import show_error, show_status, wants_page
from warehouse_ui.error_words import describe_error

log = structlog.get_logger(__name__)
_UNSTORABLE = "A value is too large, or holds characters that cannot be stored."
_AWAY = "The database does not answer just now. Try again in a moment."
_BUG = "Something went wrong on our side. It has been recorded; name the request id when you ask."


class UnstorableValueError(InvalidInputError):
    code = "unstorable_value"


def install_error_answers(app: FastAPI) -> None:
    app.add_exception_handler(AppError, answer_app_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(HTTPException, answer_status)
    app.add_exception_handler(DBAPIError, answer_database)


def answer_app_error(request: Request, error: Exception) -> Response:
    """A foreseen failure: its own status, stable code, sentence and details."""
    assert isinstance(error, AppError)
    if is_fragment(request):
        return _answer_htmx(request, error)
    if wants_page(request):
        return show_error(request, error)
    return _json(error.status_code, error.code, error.message, error.details, _headers(error))


def _headers(error: AppError) -> dict[str, str]:
    headers = {"www-authenticate": 'Bearer realm="soegaki"'} if error.status_code == 401 else {}
    wait = error.details.get("wait_seconds")
    return headers | ({"retry-after": str(wait)} if wait is not None else {})


def _answer_htmx(request: Request, error: AppError) -> Response:
    """In the reader's words; whose sign-in has ended is sent to sign in, the whole page instead of a part of it."""
    headers = {}
    if error.status_code == 401:
        back = urlsplit(request.headers.get("hx-current-url", "")).path or "/"
        headers = {"HX-Redirect": f"/sign-in?reason=ended&next={quote(back, safe='')}"}
    return _json(error.status_code, error.code, describe_error(error), error.details, headers)


def answer_invalid(request: Request, error: Exception) -> Response:
    """A malformed request: which field and why, without repeating what was sent."""
    assert isinstance(error, RequestValidationError)
    # An id in the address that is none names a page that is not there.
    in_address = all(fault["loc"][0] == "path" for fault in error.errors())
    if wants_page(request) and not is_fragment(request):
        return show_status(request, 404 if in_address else 422)
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"][1:]), "place": fault["loc"][0], "reason": fault["msg"]}
        for fault in error.errors()
    ]
    named = "; ".join(f"{fault['field'] or fault['place']}: {fault['reason']}" for fault in faults[:5])
    return _json(422, "invalid_input", f"The request is malformed: {named}", {"faults": faults})


def answer_status(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown address, a wrong method, too large a body."""
    assert isinstance(error, HTTPException)
    if wants_page(request) and not is_fragment(request):
        return show_status(request, error.status_code)
    return _json(error.status_code, f"http_{error.status_code}", str(error.detail), {}, error.headers)


def answer_database(request: Request, error: Exception) -> Response:
    """A database that restarts: nothing was done, and in a moment it can be. A value that no column can hold (a NUL, a
    number past all bounds) is the sender's mistake. Any other failure is a bug.
    """
    assert isinstance(error, DBAPIError)
    if isinstance(error.orig, DataError):
        log.warning("web.value_refused", reason=type(error.orig).__name__)
        return answer_app_error(request, UnstorableValueError(_UNSTORABLE))
    if not is_database_away(error):
        raise error
    if wants_page(request) and not is_fragment(request):
        return show_status(request, 503)
    return _json(503, "database_away", _AWAY, {}, {"retry-after": "1"})


def answer_bug(request: Request) -> Response:
    if wants_page(request) and not is_fragment(request):
        return show_status(request, 500)
    return _json(500, "internal_error", _BUG, {})


def _json(
    status: int, code: str, message: str, details: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    body = {"code": code, "message": message, "details": {key: _plain(value) for key, value in details.items()}}
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
