"""The frame of the web application: health, built files, unknown addresses, and the wiring of events."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import health
from app.main import create_app
from app.static_files import BuiltFiles
from app.wiring import wire
from core import events
from core.db import configure
from tests.browsing import visit


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


def test_the_process_is_alive_and_says_when_it_cannot_work(
    app: FastAPI, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert visit(app).get("/healthz").json() == {"status": "alive"}
    ready = visit(app).get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (200, "ready")

    configure("postgresql://nobody@127.0.0.1:9/nothing")
    try:
        answer = visit(app).get("/readyz")
        assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
        assert visit(app).get("/healthz").status_code == 200
    finally:
        configure(database)
    monkeypatch.setattr(health, "check_broker", lambda: "unreachable")
    assert visit(app).get("/readyz").status_code == 503


@pytest.fixture
def files(tmp_path: Path) -> TestClient:
    (tmp_path / "app.css").write_text("body{}")
    (tmp_path / "service-worker.js").write_text("//")
    bare = FastAPI()
    bare.mount("/static", BuiltFiles(tmp_path))
    bare.mount("/unbuilt", BuiltFiles(tmp_path / "nothing"))
    return TestClient(bare)


def test_a_file_addressed_by_its_content_is_kept_for_ever_any_other_asked_for_again(files: TestClient) -> None:
    assert "immutable" in files.get("/static/app.css?v=abc").headers["cache-control"]
    plain = files.get("/static/app.css")
    assert plain.headers["cache-control"] == "no-cache"
    assert files.get("/static/app.css", headers={"if-none-match": plain.headers["etag"]}).status_code == 304


def test_the_service_worker_may_serve_the_pages_above_it(files: TestClient) -> None:
    assert files.get("/static/service-worker.js").headers["service-worker-allowed"] == "/"


@pytest.mark.parametrize("path", ["/static/none.css?v=1", "/static/../pyproject.toml", "/unbuilt/app.css"])
def test_what_is_not_built_is_not_found(files: TestClient, path: str) -> None:
    answer = files.get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_an_unknown_address_is_answered_in_the_callers_manner(app: FastAPI) -> None:
    program = visit(app).get("/api/nothing")
    assert (program.status_code, program.json()["code"]) == (404, "http_404")
    for language, word in (("ja", "見つかりません"), ("en", "Not found")):
        page = visit(app).get("/nothing", headers={"accept": "text/html", "accept-language": language})
        assert page.status_code == 404
        assert word.casefold() in page.text.casefold()
    assert visit(app).delete("/api/auth/me").json()["code"] == "http_405"


def test_wiring_twice_calls_nobody_twice() -> None:
    wire()
    before = {event: list(handlers) for event, handlers in events._handlers.items()}
    wire()
    assert before == {event: list(handlers) for event, handlers in events._handlers.items()}
    assert before
