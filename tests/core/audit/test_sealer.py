"""Sealing and verifying on the real table, and what the program's own role cannot do to it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from core.audit import sealer
from core.audit.chain import Break
from core.audit.models import AuditEntry, AuditSeal
from core.audit.sealer import seal_entries
from core.audit.service import record, record_many
from core.audit.verifying import Verification, verify_chain
from core.db import session_scope, system_scope
from core.ids import new_id
from tests.factories.core import make_shop

Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def shop(database: str) -> UUID:
    return make_shop()


@pytest.fixture
def owner(database: str) -> Iterator[Owner]:
    """Somebody with every right in the database, but without the program's secret."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def append(shop_id: UUID, count: int) -> None:
    with session_scope([shop_id]) as session:
        subjects = [(new_id(), {"number": number}) for number in range(count)]
        record_many(session, "test:thing:done", shop_id=shop_id, subjects=subjects)


def verify(expected_head: str | None = None) -> Verification:
    with system_scope() as session:
        return verify_chain(session, expected_head=expected_head)


def test_every_committed_entry_is_sealed_once(shop: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "BATCH", 4)
    append(shop, 10)
    assert seal_entries() == 10
    assert seal_entries() == 0
    append(shop, 3)
    assert seal_entries() == 3
    found = verify()
    assert (found.seals, found.entries, found.unsealed, found.broken) == (4, 13, 0, None)


def test_an_entry_that_commits_late_comes_into_a_later_link(shop: UUID) -> None:
    with session_scope([shop]) as slow:
        record(slow, "test:thing:slow", shop_id=shop)
        append(shop, 2)
        assert seal_entries() == 2
    assert seal_entries() == 1
    assert verify().broken is None


def test_sealers_at_the_same_moment_do_not_fork_the_chain(shop: UUID) -> None:
    append(shop, 50)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: seal_entries(), range(4)))
    assert sum(counts) == 50
    assert verify().broken is None


def test_what_is_not_sealed_yet_is_counted(shop: UUID) -> None:
    append(shop, 2)
    assert verify().unsealed == 2


@pytest.mark.parametrize(
    ("tampering", "kind"),
    [
        ("UPDATE audit_entries SET tag = 'x' WHERE id = %(id)s", Break.ENTRY_CHANGED),
        ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE id = %(id)s", Break.ENTRY_CHANGED),
        ("UPDATE audit_entries SET details = '{}' WHERE id = %(id)s", Break.ENTRY_CHANGED),
        ("DELETE FROM audit_entries WHERE id = %(id)s", Break.ENTRY_DELETED),
        ("UPDATE audit_entries SET seal_number = 1 WHERE id = %(id)s", Break.ENTRY_INSERTED),
        ("UPDATE audit_entries SET seal_number = NULL WHERE id = %(id)s", Break.ENTRY_MOVED),
        ("UPDATE audit_seals SET digests = sha256('x') || substr(digests, 33) WHERE number = 2", Break.SEAL_CHANGED),
        ("UPDATE audit_seals SET number = number + 10 WHERE number = 2", Break.SEAL_MISSING),
        ("DELETE FROM audit_seals WHERE number = 2", Break.SEAL_MISSING),
    ],
)
def test_tampering_is_found_although_it_was_done_with_every_right(
    shop: UUID, owner: Owner, tampering: str, kind: Break
) -> None:
    for _ in range(3):
        append(shop, 3)
        seal_entries()
    with system_scope() as session:
        target = session.execute(select(AuditEntry.id).where(AuditEntry.seal_number == 2).limit(1)).scalar_one()

    owner.execute(tampering, {"id": target})

    broken = verify().broken
    assert broken is not None
    assert broken.kind is kind
    assert broken.seal_number == (1 if kind is Break.ENTRY_INSERTED else 2)


def test_an_entry_that_claims_a_link_which_does_not_exist_is_found(shop: UUID, owner: Owner) -> None:
    append(shop, 1)
    seal_entries()
    owner.execute(
        "INSERT INTO audit_entries (id, at, tag, actor_kind, details, seal_number) "
        "VALUES (%s, now(), 'x', 'x', '{}', 99)",
        [new_id()],
    )
    assert (broken := verify().broken) is not None
    assert broken.kind is Break.SEAL_MISSING


def test_a_chain_cut_off_at_its_end_is_found_by_a_head_kept_elsewhere(shop: UUID, owner: Owner) -> None:
    append(shop, 2)
    seal_entries()
    append(shop, 2)
    seal_entries()
    head = verify().head
    assert verify(head).broken is None

    owner.execute("DELETE FROM audit_entries WHERE seal_number = 2")
    owner.execute("DELETE FROM audit_seals WHERE number = 2")

    assert verify().broken is None
    assert (broken := verify(head).broken) is not None
    assert broken.kind is Break.HEAD_MISSING


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET tag = 'x'",
        "UPDATE audit_entries SET seal_number = 1",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "SELECT * FROM audit_seals",
    ],
)
def test_the_programs_own_role_can_only_append_and_read(shop: UUID, statement: str) -> None:
    append(shop, 1)
    with pytest.raises(ProgrammingError, match="permission denied"), session_scope([shop]) as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET tag = 'x'", "DELETE FROM audit_entries", "DELETE FROM audit_seals"]
)
def test_the_sweepers_role_can_seal_and_nothing_more(shop: UUID, statement: str) -> None:
    append(shop, 1)
    with pytest.raises(ProgrammingError, match="permission denied"), system_scope() as session:
        session.execute(text(statement))


def test_seals_hold_ids_and_digests_only(shop: UUID) -> None:
    append(shop, 3)
    seal_entries()
    with system_scope() as session:
        [seal] = session.execute(select(AuditSeal)).scalars()
        count = session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
    assert (len(seal.entry_ids), len(seal.digests)) == (count, 32 * count)
