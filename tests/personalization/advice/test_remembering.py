"""What was said of a rule is remembered by content: the same answer at another place, another one after any change."""

from datetime import date
from typing import Any

import pytest

from personalization.advice import remembering
from personalization.advice.advice import Advice, Notebook
from personalization.advice.conditions import advise_condition
from personalization.advice.remembering import Memory, advise_known_condition, digest_inserts
from personalization.advice.subjects import Subject, read_subjects
from personalization.insert_info import Inserts

TODAY = date(2026, 11, 19)
NONE: Inserts = {}


def rule(key: str = "a", nth: int = 1) -> dict[str, Any]:
    """A rule for the n-th order, a month after the one before: never, if it is the first."""
    parts = [
        {"fact": "customer.nth_order", "op": "equals", "value": nth},
        {"fact": "customer.days_since_last_order", "op": "at_least", "value": 30},
    ]
    name = {"ja": key, "en": key}
    return {"key": key, "name": name, "when": {"all": parts}, "then": [{"do": "tag", "tag": "t"}]}


def read(*rules: dict[str, Any]) -> list[Subject]:
    return read_subjects({"rules": list(rules)})


def advise(subject: Subject, inserts: Inserts = NONE, today: date = TODAY) -> list[Advice]:
    notebook = Notebook()
    advise_known_condition(subject, inserts, digest_inserts(inserts), today, notebook)
    return list(notebook.found)


def advise_afresh(subject: Subject) -> list[Advice]:
    notebook = Notebook()
    advise_condition(subject, NONE, TODAY, notebook)
    return list(notebook.found)


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    fresh = Memory(most=3)
    monkeypatch.setattr(remembering, "MEMORY", fresh)
    return fresh


def test_the_answer_is_the_same_wherever_the_rule_stands() -> None:
    [first] = read(rule())
    said = advise(first)
    assert [each.code for each in said] == ["never_matches"]
    moved = read(rule("other", 2), rule())[1]
    assert advise(moved) == advise_afresh(moved)
    assert advise(moved)[0].place.startswith("$.rules[1]")


def test_any_change_of_rule_or_day_is_thought_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    thought: list[str] = []

    def count(subject: Subject, inserts: Inserts, today: date, notebook: Notebook) -> None:
        thought.append(subject.rule.key)
        advise_condition(subject, inserts, today, notebook)

    monkeypatch.setattr(remembering, "advise_condition", count)
    [subject] = read(rule())
    for _ in range(3):
        advise(subject)
    assert len(thought) == 1
    [mended] = read(rule(nth=2))
    assert advise(mended) == []
    advise(subject, today=date(2026, 11, 20))
    assert len(thought) == 3


def test_it_forgets_what_was_not_asked_for_longest(memory: Memory) -> None:
    subjects = read(*(rule(f"r{number}") for number in range(5)))
    for subject in subjects:
        advise(subject)
    known = [memory.find((subject.digest, digest_inserts(NONE), TODAY)) is not None for subject in subjects]
    assert known == [False, False, True, True, True]
