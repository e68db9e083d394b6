"""Walks the whole chain and names the first broken link."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.audit.chain import GENESIS, Break, BrokenLink, Seal, check_entries, check_link, digest_entry
from core.audit.models import AuditEntry, AuditSeal
from core.audit.sealer import ENTRY_COLUMNS, chain_key

PAGE = 100


@dataclass(frozen=True)
class Verification:
    """`head` names the last link: written down elsewhere, it later proves that nothing was cut off."""

    seals: int
    entries: int
    unsealed: int
    head: str
    broken: BrokenLink | None


def verify_chain(session: Session, *, expected_head: str | None = None) -> Verification:
    """Check every seal and entry. `expected_head` (number:hash) must be a link of the chain. Needs the system role."""
    key, previous, entries = chain_key(), (0, GENESIS), 0
    anchored = expected_head is None
    broken: BrokenLink | None = None
    for seal in _walk_seals(session):
        broken = check_link(key, previous, seal) or check_entries(seal, _load_entries(session, seal))
        if broken is not None:
            break
        previous, entries = (seal.number, seal.hash), entries + len(seal.entry_ids)
        anchored = anchored or _format_head(previous) == expected_head
    if broken is None:
        broken = _find_stranger(session, previous[0])
    if broken is None and not anchored:
        broken = BrokenLink(previous[0] + 1, Break.HEAD_MISSING)
    unsealed = session.execute(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.seal_number.is_(None))
    ).scalar_one()
    return Verification(previous[0], entries, unsealed, _format_head(previous), broken)


def _format_head(link: tuple[int, bytes]) -> str:
    return f"{link[0]}:{link[1].hex()}"


def _walk_seals(session: Session) -> Iterator[Seal]:
    columns = (
        AuditSeal.number,
        AuditSeal.previous_hash,
        AuditSeal.entry_ids,
        AuditSeal.digests,
        AuditSeal.hash,
        AuditSeal.sealed_at,
    )
    last: int | None = None
    while True:
        page = select(*columns).order_by(AuditSeal.number).limit(PAGE)
        rows = session.execute(page if last is None else page.where(AuditSeal.number > last)).all()
        for row in rows:
            yield Seal(*row)
        if len(rows) < PAGE:
            return
        last = rows[-1].number


def _load_entries(session: Session, seal: Seal) -> dict[UUID, tuple[int | None, bytes]]:
    """Return the entries the seal names and those that claim to be in it."""
    statement = select(AuditEntry.seal_number, *ENTRY_COLUMNS).where(
        or_(AuditEntry.id.in_(seal.entry_ids), AuditEntry.seal_number == seal.number)
    )
    return {row["id"]: (row["seal_number"], digest_entry(dict(row))) for row in session.execute(statement).mappings()}


def _find_stranger(session: Session, last: int) -> BrokenLink | None:
    """Return an entry that claims to be in a link that is not there."""
    row = session.execute(
        select(AuditEntry.seal_number, AuditEntry.id)
        .where(or_(AuditEntry.seal_number > last, AuditEntry.seal_number < 1))
        .order_by(AuditEntry.seal_number)
        .limit(1)
    ).one_or_none()
    return BrokenLink(row[0] or 0, Break.SEAL_MISSING, row[1]) if row else None
