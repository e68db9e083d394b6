"""Callers of the web application in tests: people with a browser, and programs with a key."""

from collections.abc import Collection
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.auth.authority import Place
from core.auth.models import User
from core.auth.roles import Role
from core.auth.signing_in import NewSignIn
from core.web import cookie_name
from tests.factories.core import make_key, make_sign_in, make_user


class Browser(TestClient):
    """A person who is signed in. Sends the CSRF token as the pages do."""

    def __init__(self, app: FastAPI, user: User) -> None:
        super().__init__(app, base_url="http://testserver", follow_redirects=False)
        self.user = user
        self.opened: NewSignIn = make_sign_in(user)
        self.cookies.set(cookie_name(), self.opened.token)
        self.headers["x-csrf-token"] = self.opened.csrf_token


def browse(app: FastAPI, *roles: Role, shop_ids: Collection[UUID]) -> Browser:
    """Return the browser of a new user who holds these roles in these shops."""
    return Browser(app, make_user(*[(role, Place(shop_id)) for shop_id in shop_ids for role in roles]))


def visit(app: FastAPI) -> TestClient:
    """Return the browser of somebody who is not signed in."""
    return TestClient(app, base_url="http://testserver", follow_redirects=False)


def call(app: FastAPI, *roles: Role, shop_ids: Collection[UUID] = (), warehouse_id: UUID | None = None) -> TestClient:
    """Return a program with a new API key."""
    _, text = make_key(roles, shop_ids=shop_ids, warehouse_id=warehouse_id)
    client = visit(app)
    client.headers["authorization"] = f"Bearer {text}"
    return client
