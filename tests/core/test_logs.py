"""Logs: structured, with ids, and without a person's data even when something breaks."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog

from core.context import Actor, using_context
from core.db import session_scope, system_scope
from core.errors import ConflictError
from core.logs import configure_logging
from core.tenancy import Shop
from tests.factories.core import make_shop

PERSONAL = ("架空 花子", "hanako@example.jp", "090-1234-5678", "+81 90-1234-5678")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before = logging.getLogger().handlers
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield stream
    configure_logging()
    logging.getLogger().handlers = before


def parse(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object_with_the_ids_of_what_is_going_on(lines: io.StringIO) -> None:
    log = structlog.get_logger("tests")
    with using_context(request_id="r-1", job_id=UUID(int=5), actor=Actor("user", UUID(int=6))):
        log.info("parcel.verified", shop_id=str(UUID(int=7)), units=3)
    [line] = parse(lines)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "parcel.verified",
        "level": "info",
        "logger": "tests",
        "request_id": "r-1",
        "job_id": str(UUID(int=5)),
        "actor": f"user:{UUID(int=6)}",
        "shop_id": str(UUID(int=7)),
        "units": 3,
    }


def test_an_exception_is_told_by_type_code_and_place_never_by_its_text(lines: io.StringIO) -> None:
    def fail() -> None:
        try:
            raise KeyError(PERSONAL[0])
        except KeyError as error:
            raise ConflictError(f"{PERSONAL[1]} is taken") from error

    try:
        fail()
    except ConflictError:
        structlog.get_logger("tests").exception("went_wrong")
        logging.getLogger("library").exception("Exception in application")
    for line in parse(lines):
        assert [found["type"] for found in line["exception"]] == ["ConflictError", "KeyError"]
        assert line["exception"][0]["code"] == "conflict"
        assert "test_logs.py" in line["exception"][0]["at"][-1]
    assert not any(word in lines.getvalue() for word in PERSONAL)


def test_a_database_error_quotes_neither_row_nor_parameters(database: str, lines: io.StringIO) -> None:
    make_shop("taken")
    try:
        with system_scope() as session:
            session.add(Shop(slug="taken", name=PERSONAL[0], name_en=PERSONAL[1]))
    except Exception:  # noqa: BLE001 (whatever it is, it is logged)
        structlog.get_logger("tests").exception("went_wrong")
    [line] = parse(lines)
    assert line["exception"][0]["type"] == "IntegrityError"
    assert line["exception"][1]["code"] == "23505"
    assert not any(word in lines.getvalue() for word in (*PERSONAL, "taken"))


def test_what_looks_like_an_address_or_a_phone_number_is_blanked(lines: io.StringIO) -> None:
    log = structlog.get_logger("tests")
    log.warning("careless", text="to hanako@example.jp", phones=["090-1234-5678", {"x": "0120-123-456"}])
    logging.getLogger("library").warning("sent to %s", "hanako@example.jp")
    ours, theirs = parse(lines)
    assert (ours["text"], ours["phones"]) == ("to [email]", ["[phone]", {"x": "[phone]"}])
    assert theirs["event"] == "sent to [email]"


@pytest.mark.parametrize("text", ["0193a1b2-0000-7000-8000-000000000000", "2026-11-19T10:00:00", "v1.2-3", "a-b"])
def test_ids_and_moments_stay_readable(lines: io.StringIO, text: str) -> None:
    structlog.get_logger("tests").info("fine", value=text)
    assert parse(lines)[0]["value"] == text


def test_sessions_do_not_log_their_values(database: str, lines: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        session.get_one(Shop, shop_id).profile = {"person": PERSONAL[0]}
    logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    assert PERSONAL[0] not in lines.getvalue()
