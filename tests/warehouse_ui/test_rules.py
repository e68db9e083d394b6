"""Rules on the screen: edited as a form, kept as a draft, published or refused with place and reason."""

import json

import pytest

from core.db import session_scope
from personalization.publishing import find_live_version
from tests.browsing import Browser
from tests.factories.fulfillment import LEAFLET
from tests.warehouse_ui.conftest import Place
from tests.warehouse_ui.test_rule_forms import SAMPLES, Inputs
from warehouse_ui.rules.draft import load_draft

pytestmark = pytest.mark.usefixtures("database")


def fields(html: str) -> list[tuple[str, str]]:
    """Return what the rule form of a page would send."""
    reader = Inputs()
    reader.feed(html[html.index('<form class="stack" id="rule-form"') :].split("</form>", maxsplit=1)[0])
    return reader.sent


def rules_of(place: Place) -> list[dict[str, object]]:
    with session_scope([place.shop_id]) as session:
        return load_draft(session, place.shop_id).rules


def post(browser: Browser, sent: list[tuple[str, str]], act: str) -> object:
    body: dict[str, list[str]] = {}
    for name, value in [*sent, ("act", act)]:
        body.setdefault(name, []).append(value)
    return browser.post("/rules/form", data=body)


def test_saving_the_form_as_it_stands_changes_nothing(place: Place, operator: Browser) -> None:
    before = rules_of(place)
    page = operator.get("/rules/letter-and-leaflet/edit").text
    answer = post(operator, fields(page), "save")
    assert answer.headers["location"] == "/rules?done=rule_saved"  # type: ignore[attr-defined]
    assert json.dumps(rules_of(place), sort_keys=True) == json.dumps(before, sort_keys=True)


def test_a_rule_is_made_step_by_step_without_javascript(place: Place, operator: Browser) -> None:
    sent = dict(fields(operator.get("/rules/new").text))
    sent |= {"key": "big-order", "name-ja": "高額のお礼", "name-en": "Thanks for a big order", "c0-fact": "order.total"}
    shown = dict(fields(post(operator, list(sent.items()), "refresh").text))  # type: ignore[attr-defined]
    shown |= {"c0-op": "at_least", "c0-value": "10000", "a0-do": "enclose"}
    shown = dict(fields(post(operator, list(shown.items()), "refresh").text))  # type: ignore[attr-defined]
    assert shown["a0-insert"] == ""
    shown["a0-insert"] = str(LEAFLET["key"])
    post(operator, list(shown.items()), "save")
    made = rules_of(place)[-1]
    assert made["when"] == {"all": [{"fact": "order.total", "op": "at_least", "value": 10000}]}
    assert made["then"] == [{"do": "enclose", "insert": "leaflet"}]


def test_a_mistake_is_named_and_nothing_is_saved(place: Place, operator: Browser) -> None:
    sent = dict(fields(operator.get("/rules/new").text)) | {"key": "broken", "name-ja": "x", "name-en": "x"}
    answer = post(operator, list(sent.items()), "save")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "まだ保存できません。" in answer.text  # type: ignore[attr-defined]
    assert [rule["key"] for rule in rules_of(place)] == ["letter-and-leaflet"]


def test_a_draft_decides_nothing_until_it_is_published(place: Place, operator: Browser) -> None:
    version = operator.get("/rules").text.partition('name="seen" value="')[2].partition('"')[0]
    operator.post("/rules/letter-and-leaflet/toggle", data={"seen": version})
    assert "公開していない変更があります" in operator.get("/rules").text
    with session_scope([place.shop_id]) as session:
        live = find_live_version(session, place.shop_id)
        assert live is not None
        assert "enabled" not in live.document["rules"][0]
    assert operator.post("/rules/publish", data={"note": "止める"}).headers["location"] == "/rules?done=published"
    assert "公開していない変更があります" not in operator.get("/rules").text
    assert "止める" in operator.get("/rules/versions").text


def test_who_saves_over_somebody_elses_draft_is_told(place: Place, operator: Browser) -> None:
    version = operator.get("/rules").text.partition('name="seen" value="')[2].partition('"')[0]
    assert operator.post("/rules/letter-and-leaflet/toggle", data={"seen": version}).status_code == 303
    assert operator.post("/rules/letter-and-leaflet/delete", data={"seen": version}).status_code == 409


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_list_tells_each_rule_in_words(place: Place, operator: Browser, language: str) -> None:
    operator.cookies.set("soegaki_language", language)
    page = operator.get("/rules").text
    assert ("すべての出荷" if language == "ja" else "Every shipment") in page
    assert ("季節のたより" if language == "ja" else "Seasonal leaflet") in page


def test_samples_have_enough_variety() -> None:
    """The round trips above are worth what the samples hold."""
    kinds = {action["do"] for rule in SAMPLES for action in rule["then"]}
    assert {"enclose", "letter", "hold", "slip", "task", "tag"} <= kinds
