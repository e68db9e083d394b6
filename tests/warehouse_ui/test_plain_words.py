"""What used to be a crash, a code or a half-fresh page is a sentence, in the reader's language."""

import re
from pathlib import Path

import pytest
from sqlalchemy import update

from core.auth.models import User
from core.context import using_context
from core.db import system_scope
from tests.browsing import Browser
from tests.warehouse_ui.conftest import Place, RunJobs
from warehouse_ui.audit_words import TAGS
from warehouse_ui.holds import tell_hold

ROOT = Path(__file__).parents[2]
HTMX = {"hx-request": "true"}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("path", ["/customers?q=%00", "/shipments?q=a%00b"])
def test_characters_no_database_holds_are_refused_in_words(place: Place, operator: Browser, path: str) -> None:
    answer = operator.get(path)
    assert answer.status_code == 422
    assert "保存できない文字" in answer.text


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("text", ["-5", "abc", "99999999999999"])
def test_an_impossible_count_is_refused_by_name(place: Place, operator: Browser, text: str) -> None:
    sent = {"warehouse": str(place.shop.warehouse_id), "count:leaflet": text}
    answer = operator.post("/inserts/stock", data=sent)
    assert answer.status_code == 422
    assert "leaflet: 0から1,000,000までの整数" in answer.text


@pytest.mark.usefixtures("database")
def test_a_finished_import_shows_the_whole_page_anew(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    files = {"file": ("customers.csv", "会員番号,氏名\n1,山田 花子\n".encode(), "text/csv")}
    address = operator.post("/imports", data={"importer": "crm_link.customers"}, files=files).headers["location"]
    answer = operator.get(address, headers=HTMX)
    assert answer.headers["HX-Redirect"] == address


@pytest.mark.parametrize(
    ("language", "details", "sentence"),
    [
        ("ja", {"code": "missing_value", "field": "body", "character": ""}, "「本文」の値がありません。"),
        ("en", {"code": "missing_value", "field": "body"}, "“Body” has no value."),
        ("ja", {"code": "too_long", "field": "salutation"}, "「宛名」が枠に入りません。"),
        ("ja", {"insert": "dish", "note": ""}, "insert: dish"),
    ],
)
def test_a_hold_says_what_is_missing(language: str, details: dict[str, str], sentence: str) -> None:
    with using_context(language=language):
        assert tell_hold(details) == sentence


def test_the_sources_name_no_place_of_a_rule_document() -> None:
    """Paths like when.all[0].value are for files and programs."""
    templates = ROOT / "warehouse_ui" / "templates"
    assert not [path for path in templates.rglob("rule*.html") if "problem.place" in path.read_text("utf-8")]


@pytest.mark.usefixtures("database")
def test_the_switch_in_the_browser_wins_over_the_language_of_the_account(place: Place, operator: Browser) -> None:
    """Also for sentences that are made before the page is: those of rules, of mistakes."""
    with system_scope() as session:
        session.execute(update(User).where(User.id == operator.user.id).values(language="ja"))
    operator.cookies.set("soegaki_language", "en")
    assert "SKUs ordered" in operator.get("/rules/catalogue").text
    operator.cookies.delete("soegaki_language")
    assert "注文した商品" in operator.get("/rules/catalogue").text


def test_every_entry_of_the_audit_has_words() -> None:
    packages = ("app", "core", "crm_link", "orders", "personalization", "documents", "fulfillment")
    pattern = re.compile(rf'"((?:{"|".join(packages)}):[a-z_]+:[a-z_]+)"')
    found = {
        tag
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        for tag in pattern.findall(path.read_text("utf-8"))
    }
    assert len(found) > 20
    assert sorted(found - TAGS.keys()) == []
