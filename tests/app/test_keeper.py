"""The keeper's duties go on whatever one of them does."""

import threading

from app.duties import Duty
from app.keeper import repeat


def test_a_duty_that_fails_is_tried_again() -> None:
    stop = threading.Event()
    calls: list[int] = []

    def stumble() -> int:
        calls.append(len(calls))
        if len(calls) == 1:
            raise ConnectionError("gone")
        stop.set()
        return 0

    repeat(Duty("stumble", 0.0, stumble), stop)
    assert calls == [0, 1]


def test_a_duty_that_finds_something_is_called_again_at_once() -> None:
    stop = threading.Event()
    left = [3, 2, 1]

    def find() -> int:
        if not left:
            stop.set()
            return 0
        return left.pop()

    # With its pause of an hour between two calls this would never end.
    repeat(Duty("find", 3600.0, find), stop)
    assert left == []
