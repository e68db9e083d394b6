"""A long computation in a process of its own, beside this one: Python uses one core only."""

import ctypes
import fcntl
import gc
import os
import pickle
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Final, TypeVar

# As <sys/prctl.h> and <fcntl.h> have them.
PR_SET_PDEATHSIG: Final = 1
F_SETPIPE_SZ: Final = 1031
# What fits into the pipe is written without waiting for a reader.
PIPE: Final = 1 << 20
T = TypeVar("T")


class AsideError(RuntimeError):
    """The process beside this one failed; the message is its traceback, or how it ended."""


def can_be_aside() -> bool:
    """Whether there is a second core to use and a system that copies a process safely."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


@contextmanager
def aside(make: Callable[[], Iterable[T]]) -> Iterator[Iterator[T]]:
    """Run `make` in a copy of this process, and give an iterator of what it makes; items are pickled.

    The copy sees all memory as it is now. It may compute only: connections and files belong to this process. It ends
    with the block, and when this process dies; until then nobody looks for what goes in circles, so that memory stays
    shared. The iterator raises AsideError where the copy fails.
    """
    reading, writing = os.pipe()
    with suppress(OSError):
        fcntl.fcntl(writing, F_SETPIPE_SZ, PIPE)
    with warnings.catch_warnings():
        # From 3.12 on Python warns of other threads' locks: the copy takes none that they could hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process == 0:
        os.close(reading)
        _work(writing, make)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as stream:
            yield _read(stream)
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _read(stream: BinaryIO) -> Iterator[Any]:
    while True:
        try:
            kind, item = pickle.load(stream)  # noqa: S301 (written by a copy of this process)
        except EOFError:
            raise AsideError("the process ended before its work did") from None
        if kind == "end":
            return
        if kind == "error":
            raise AsideError(item)
        yield item


def _work(writing: int, make: Callable[[], Iterable[Any]]) -> None:
    """Never returns: nothing of the copied process is tidied up, it belongs to the other one."""
    try:
        _die_with_parent()
        gc.disable()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        with os.fdopen(writing, "wb", buffering=PIPE) as stream:
            try:
                for item in make():
                    _write(stream, "item", item)
                _write(stream, "end", None)
            except Exception:  # noqa: BLE001 (told to whoever waits)
                _write(stream, "error", traceback.format_exc())
    finally:
        os._exit(0)


def _write(stream: BinaryIO, kind: str, item: object) -> None:
    pickle.dump((kind, item), stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
