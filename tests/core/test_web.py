"""The dependencies of every route: who is let in, on which shops, and what a session of theirs can see."""

import asyncio
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from anyio import to_thread
from fastapi import APIRouter, FastAPI, Form
from sqlalchemy import func, select

from app.edge import MAX_BODY_SIZE, Edge
from app.error_answers import install_error_answers
from app.main import THREADS
from core.auth.authority import Place
from core.auth.permissions import UndeclaredRouteError, declare_permissions
from core.auth.roles import Access, Role
from core.context import get_context
from core.db import system_scope
from core.jobs.models import Job
from core.web import SessionDep, public, require
from tests.asides import run_aside
from tests.browsing import Browser, browse, call, visit
from tests.factories.core import make_key, make_shop, make_user, make_warehouse

router = APIRouter(prefix="/api/things")
Operator = Annotated[Access, require(Role.OPERATOR)]


@router.get("")
def list_things(session: SessionDep, access: Operator) -> dict[str, object]:
    """Deliberately without any WHERE."""
    seen = session.execute(select(Job.shop_id)).scalars().all()
    return {"seen": sorted(map(str, seen)), "language": get_context().language, "actor": get_context().actor.kind}


@router.post("")
def add_thing(session: SessionDep, access: Operator, name: str = "thing") -> dict[str, str]:
    session.add(Job(shop_id=access.shop_id, name=name))
    return {"shop_id": str(access.shop_id)}


@router.post("/form")
def add_by_form(session: SessionDep, access: Operator, name: Annotated[str, Form()]) -> dict[str, str]:
    session.add(Job(shop_id=access.shop_id, name=name))
    return {"name": name}


@router.post("/{shop_id}/break")
def add_and_break(shop_id: UUID, session: SessionDep, access: Operator) -> None:
    session.add(Job(shop_id=shop_id, name="half"))
    session.flush()
    raise ZeroDivisionError("花子 hanako@example.com")


@router.get("/pack", dependencies=[require(Role.PACKER)])
def pack(session: SessionDep) -> list[str]:
    return sorted(str(shop_id) for shop_id in session.execute(select(Job.shop_id)).scalars())


@router.get("/open", dependencies=[public("a test of public routes")])
def show_open() -> str:
    return get_context().actor.kind


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.include_router(router)
    install_error_answers(made)
    declare_permissions(made)
    made.add_middleware(Edge)
    return made


@pytest.fixture
def shops(database: str) -> tuple[UUID, UUID]:
    """Two shops with one row each."""
    both = make_shop("mine"), make_shop("theirs")
    with system_scope() as session:
        session.add_all(Job(shop_id=shop_id, name="given") for shop_id in both)
    return both


@pytest.fixture
def hanako(app: FastAPI, shops: tuple[UUID, UUID]) -> Iterator[Browser]:
    """An operator of the first shop."""
    with browse(app, Role.OPERATOR, shop_ids=shops[:1]) as browser:
        yield browser


def count_jobs(name: str) -> int:
    with system_scope() as session:
        return session.execute(select(func.count()).select_from(Job).where(Job.name == name)).scalar_one()


def test_nobody_is_let_in_without_sign_in(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    answer = visit(app).get("/api/things")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_browser_is_sent_to_sign_in_and_back(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    edge = visit(app)
    answer = edge.get("/api/things", headers={"accept": "text/html", "hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?reason=ended&next=%2F")


def test_the_wrong_role_is_told_which_one_is_needed(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    answer = browse(app, Role.PACKER, shop_ids=shops).get("/api/things")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_needed")
    assert answer.json()["details"] == {"roles": ["operator"]}


def test_a_query_without_a_filter_sees_the_callers_shops_only(hanako: Browser, shops: tuple[UUID, UUID]) -> None:
    answer = hanako.get("/api/things")
    assert answer.json()["seen"] == [str(shops[0])]
    assert answer.json()["actor"] == "user"


def test_a_session_is_narrowed_to_the_shops_of_the_routes_role(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    mine, theirs = shops
    both = Browser(app, make_user((Role.OPERATOR, Place(mine)), (Role.PACKER, Place(theirs))))
    assert both.get("/api/things").json()["seen"] == [str(mine)]
    assert both.get("/api/things/pack").json() == [str(theirs)]


@pytest.mark.parametrize("header", ["slug", "id", "unknown", "nonsense"])
def test_naming_a_shop_that_is_not_yours_is_like_naming_none(
    hanako: Browser, shops: tuple[UUID, UUID], header: str
) -> None:
    named = {"slug": "theirs", "id": str(shops[1]), "unknown": "no-such-shop", "nonsense": "'; --"}[header]
    answer = hanako.get("/api/things", headers={"soegaki-shop": named})
    assert (answer.status_code, answer.json()["code"]) == (404, "shop_not_found")


def test_one_of_several_shops_is_chosen_by_slug_or_id(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    operator = browse(app, Role.OPERATOR, shop_ids=shops)
    assert operator.post("/api/things").json()["code"] == "shop_not_chosen"
    for named, shop_id in (("theirs", shops[1]), (str(shops[0]), shops[0])):
        assert operator.post("/api/things", headers={"soegaki-shop": named}).json() == {"shop_id": str(shop_id)}


def test_a_row_for_another_shop_is_refused_by_the_database(hanako: Browser, shops: tuple[UUID, UUID]) -> None:
    answer = hanako.post(f"/api/things/{shops[1]}/break")
    assert answer.status_code == 500
    assert "hanako" not in answer.text
    assert count_jobs("half") == 0


def test_what_fails_is_undone_and_answered_as_our_fault(hanako: Browser, shops: tuple[UUID, UUID]) -> None:
    answer = hanako.post(f"/api/things/{shops[0]}/break")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "hanako" not in answer.text
    assert count_jobs("half") == 0


def test_an_unsafe_call_by_cookie_needs_the_csrf_token(hanako: Browser) -> None:
    del hanako.headers["x-csrf-token"]
    for headers in ({}, {"x-csrf-token": "guess"}, {"content-type": "application/x-www-form-urlencoded"}):
        answer = hanako.post("/api/things", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert hanako.get("/api/things").status_code == 200


@pytest.mark.parametrize("multipart", [False, True])
def test_a_form_carries_the_csrf_token_as_a_field(hanako: Browser, multipart: bool) -> None:
    del hanako.headers["x-csrf-token"]
    fields = {"name": "by form", "csrf_token": hanako.opened.csrf_token}
    files = {"file": b"x"} if multipart else None
    assert hanako.post("/api/things/form", data=fields, files=files).json() == {"name": "by form"}
    assert hanako.post("/api/things/form", data={"name": "by form"}, files=files).status_code == 403
    assert count_jobs("by form") == 1


def test_a_key_needs_no_csrf_token_and_is_one_principal_with_its_own_scope(
    app: FastAPI, shops: tuple[UUID, UUID]
) -> None:
    program = call(app, Role.OPERATOR, shop_ids=shops[:1])
    assert program.post("/api/things").json() == {"shop_id": str(shops[0])}
    assert program.get("/api/things").json()["actor"] == "api_key"
    assert program.get("/api/things/pack").status_code == 403


def test_a_warehouses_key_follows_the_shops_the_warehouse_serves(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    warehouse = make_warehouse()
    program = call(app, Role.PACKER, warehouse_id=warehouse)
    assert program.get("/api/things/pack").status_code == 403
    served = make_shop(warehouse_id=warehouse)
    with system_scope() as session:
        session.add(Job(shop_id=served, name="given"))
    assert program.get("/api/things/pack").json() == [str(served)]


@pytest.mark.parametrize(
    "bearer", ["", "x", "sgk.unknown.secret", "sgk..", "sgk.a.b.c", "日本".encode().decode("latin-1")]
)
def test_a_wrong_key_is_refused_even_beside_a_good_cookie(hanako: Browser, bearer: str) -> None:
    answer = hanako.get("/api/things", headers={b"authorization": f"Bearer {bearer}".encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")


def test_a_key_whose_secret_was_changed_by_one_letter_is_refused(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    _, key = make_key([Role.OPERATOR], shop_ids=shops)
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert visit(app).get("/api/things", headers={"authorization": f"Bearer {other}"}).status_code == 401


@pytest.mark.parametrize(
    ("own", "asked", "shown"), [("en", "ja", "en"), (None, "en-GB,en;q=0.9", None), ("ja", "en", "ja")]
)
def test_a_persons_own_language_goes_before_the_browsers(
    app: FastAPI, shops: tuple[UUID, UUID], own: str | None, asked: str, shown: str | None
) -> None:
    person = Browser(app, make_user((Role.OPERATOR, Place(shops[0])), language=own))
    assert person.get("/api/things", headers={"accept-language": asked}).json()["language"] == shown


def test_every_answer_has_its_headers_and_its_id(app: FastAPI, hanako: Browser) -> None:
    for answer in (hanako.get("/api/things"), hanako.get("/nowhere"), visit(app).get("/api/things")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.headers["x-request-id"]) == 32
    assert hanako.get("/api/things", headers={"x-request-id": "abc-12345678"}).headers["x-request-id"] == "abc-12345678"
    assert hanako.get("/api/things", headers={"x-request-id": "<bad>"}).headers["x-request-id"] != "<bad>"


def test_too_large_a_body_is_refused(hanako: Browser) -> None:
    large = "x" * MAX_BODY_SIZE
    for body in (f"name={large}".encode(), (part.encode() for part in ("name=", large))):
        answer = hanako.post(
            "/api/things/form", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "http_413")


def test_malformed_input_names_field_and_reason_without_repeating_it(hanako: Browser) -> None:
    answer = hanako.post("/api/things/090-1234-5678/break")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["details"]["faults"][0]["field"] == "shop_id"
    assert "090-1234" not in answer.text


def test_a_public_route_knows_nobody(app: FastAPI, hanako: Browser) -> None:
    assert hanako.get("/api/things/open").json() == "visitor"


def test_a_route_that_declares_nothing_stops_the_program() -> None:
    bare = FastAPI(openapi_url=None)
    bare.get("/forgotten")(lambda: None)
    with pytest.raises(UndeclaredRouteError, match="/forgotten"):
        declare_permissions(bare)


def test_a_public_route_cannot_take_the_callers_session() -> None:
    bare = FastAPI(openapi_url=None)

    def show(session: SessionDep) -> None: ...

    bare.get("/both", dependencies=[public("oops")])(show)
    with pytest.raises(UndeclaredRouteError, match="public but wants"):
        declare_permissions(bare)


def test_a_session_without_a_declared_role_stops_the_program() -> None:
    bare = FastAPI(openapi_url=None)

    def show(session: SessionDep) -> None: ...

    bare.get("/session-only")(show)
    with pytest.raises(UndeclaredRouteError, match="which roles"):
        declare_permissions(bare)


def test_a_mount_stops_the_program_because_it_hides_its_routes() -> None:
    bare = FastAPI(openapi_url=None)
    bare.mount("/hidden", FastAPI())
    with pytest.raises(UndeclaredRouteError, match="/hidden"):
        declare_permissions(bare)


def test_more_callers_than_connections_at_once_all_get_their_answer(app: FastAPI, shops: tuple[UUID, UUID]) -> None:
    """With as few threads as the program has, a caller waiting for a connection must not keep one from its end."""
    _, key = make_key([Role.OPERATOR], shop_ids=shops[:1])

    async def call_all() -> list[int]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        transport = httpx.ASGITransport(app=app)
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            waiting = asyncio.gather(*(client.get("/api/things") for _ in range(60)))
            answers = await asyncio.wait_for(waiting, 100)
        return [answer.status_code for answer in answers]

    assert set(run_aside(call_all())) == {200}
