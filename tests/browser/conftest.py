"""A Chromium, the program behind a real address, and people who sign in by hand."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from app.main import create_app
from core.auth.authority import Place
from core.auth.roles import Role
from tests.factories.core import PASSWORD, make_user
from tests.factories.fulfillment import ShippingShop, make_shipping_shop
from warehouse_ui.templating import STATIC

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
TABLET: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 15_000


def refuse(reason: str) -> None:
    """Skip where a person runs the tests; fail where they are insisted on."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        refuse("No Chromium was found: the browser tests need one (Debian: chromium).")
    if not (STATIC / "station.js").exists():
        refuse("The front end is not built: run `python frontend.py build`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(database_url: str) -> Iterator[str]:
    """The program on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@dataclass(frozen=True)
class Stage:
    """A shop, and a way to let somebody sit down before a screen."""

    chromium: Browser
    address: str
    shop: ShippingShop
    contexts: list[BrowserContext]

    def seat(self, *roles: Role, language: str = "ja", theme: str = "light", phone: bool = False) -> Page:
        """Sign in as a new user with these roles, by the form; returns the first page."""
        user = make_user(*[(role, Place(self.shop.shop_id)) for role in roles])
        context = self.chromium.new_context(
            base_url=self.address,
            viewport=PHONE if phone else TABLET,
            locale="ja-JP" if language == "ja" else "en-GB",
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#email", user.email)
        page.fill("#password", PASSWORD)
        page.locator("form[action='/sign-in'] button").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page


@pytest.fixture
def stage(chromium: Browser, address: str, database: str) -> Iterator[Stage]:
    made = Stage(chromium, address, make_shipping_shop(), [])
    yield made
    for context in made.contexts:
        context.close()


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Take a picture of a page, if SOEGAKI_TEST_PICTURES names a folder for it."""

    def take(page: Page, name: str) -> None:
        folder = os.environ.get("TEST_PICTURES")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take


@pytest.fixture(scope="session")
def check_page() -> Callable[[Page], list[str]]:
    """Return what axe-core finds wrong with a page: rule, and the first place."""
    axe = Axe()

    def check(page: Page) -> list[str]:
        found = axe.run(page).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]

    return check
