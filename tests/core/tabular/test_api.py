"""Uploads over HTTP."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI

from app.main import create_app
from core.auth.roles import Role
from core.tabular.importer import IMPORTERS, register
from tests.browsing import browse
from tests.core.tabular.importing import MemoryImporter
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


@pytest.fixture
def importer() -> Iterator[MemoryImporter]:
    found = MemoryImporter()
    register(found)
    yield found
    del IMPORTERS[found.name]


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


def test_a_file_goes_from_door_to_error_file(
    app: FastAPI, importer: MemoryImporter, shop_id: UUID, run_jobs: Callable[..., int]
) -> None:
    client = browse(app, Role.OPERATOR, shop_ids=[shop_id])
    file = ("things.csv", "コード,氏名\n1,花子\n2,禁止\n".encode("cp932"))

    received = client.post("/api/uploads", data={"importer": "test.things"}, files={"file": file})
    upload_id = received.json()["upload"]["id"]
    unmapped = client.post(f"/api/uploads/{upload_id}/start", json={})
    mapping = {**received.json()["upload"]["mapping"], "number": {"columns": [{"header": "コード"}]}}
    started = client.post(f"/api/uploads/{upload_id}/start", json={"mapping": mapping})
    run_jobs()
    done = client.get(f"/api/uploads/{upload_id}").json()
    errors = client.get(f"/api/uploads/{upload_id}/errors")

    assert (received.status_code, received.json()["missing_fields"]) == (201, ["number"])
    assert (unmapped.status_code, unmapped.json()["code"]) == (422, "mapping_incomplete")
    assert started.status_code == 202
    assert (done["state"], done["row_count"], done["new_count"], done["rejected_count"]) == ("done", 2, 1, 1)
    assert "2,禁止,3,名前,使えない名前です。" in errors.content.decode("cp932")
    assert [upload["id"] for upload in client.get("/api/uploads").json()] == [upload_id]


def test_a_file_that_is_no_table_is_refused_with_its_reason(
    app: FastAPI, importer: MemoryImporter, shop_id: UUID
) -> None:
    client = browse(app, Role.OPERATOR, shop_ids=[shop_id])

    answer = client.post("/api/uploads", data={"importer": "test.things"}, files={"file": ("x.csv", b"")})
    unknown = client.post("/api/uploads", data={"importer": "nothing"}, files={"file": ("x.csv", b"a\n1\n")})

    assert (answer.status_code, answer.json()["code"]) == (422, "file_unreadable")
    assert unknown.status_code == 404


def test_the_kinds_of_file_are_listed(app: FastAPI, importer: MemoryImporter, shop_id: UUID) -> None:
    client = browse(app, Role.ORGANISER, shop_ids=[shop_id])

    names = {each["name"]: each for each in client.get("/api/importers").json()}

    assert names["test.things"]["presets"] == ["shop"]
    assert [field["required"] for field in names["test.things"]["fields"]] == [True, False, False]
