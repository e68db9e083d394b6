"""Chains audit entries in batches. The keeper calls `seal_entries` each second; only one runs at a time."""

from functools import lru_cache
from typing import Any

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.chain import ENTRY_FIELDS, GENESIS, Seal, digest_entry, make_seal
from core.audit.models import AuditEntry, AuditSeal
from core.db import system_scope
from core.settings import get_settings

log = structlog.get_logger(__name__)
BATCH = 5000
_LOCK = 0x50AE6A1  # Any number that no other advisory lock of the program uses.
ENTRY_COLUMNS = [getattr(AuditEntry, name) for name in ENTRY_FIELDS]


@lru_cache(maxsize=4)
def _derive(master: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"soegaki audit chain").derive(master)


def chain_key() -> bytes:
    """Return the key of the chain's hashes, derived from the master secret."""
    return _derive(get_settings().read_secret_key())


def seal_entries() -> int:
    """Seal what is committed and not sealed yet, in transactions of at most BATCH entries; returns how many.

    Entries may commit later than others with higher serials: they come into a later link, none is passed over.
    """
    sealed = 0
    while True:
        with system_scope() as session:
            count = _seal_batch(session)
        sealed += count
        if count < BATCH:
            return sealed


def _seal_batch(session: Session) -> int:
    if not session.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one():
        return 0  # Another process is at it.
    unsealed = AuditEntry.seal_number.is_(None)
    statement = select(*ENTRY_COLUMNS).where(unsealed).order_by(AuditEntry.serial).limit(BATCH)
    rows: list[Any] = list(session.execute(statement).mappings())
    if not rows:
        return 0
    seal = make_seal(chain_key(), find_head(session), [(row["id"], digest_entry(row)) for row in rows], clock.now())
    _store(session, seal)
    log.info("audit.sealed", number=seal.number, entries=len(rows), hash=seal.hash.hex())
    return len(rows)


def _store(session: Session, seal: Seal) -> None:
    session.execute(
        insert(AuditSeal).values(
            number=seal.number,
            previous_hash=seal.previous_hash,
            entry_ids=list(seal.entry_ids),
            digests=seal.digests,
            hash=seal.hash,
            sealed_at=seal.sealed_at,
        )
    )
    session.execute(update(AuditEntry).where(AuditEntry.id.in_(seal.entry_ids)).values(seal_number=seal.number))


def find_head(session: Session) -> tuple[int, bytes]:
    """Return number and hash of the last link; (0, GENESIS) before the first."""
    row = session.execute(
        select(AuditSeal.number, AuditSeal.hash).order_by(AuditSeal.number.desc()).limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else (0, GENESIS)
