"""The digest by which a document is known: the same whatever the order of its keys. Pure."""

import hashlib
import json
from typing import Any


def digest_document(document: Any) -> bytes:
    """Return SHA-256 of the document in canonical form: keys sorted, whole numbers without a fraction."""
    text = json.dumps(_settle(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _settle(value: Any) -> Any:
    """The database may give 1e22 back as a whole number."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _settle(member) for key, member in value.items()}
    return [_settle(member) for member in value] if isinstance(value, list | tuple) else value
