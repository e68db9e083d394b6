"""Asking again until an answer comes, as shops, tablets and people do."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import httpx
from sqlalchemy.exc import DBAPIError

from tests.flows.killing.progress import LOOK, Progress

LONGEST: Final = 300.0
PAUSE: Final = 0.15
Result = TypeVar("Result")


def wait_for(is_true: Callable[[], bool], what: str, progress: Progress | None = None) -> None:
    """Return once it is true; a database that is away just now is asked again."""
    deadline = time.monotonic() + LONGEST
    while not read(is_true):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        if progress is not None:
            progress.advance(LOOK)
        time.sleep(PAUSE)


def read(question: Callable[[], Result]) -> Result:
    """Ask the database until it answers."""
    deadline = time.monotonic() + LONGEST
    while True:
        try:
            return question()
        except DBAPIError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)


class PatientClient:
    """Repeats a request, exactly as it was, until the program has an answer that is not its own failure."""

    def __init__(self, base_url: str, progress: Progress, headers: dict[str, str] | None = None) -> None:
        self._base_url, self._progress, self._headers = base_url, progress, headers or {}
        self._client = self._open()

    def _open(self) -> httpx.Client:
        return httpx.Client(base_url=self._base_url, headers=self._headers, timeout=15.0)

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        deadline = time.monotonic() + LONGEST
        told = "nothing"
        while time.monotonic() < deadline:
            try:
                answer = self._client.request(method, path, **content)
                if answer.status_code < 500:
                    self._progress.advance()
                    return answer
                told = f"{answer.status_code} {answer.text}"
            except httpx.TransportError as error:
                told = repr(error)
                self._client.close()
                self._client = self._open()
            time.sleep(PAUSE)
        raise AssertionError(f"{method} {path} was not answered in {LONGEST:.0f} s; last: {told}")

    def close(self) -> None:
        self._client.close()
