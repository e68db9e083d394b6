"""Memory: what large arrays leave goes back to the system, and nobody looks for garbage while much is made at once."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

# As <malloc.h> has them: blocks from LARGE on are mapped by themselves; of what else is freed so much is kept.
M_MMAP_THRESHOLD: Final = -3
LARGE: Final = 1 << 20
M_TRIM_THRESHOLD: Final = -1
KEPT: Final = 64 << 20


def give_back_large_blocks() -> None:
    """Map large blocks one by one. The GNU library else keeps those of up to 32 MiB, torn, in the pool of the thread
    that freed them: a fifth of a gigabyte-sized backtest. Where there is no such setting, nothing is changed.

    Of small ones so much is kept for what comes next: told one of these numbers, the library would give everything
    above 128 KiB back, to be given it again page by page, a twentieth of a wave's time.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Make many objects that stay without walking through all of them again and again: half of the time that a hundred
    thousand requests take. Meant for seconds; what goes in circles meanwhile is found afterwards.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def leaving_alone() -> Iterator[None]:
    """Let the garbage collector look only at what is made from now on, for as long as it takes: looking through what
    stays again and again takes a fifth of a long computation's time. Within `without_collecting` it looks again.
    """
    was_on = gc.isenabled()
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        if not was_on:
            gc.disable()
        gc.unfreeze()
