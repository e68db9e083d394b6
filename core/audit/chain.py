"""The chain's arithmetic: digests of entries, hashes of seals, and what is wrong with a chain. Pure.

Hashes are keyed (HMAC-SHA256): who can write to the database but does not hold the program's secret cannot forge them.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

DIGEST_SIZE = 32
GENESIS = bytes(DIGEST_SIZE)
ENTRY_FIELDS = ("id", "shop_id", "at", "tag", "actor_kind", "actor_id", "subject_id", "request_id", "details")


class Break(StrEnum):
    """How a link is broken."""

    SEAL_MISSING = "seal_missing"
    SEAL_CHANGED = "seal_changed"
    SEAL_UNLINKED = "seal_unlinked"
    ENTRY_CHANGED = "entry_changed"
    ENTRY_DELETED = "entry_deleted"
    ENTRY_INSERTED = "entry_inserted"
    ENTRY_MOVED = "entry_moved"
    HEAD_MISSING = "head_missing"


@dataclass(frozen=True)
class BrokenLink:
    seal_number: int
    kind: Break
    entry_id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True)
class Seal:
    number: int
    previous_hash: bytes
    entry_ids: Sequence[UUID]
    digests: bytes
    hash: bytes
    sealed_at: datetime


def digest_entry(entry: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of an entry's fields as canonical JSON."""
    values = [_plain(entry[name]) for name in ENTRY_FIELDS]
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def make_seal(
    key: bytes, previous: tuple[int, bytes], entries: Sequence[tuple[UUID, bytes]], sealed_at: datetime
) -> Seal:
    """Return the link that follows `previous` (number, hash) over these entries (id, digest), in order."""
    number, previous_hash = previous[0] + 1, previous[1]
    ids = [entry_id for entry_id, _ in entries]
    digests = b"".join(digest for _, digest in entries)
    return Seal(
        number, previous_hash, ids, digests, hash_seal(key, number, previous_hash, ids, digests, sealed_at), sealed_at
    )


def hash_seal(
    key: bytes, number: int, previous_hash: bytes, entry_ids: Sequence[UUID], digests: bytes, sealed_at: datetime
) -> bytes:
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in (
        f"{number}\n{_plain(sealed_at)}\n{len(entry_ids)}\n".encode(),
        previous_hash,
        b"".join(entry_id.bytes for entry_id in entry_ids),
        digests,
    ):
        mac.update(part)
    return mac.digest()


def check_link(key: bytes, previous: tuple[int, bytes], seal: Seal) -> BrokenLink | None:
    """Say whether a seal follows the one before and is itself as it was written."""
    if seal.number != previous[0] + 1:
        return BrokenLink(previous[0] + 1, Break.SEAL_MISSING)
    expected = hash_seal(key, seal.number, seal.previous_hash, seal.entry_ids, seal.digests, seal.sealed_at)
    if not hmac.compare_digest(expected, seal.hash):
        return BrokenLink(seal.number, Break.SEAL_CHANGED)
    if not hmac.compare_digest(seal.previous_hash, previous[1]):
        return BrokenLink(seal.number, Break.SEAL_UNLINKED)
    return None


def check_entries(seal: Seal, found: Mapping[UUID, tuple[int | None, bytes]]) -> BrokenLink | None:
    """Compare a sound seal with the entries found: by id, the seal each is marked with and its digest today."""
    for position, entry_id in enumerate(seal.entry_ids):
        if entry_id not in found:
            return BrokenLink(seal.number, Break.ENTRY_DELETED, entry_id, position)
        marked, digest = found[entry_id]
        if digest != seal.digests[position * DIGEST_SIZE : (position + 1) * DIGEST_SIZE]:
            return BrokenLink(seal.number, Break.ENTRY_CHANGED, entry_id, position)
        if marked != seal.number:
            return BrokenLink(seal.number, Break.ENTRY_MOVED, entry_id, position)
    strangers = sorted(found.keys() - set(seal.entry_ids))
    return BrokenLink(seal.number, Break.ENTRY_INSERTED, strangers[0]) if strangers else None
