"""Structured logs: one JSON object a line with request, job, actor and shop ids, and never personal data.

The text of exceptions is left out (a database error quotes values): type, code and places in the code say enough.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from core.context import get_context
from core.settings import get_settings

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w-])(?:\+81[- ]?|0)\d{1,4}-\d{1,4}-\d{3,4}(?![\w-])")
_MAX_FRAMES = 12
EventDict = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logging(*, stream: Any = None) -> None:
    """Send our logs and those of every library to stderr (or `stream`) as JSON lines. Repeating it changes nothing."""
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        add_context,
        describe_exception,
        scrub,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=[]), *before],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
            keep_exc_info=False,
        )
    )
    _install(handler)


def _install(handler: logging.Handler) -> None:
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(get_settings().log_level.upper())
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    # Our own access log replaces uvicorn's, whose lines quote query strings.
    logging.getLogger("uvicorn.access").disabled = True
    for noisy in ("httpx", "httpx2", "httpcore", "celery.worker.strategy", "celery.app.trace", "fontTools", "botocore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def add_context(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Add who is doing what: request, job and actor."""
    context = get_context()
    if context.request_id:
        event.setdefault("request_id", context.request_id)
    if context.job_id:
        event.setdefault("job_id", str(context.job_id))
    if context.actor.id:
        event.setdefault("actor", f"{context.actor.kind}:{context.actor.id}")
    return event


def describe_exception(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Replace an exception by its type, code and places in the code; causes follow."""
    given = event.pop("exc_info", None)
    error = _find_error(given)
    event.pop("stack_info", None)
    if error is not None:
        event["exception"] = _describe_chain(error)
    return event


def _find_error(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _describe_chain(error: BaseException) -> list[dict[str, Any]]:
    described: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(described) < 5:
        described.append(_describe(current))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return described


def _describe(error: BaseException) -> dict[str, Any]:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    found = {"type": type(error).__name__, "at": frames[-_MAX_FRAMES:]}
    # PostgreSQL's five characters, or the stable code of a foreseen failure.
    code_of = getattr(error, "sqlstate", None) or getattr(error, "code", None)
    return found | ({"code": code_of} if isinstance(code_of, str) else {})


def scrub(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """A second line of defence: blank what looks like an e-mail address or a Japanese phone number."""
    for key, value in event.items():
        event[key] = _scrub_value(value)
    return event


def _scrub_value(value: Any) -> Any:
    if isinstance(value, str):
        return _PHONE.sub("[phone]", _EMAIL.sub("[email]", value)) if "@" in value or "-" in value else value
    if isinstance(value, dict):
        return {key: _scrub_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub_value(inner) for inner in value]
    return value
