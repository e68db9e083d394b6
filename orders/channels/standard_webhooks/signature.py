"""Signatures of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`. Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Final

TOLERANCE_SECONDS: Final = 300
_PREFIX: Final = "whsec_"


def read_secret(text: bytes) -> bytes:
    """Return the key within `whsec_<base64>`; raises ValueError when it is none."""
    encoded = text.decode("ascii").removeprefix(_PREFIX)
    key = base64.b64decode(encoded, validate=True)
    if len(key) < 16:
        raise ValueError("the secret is too short")
    return key


def compute_signature(key: bytes, message_id: bytes, timestamp: bytes, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, b".".join((message_id, timestamp, body)), "sha256"))


def has_valid_signature(listed: bytes, expected: Sequence[bytes]) -> bool:
    """Look for a fitting `v1,<base64>` in a space-separated list.

    Other versions and malformed items are passed over.
    """
    found = False
    for item in listed.split():
        version, comma, signature = item.partition(b",")
        if version != b"v1" or not comma or not _is_base64(signature):
            continue
        for one in expected:
            found = hmac.compare_digest(signature, one) or found
    return found


def _is_base64(text: bytes) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except binascii.Error:
        return False
