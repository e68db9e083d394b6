"""Secrets handed out once: sign-in tokens and API keys. They are random, so a stored SHA-256 is enough."""

import hashlib
import hmac
from dataclasses import dataclass

from core.ids import new_token

KEY_MARK = "sgk"
_PREFIX_BYTES = 6


@dataclass(frozen=True)
class NewKey:
    """`text` is shown once and never stored."""

    text: str
    prefix: str
    token_hash: bytes


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def new_key() -> NewKey:
    """Make an API key: sgk.<prefix>.<secret>."""
    prefix = new_token(_PREFIX_BYTES)
    text = f"{KEY_MARK}.{prefix}.{new_token()}"
    return NewKey(text, prefix, hash_token(text))


def read_prefix(text: str) -> str | None:
    """Return the prefix of something shaped like an API key."""
    parts = text.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == KEY_MARK and all(parts) else None


def is_same(one: str, other: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def is_same_digest(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)
