"""Failures as pages. `app` asks for them when a browser, not a program, made the call."""

from typing import Final
from urllib.parse import quote, urlsplit

from fastapi import Request, Response

from core.auth.errors import PasswordChangeNeededError, ShopNotChosenError
from core.context import get_context
from core.errors import AppError
from core.web import cookie_name
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error, find_title
from warehouse_ui.i18n import choose_language, gettext
from warehouse_ui.templating import render

_PROGRAM_PATHS: Final = ("/api/", "/hooks/", "/static/")


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer."""
    is_program = request.url.path.startswith(_PROGRAM_PATHS) or "authorization" in request.headers
    return not is_program and "text/html" in request.headers.get("accept", "")


def show_error(request: Request, error: AppError) -> Response:
    """Return the page of a foreseen failure; who is not signed in is sent to sign in and comes back afterwards."""
    choose_language(request)
    if error.status_code == 401:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        # Who was never signed in is not told to do it again.
        reason = "reason=ended&" if cookie_name() in request.cookies else ""
        return go_to(f"/sign-in?{reason}next={quote(back if request.method == 'GET' else '/', safe='')}")
    if isinstance(error, PasswordChangeNeededError):
        return go_to("/account")
    if isinstance(error, ShopNotChosenError) and request.method == "GET":
        return go_to(f"/choose-shop?next={quote(request.url.path, safe='')}")
    return _page(request, error.status_code, error.code, describe_error(error))


def show_status(request: Request, status: int) -> Response:
    """Return the page of a failure that has only a status: an unknown address, a wrong method, a bug."""
    choose_language(request)
    sentences = {
        404: gettext("このアドレスのページはありません。"),
        503: gettext("データベースがいま応答しません。数秒おいて、もう一度試してください。"),
        422: gettext("送られた内容を読み取れません。入力を確かめて、もう一度送ってください。"),
    }
    default = gettext(
        "こちらの不具合です。記録しました。もう一度試しても直らなければ、問い合わせ番号をお知らせください。"
    )
    return _page(request, status, f"http_{status}", sentences.get(status, default))


def _page(request: Request, status: int, code: str, message: str) -> Response:
    return render(
        request,
        "pages/error.html",
        status=status,
        code=code,
        title=find_title(status),
        message=message,
        next_step="",
        back=_find_way_back(request),
        request_id=get_context().request_id,
    )


def _find_way_back(request: Request) -> str:
    """Return the page one came from, if it is ours."""
    referer = urlsplit(request.headers.get("referer", ""))
    return referer.path or "/" if referer.netloc == request.headers.get("host") else "/"
