"""What the doctor says of the database and the broker."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.doctor.broker import check_broker
from app.doctor.database import check_database
from app.doctor.findings import Finding, Level
from core import db
from core.settings import Settings


@pytest.fixture
def elsewhere(database_url: str) -> Iterator[None]:
    """A test that points the program to another database gives it back."""
    yield
    db.configure(database_url)


def find(findings: list[Finding], subject: str) -> Finding:
    return next(finding for finding in findings if finding.subject == subject)


def test_a_database_that_is_in_order_is_good(database: str) -> None:
    findings = check_database()
    assert {finding.subject for finding in findings} == {"database", "roles", "migrations", "clock"}
    assert all(finding.level is Level.GOOD for finding in findings), findings


def test_a_database_at_an_older_revision_is_told(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.doctor.database.find_head", lambda: "0002")
    finding = find(check_database(), "migrations")
    assert finding.level is Level.BAD
    assert "soegaki migrate" in finding.advice


def test_a_role_that_could_bypass_the_policies_is_told(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER ROLE soegaki_app BYPASSRLS")
        try:
            finding = find(check_database(), "roles")
        finally:
            connection.execute("ALTER ROLE soegaki_app NOBYPASSRLS")
    assert finding.level is Level.BAD
    assert finding.advice == "ALTER ROLE soegaki_app NOSUPERUSER NOBYPASSRLS"


@pytest.mark.usefixtures("elsewhere")
def test_a_database_that_does_not_answer_is_one_bad_finding(tmp_path: Path) -> None:
    db.configure(f"postgresql://nobody@/nothing?host={tmp_path}")
    (finding,) = check_database()
    assert finding.level is Level.BAD
    assert "SOEGAKI_DATABASE_URL" in finding.advice


def test_the_broker_answers_or_is_told(redis_url: str, tmp_path: Path) -> None:
    assert check_broker(Settings(redis_url=redis_url)).level is Level.GOOD
    assert check_broker(Settings(redis_url=f"unix://{tmp_path}/none.sock")).level is Level.BAD
    assert check_broker(Settings(redis_url="nonsense")).level is Level.BAD
