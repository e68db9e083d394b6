"""A rule as a form and back: nothing is lost on the way."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from warehouse_ui.rules.forms import change_rows, parse_form, read_rule, show_rule

DATA = Path(__file__).parents[2] / "app" / "demo" / "data"
SAMPLES = [
    rule
    for name in ("face_rules.json", "volume_rules.json")
    for rule in json.loads((DATA / name).read_text("utf-8"))["rules"]
]


def normal(rule: dict[str, Any]) -> dict[str, Any]:
    """Return the rule without what only repeats a default, single conditions as a list of one."""
    usual = {"enabled": True, "audience": "buyer", "gifts": "careful", "group": ""}
    plain = {key: value for key, value in rule.items() if usual.get(key) != value}
    when = plain["when"]
    if "fact" in when or ("not" in when and "fact" in when["not"]):
        plain["when"] = {"all": [when]}
    plain["then"] = [{k: v for k, v in action.items() if (k, v) != ("quantity", 1)} for action in plain["then"]]
    return plain


@pytest.mark.parametrize("rule", SAMPLES, ids=lambda rule: str(rule["key"]))
def test_every_sample_rule_survives_its_form(rule: dict[str, Any]) -> None:
    assert normal(read_rule(show_rule(rule))) == normal(rule)


class Inputs(HTMLParser):
    """What a browser would send of a form."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._select: str | None = None
        self._area: str | None = None
        self._first = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "input" and "name" in given and (given.get("type") != "checkbox" or "checked" in given):
            self.sent.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select, self._first = given.get("name"), True
        elif tag == "option" and self._select:
            if self._first:
                self.sent.append((self._select, given["value"]))
            elif "selected" in given:
                self.sent[-1] = (self._select, given["value"])
            self._first = False
        elif tag == "textarea":
            self._area = given.get("name")
            self.sent.append((given["name"], ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[-1] = (self._area, self.sent[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None


def test_rows_are_added_and_removed_by_their_number() -> None:
    form = parse_form([("c0-fact", "order.total"), ("c1-fact", "order.is_gift"), ("a0-do", "tag"), ("a0-tag", "x")])
    more = change_rows(form, "add-condition")
    assert [row.fact for row in more.conditions.rows] == ["order.total", "order.is_gift", ""]
    fewer = change_rows(more, "remove-condition:0")
    assert [row.fact for row in fewer.conditions.rows] == ["order.is_gift", ""]
    assert change_rows(form, "remove-action:0").actions == []
    assert change_rows(form, "nonsense:9") == change_rows(form, "")


def test_another_fact_gets_an_operator_of_its_own() -> None:
    form = parse_form([("c0-fact", "order.is_gift"), ("c0-op", "at_least"), ("c0-value", "3")])
    [row] = change_rows(form, "refresh").conditions.rows
    assert (row.op, row.value) == ("equals", "")


def test_what_is_no_number_stays_for_the_check_to_name() -> None:
    form = parse_form([("c0-fact", "order.total"), ("c0-op", "at_least"), ("c0-value", "many")])
    assert read_rule(form)["when"] == {"all": [{"fact": "order.total", "op": "at_least", "value": "many"}]}
