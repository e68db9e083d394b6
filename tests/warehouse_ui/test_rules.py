"""The doors of the rule editor: draft, catalogue, values, check, gallery; who may enter, and what two editors get."""

import re
from typing import Any

import pytest

from core.auth.roles import Role
from core.db import session_scope
from personalization.facts.catalogue import FACTS
from personalization.publishing import find_live_version
from tests.browsing import Browser, visit
from tests.factories.fulfillment import RULES, RunJobs, make_shipping_shop, take_order
from tests.warehouse_ui.conftest import Place
from warehouse_ui.rules.readings import read_kana
from warehouse_ui.rules.search_words import FACT_WORDS

pytestmark = pytest.mark.usefixtures("database")
DOORS = ("/rules", "/rules/new", "/rules/draft", "/rules/catalogue", "/rules/values?kind=categories", "/rules/gallery")


def rule_with(condition: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    name = {"ja": "名前", "en": "Name"}
    return {"key": "one", "name": name, "when": condition, "then": list(actions) or [{"do": "tag", "tag": "x"}]}


def document_of(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "rules": list(rules)}


def check(operator: Browser, *rules: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = operator.post(
        "/rules/check", json={"document": document_of(*rules)}
    ).json()
    return found


def test_only_operators_enter(place: Place, operator: Browser) -> None:
    stranger, packer = visit(place.app), place.sit(Role.PACKER, Role.CUSTOMER_SUCCESS)
    for door in DOORS:
        assert stranger.get(door, headers={"accept": "application/json"}).status_code == 401, door
        assert packer.get(door).status_code == 403, door
        assert operator.get(door).status_code == 200, door


def test_another_shops_rule_is_not_found(place: Place, operator: Browser) -> None:
    make_shipping_shop(rules={**RULES, "rules": [{**RULES["rules"][0], "key": "theirs"}]})
    assert operator.get("/rules/theirs/edit").status_code == 404
    assert operator.get("/rules/letter-and-leaflet/edit").status_code == 200


def test_a_draft_is_kept_with_its_mistakes_and_decides_nothing(place: Place, operator: Browser) -> None:
    seen = operator.get("/rules/draft").json()
    assert seen["document"] == RULES
    broken = document_of(rule_with({"all": []}))
    saved = operator.post("/rules/draft", json={"document": broken, "seen": seen["version"]}).json()
    assert saved["is_changed"]
    assert operator.get("/rules/draft").json()["document"] == broken
    with session_scope([place.shop_id]) as session:
        live = find_live_version(session, place.shop_id)
        assert live is not None
        assert live.document == RULES


def test_who_is_overtaken_gets_what_the_other_saved(place: Place, operator: Browser) -> None:
    seen = operator.get("/rules/draft").json()["version"]
    theirs, mine = document_of(rule_with({"always": True})), document_of()
    other = place.sit(Role.OPERATOR)
    assert other.post("/rules/draft", json={"document": theirs, "seen": seen}).status_code == 200
    answer = operator.post("/rules/draft", json={"document": mine, "seen": seen})
    assert answer.status_code == 409
    assert answer.json()["document"] == theirs
    assert answer.json()["saved_by"] == other.user.name
    assert operator.get(f"/rules/draft?seen={answer.json()['version']}").status_code == 204


def test_what_is_no_list_of_rules_is_refused(operator: Browser) -> None:
    documents: list[dict[str, Any]] = [{}, {"rules": "none"}, {"rules": ["text"]}, {"rules": [{}] * 1001}]
    for document in documents:
        assert operator.post("/rules/draft", json={"document": document, "seen": 1}).status_code == 422


def test_every_mistake_has_its_place_and_says_what_to_do(operator: Browser) -> None:
    comparison = {"fact": "order.total", "op": "at_least"}
    found = check(operator, rule_with({"all": [comparison, {"fact": "order.nothing", "op": "equals", "value": 1}]}))
    said = {problem["place"]: problem["text"] for problem in found["problems"]}
    assert said["$.rules[0].when.all[0]"] == "値を選ぶか、入力してください。"
    assert "order.nothing" in said["$.rules[0].when.all[1].fact"]


def test_names_the_shop_does_not_know_are_warned_of_at_their_place(operator: Browser) -> None:
    found = check(
        operator,
        rule_with(
            {
                "all": [
                    {"fact": "order.skus", "op": "has_any", "value": ["SKU-1", "SKU-9"]},
                    {"not": {"fact": "order.categories", "op": "has_any", "value": ["teaa"]}},
                    {"fact": "order.prefecture", "op": "equals", "value": "東京"},
                    {"fact": "history.purchase_count", "with": {"skus": ["SKU-8"]}, "op": "at_least", "value": 1},
                ]
            }
        ),
    )
    assert found["problems"] == []
    unknown = {each["place"]: each["code"] for each in found["advice"] if each["code"].startswith("unknown_")}
    assert unknown == {
        "$.rules[0].when.all[0].value": "unknown_products",
        "$.rules[0].when.all[1].not.value": "unknown_categories",
        "$.rules[0].when.all[2].value": "unknown_prefectures",
        "$.rules[0].when.all[3].with.skus": "unknown_products",
    }


def test_a_check_survives_any_draft(operator: Browser) -> None:
    drafts: list[object] = [None, 1, [], {"all": 1}, {"all": [None]}, {"not": 3}, {"fact": 1}, {"fact": "order.skus"}]
    for when in drafts:
        document = {"format": 1, "rules": [{"when": when}]}
        assert operator.post("/rules/check", json={"document": document}).status_code == 200, when


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_catalogue_says_everything_in_the_readers_language(place: Place, language: str) -> None:
    told = place.sit(Role.OPERATOR, language=language).get("/rules/catalogue").json()
    assert len(told["facts"]) == len(FACTS)
    japanese = re.compile(r"[ぁ-んァ-ヶ一-龥]")
    labels = [fact["label"] for fact in told["facts"]] + [each["label"] for each in told["purposes"]]
    assert all(bool(japanese.search(label)) == (language == "ja") for label in labels if label != "RFM"), labels
    [insert] = told["inserts"]
    assert (insert["label"], insert["available"]) == (
        ("季節のたより" if language == "ja" else "Seasonal leaflet"),
        1000,
    )
    body = next(slot for t in told["templates"] if t["key"] == "thank_you_letter" for slot in t["slots"])
    assert body["needed"]


def test_a_fact_is_found_by_its_reading() -> None:
    """Whoever adds a fact adds the reading of its words to rules/readings.py."""
    unread = {fact.ja: left for fact in FACTS.values() if (left := re.findall(r"[一-龥]+", read_kana(fact.ja)))}
    assert unread == {}


def test_products_are_found_by_part_of_their_name_and_by_sku(operator: Browser) -> None:
    found = operator.get("/rules/values", params={"kind": "products", "q": "KU-2"}).json()["values"]
    assert [value["value"] for value in found] == ["SKU-2"]
    assert operator.get("/rules/values", params={"kind": "products", "q": "100%_"}).json()["values"] == []
    named = operator.get("/rules/values", params={"kind": "products", "keys": ["SKU-1", "SKU-9"]}).json()["values"]
    assert [value["value"] for value in named] == ["SKU-1"]


def test_what_a_customer_was_given_is_chosen_by_the_inserts_name(operator: Browser) -> None:
    found = operator.get("/rules/values", params={"kind": "inserts"}).json()["values"]
    assert [(each["value"], each["label"], each["note"]) for each in found] == [
        ("leaflet", "季節のたより", "リーフレット")
    ]


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("何回目", "customer.nth_order"),
        ("リピーター", "customer.nth_order"),
        ("買ったことがある", "history.purchase_count"),
        ("サンプル", "history.insert_count"),
        ("休眠", "customer.days_since_last_order"),
    ],
)
def test_a_fact_is_found_by_the_words_of_a_shop(operator: Browser, typed: str, fact: str) -> None:
    facts = {each["key"]: each["words"] for each in operator.get("/rules/catalogue").json()["facts"]}
    assert typed in facts[fact]


def test_every_word_to_search_by_is_of_a_fact_that_exists() -> None:
    assert FACT_WORDS.keys() <= FACTS.keys()


def test_every_list_that_a_fact_chooses_from_answers(operator: Browser) -> None:
    facts = operator.get("/rules/catalogue").json()["facts"]
    kinds = {fact["values"] for fact in facts} | {each["values"] for fact in facts for each in fact["parameters"]}
    for kind in sorted(kinds - {None, "inserts"}):
        assert operator.get("/rules/values", params={"kind": kind}).status_code == 200, kind


def test_a_proven_rule_is_made_of_choices(operator: Browser) -> None:
    entries = operator.get("/rules/gallery").json()["entries"]
    for entry in entries:
        needs = operator.get(f"/rules/gallery/{entry['key']}").json()["needs"]
        lacking = [need["key"] for need in needs if need["default"] is None and not need["optional"]]
        choices = {need["key"]: need["default"] for need in needs}
        answer = operator.post(f"/rules/gallery/{entry['key']}", json={"choices": choices})
        assert answer.status_code == (422 if lacking else 200), answer.text
    assert operator.get("/rules/gallery/nothing").status_code == 404


def test_matches_are_counted_with_examples_to_open(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    rule = rule_with({"fact": "order.skus", "op": "has_any", "value": ["SKU-1"]})
    found = operator.post("/rules/matches", json={"rule": rule}).json()
    assert (found["considered"], found["matched"]) == (1, 1)
    assert [example["id"] for example in found["examples"]] == [str(shipment_id)]
    none = operator.post("/rules/matches", json={"rule": rule_with({"not": rule["when"]})}).json()
    assert (none["matched"], none["examples"]) == (0, [])
    assert operator.post("/rules/matches", json={"rule": rule_with({"all": []})}).status_code == 204
