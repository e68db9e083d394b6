"""People at the screens of one shop."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi import FastAPI

from app.main import create_app
from core.auth.roles import Role
from tests.browsing import Browser, browse
from tests.factories.fulfillment import ShippingShop, make_shipping_shop

HTML = {"accept": "text/html"}


@pytest.fixture(scope="session")
def app(database_url: str) -> FastAPI:
    return create_app()


@dataclass(frozen=True)
class Place:
    """A shop that can ship, and a way to sit down at its screens."""

    app: FastAPI
    shop: ShippingShop

    @property
    def shop_id(self) -> UUID:
        return self.shop.shop_id

    def sit(self, *roles: Role, language: str = "ja") -> Browser:
        browser = browse(self.app, *roles, shop_ids=[self.shop_id])
        browser.headers.update(HTML)
        browser.cookies.set("soegaki_language", language)
        return browser


@pytest.fixture
def place(app: FastAPI, database: str) -> Place:
    return Place(app, make_shipping_shop())


@pytest.fixture
def operator(place: Place) -> Browser:
    return place.sit(Role.OPERATOR)


RunJobs = Callable[..., int]
