"""Identifiers and randomness."""

import itertools
import os
import secrets
import struct
import threading
from collections.abc import Sequence
from uuid import UUID

from core import clock

_lock = threading.Lock()
_last_stamp = 0


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): 60 bits of time in units of 244 ns, never going back in one process, 62 random
    bits.
    """
    return _make_id(_take_stamps(1), int.from_bytes(os.urandom(8)))


def new_ids(count: int) -> list[UUID]:
    """Return so many, ascending: the time is asked once, and chance once, for all of them."""
    drawn = struct.unpack(f"={count}Q", os.urandom(8 * count))
    return list(map(_make_id, itertools.count(_take_stamps(count)), drawn))


def _take_stamps(count: int) -> int:
    """Return the first of so many stamps that nobody in this process has had: 48 bits of milliseconds and 12 bits of a
    fraction of it, so that ids sort by creation.
    """
    global _last_stamp
    now = int(clock.now().timestamp() * 1_000_000) * 4096 // 1000
    with _lock:
        first = max(now, _last_stamp + 1)
        _last_stamp = first + count - 1
    return first


def _make_id(stamp: int, chance: int) -> UUID:
    """`chance` has 64 bits, of which two are not used."""
    return UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | chance >> 2)


def new_token(size: int = 32) -> str:
    """Return a URL-safe secret of `size` random bytes."""
    return secrets.token_urlsafe(size)


def pick_characters(alphabets: Sequence[str]) -> str:
    """Return one random character of each alphabet: codes that nobody can guess."""
    return "".join(secrets.choice(alphabet) for alphabet in alphabets)
