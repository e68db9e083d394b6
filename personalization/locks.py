"""One order of locks for everybody who decides: whatever may be contended is locked at once, sorted by key.

Persons and shipments share buckets, so that a batch of 100,000 takes a few hundred locks and not one each.
"""

import hashlib
from collections.abc import Iterable, Set
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

BUCKETS: Final = 128
# The subquery keeps the order of the sorted array.
LOCK: Final = text("SELECT pg_advisory_xact_lock(key) FROM (SELECT unnest(CAST(:keys AS bigint[])) AS key) keys")


def make_lock(shop_id: UUID, kind: str, name: str) -> int:
    """Return the key of one lock: a signed 64-bit number."""
    digest = hashlib.blake2b(f"{shop_id}/{kind}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def make_bucket_locks(shop_id: UUID, kind: str, ids: Iterable[UUID]) -> Set[int]:
    return {make_lock(shop_id, kind, str(id_.int % BUCKETS)) for id_ in ids}


def take_locks(session: Session, keys: Iterable[int]) -> None:
    """Wait for these locks and hold them until the transaction ends."""
    wanted = sorted(set(keys))
    if wanted:
        session.execute(LOCK, {"keys": wanted})
