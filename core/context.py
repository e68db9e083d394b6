"""Who is doing what right now: actor, request and job, for audit entries and logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """`kind` is user, api_key, job, command or system; `id` names it within its kind."""

    kind: str
    id: UUID | None = None


@dataclass(frozen=True)
class Context:
    actor: Actor = Actor("system")
    request_id: str | None = None
    job_id: UUID | None = None
    language: str | None = None


_context: ContextVar[Context] = ContextVar("soegaki_context", default=Context())  # noqa: B039 (it is frozen)


def get_context() -> Context:
    return _context.get()


@contextmanager
def using_context(**changes: Any) -> Iterator[Context]:
    token = _context.set(replace(_context.get(), **changes))
    try:
        yield _context.get()
    finally:
        _context.reset(token)


def set_context(**changes: Any) -> None:
    """Change the context for the rest of this task or thread; the edge that began it ends it."""
    _context.set(replace(_context.get(), **changes))
