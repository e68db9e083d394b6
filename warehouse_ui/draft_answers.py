"""What an editor in the browser is told of a draft: the whole of it, or what changes when it was saved."""

from datetime import datetime
from typing import Any, Protocol

from fastapi.responses import JSONResponse


class Draft(Protocol):
    """A draft of rules or of a template. `version` counts what was saved; `live_number` is in force, if any is."""

    @property
    def document(self) -> dict[str, Any]: ...
    @property
    def version(self) -> int: ...
    @property
    def live_number(self) -> int | None: ...
    @property
    def is_changed(self) -> bool: ...
    @property
    def saved_by(self) -> str | None: ...
    @property
    def saved_at(self) -> datetime | None: ...


def answer_draft(draft: Draft, status_code: int = 200) -> JSONResponse:
    """Answer with the document and everything about it."""
    return JSONResponse({"document": draft.document, "saved_by": draft.saved_by, **_describe(draft)}, status_code)


def answer_saved(draft: Draft) -> JSONResponse:
    """Answer whoever saved it, and has the document."""
    return JSONResponse(_describe(draft))


def _describe(draft: Draft) -> dict[str, Any]:
    return {
        "version": draft.version,
        "is_changed": draft.is_changed,
        "live_number": draft.live_number or None,
        "saved_at": draft.saved_at.isoformat() if draft.saved_at else None,
    }
