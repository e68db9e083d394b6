"""Identifiers and randomness."""

import secrets
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
    global _last_stamp
    # 48 bits of milliseconds and 12 bits of a fraction of it, so that ids of one process sort by creation.
    stamp = int(clock.now().timestamp() * 1_000_000) * 4096 // 1000
    with _lock:
        _last_stamp = stamp = max(stamp, _last_stamp + 1)
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def new_token(size: int = 32) -> str:
    """Return a URL-safe secret of `size` random bytes."""
    return secrets.token_urlsafe(size)


def pick_characters(alphabets: Sequence[str]) -> str:
    """Return one random character of each alphabet: codes that nobody can guess."""
    return "".join(secrets.choice(alphabet) for alphabet in alphabets)
