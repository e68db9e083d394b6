"""Asynchronous work in a test: aside, for a browser of another test may have left its event loop running here."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_aside(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own, with this one's context, and return its result."""
    context = copy_context()
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: context.run(asyncio.run, work)).result()
