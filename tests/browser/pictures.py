"""Takes the guide's pictures from a running demo: `python -m tests.browser.pictures http://127.0.0.1:8080`."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from app.demo.shop_setup import PASSWORD
from tests.browser.conftest import FLAGS, NAMES, TABLET

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
OPERATOR: Final = "ec@example.jp"
SUCCESS: Final = "cs@example.jp"


def sign_in(browser: Browser, base_url: str, email: str, language: str) -> Page:
    context = browser.new_context(base_url=base_url, viewport=TABLET, locale=language)
    context.add_cookies([{"name": "soegaki_language", "value": language, "url": base_url}])
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("input[type=email]").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("input[type=password]").press("Enter")
    page.wait_for_load_state("networkidle")
    return page


def open_rules(page: Page) -> None:
    page.goto("/rules")
    page.wait_for_load_state("networkidle")


def open_rule(page: Page) -> None:
    open_rules(page)
    page.locator("[data-rule] a, [data-rule] button").nth(1).click()
    page.wait_for_timeout(1500)


def open_shipment(page: Page) -> None:
    page.goto("/shipments")
    page.locator("tbody a").first.click()
    page.wait_for_load_state("networkidle")


def open_path(path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)
        page.wait_for_load_state("networkidle")

    return go


def open_designer(page: Page) -> None:
    page.goto("/templates/thank_you_letter/ja/edit")
    page.wait_for_selector("#designer[data-previewed]:not([data-previewing])")
    page.locator("[data-layer='flow.elements[1]']").click()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1000)


def open_template_publish(page: Page) -> None:
    """Show what a small change of the draft would publish."""
    open_designer(page)
    page.locator("[data-focus='y']").fill("3")
    page.locator("[data-focus='y']").press("Tab")
    page.locator("#designer-standing[data-standing='saved']").wait_for()
    page.goto("/templates/thank_you_letter/ja/publish")
    page.wait_for_load_state("networkidle")


# Name of the picture → who looks, and how to get there.
PICTURES: Final[dict[str, tuple[str, Callable[[Page], None]]]] = {
    "rules": (OPERATOR, open_rules),
    "rule": (OPERATOR, open_rule),
    "publish": (OPERATOR, open_path("/rules/publish")),
    "templates": (OPERATOR, open_path("/templates")),
    "designer": (OPERATOR, open_designer),
    "template-pictures": (OPERATOR, open_path("/templates/pictures")),
    "template-publish": (OPERATOR, open_template_publish),
    "versions": (OPERATOR, open_path("/rules/versions")),
    "figures": (OPERATOR, open_path("/rules/figures")),
    "backtest": (OPERATOR, open_path("/rules/backtests/new")),
    "experiments": (OPERATOR, open_path("/experiments")),
    "what-if": (SUCCESS, open_path("/what-if")),
    "shipment": (SUCCESS, open_shipment),
}


def main() -> None:
    base_url = sys.argv[1]
    path = next(found for name in NAMES if (found := shutil.which(name)))
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for language in ("ja", "en"):
            pages = {email: sign_in(browser, base_url, email, language) for email in (OPERATOR, SUCCESS)}
            for name, (email, arrive) in PICTURES.items():
                arrive(pages[email])
                pages[email].screenshot(path=FOLDER / f"{name}.{language}.png")
        browser.close()


if __name__ == "__main__":
    main()
