"""Facts written into texts: letters and messages speak with the values of the moment of the decision."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from personalization.columns import Column, FactType, Value
from personalization.facts.fact import Fact
from personalization.facts.question import Audience, Question, ask
from personalization.plan import ActionKind, Chosen, Texts
from personalization.rulesets.placeholders import FactField, escape, list_parts
from personalization.rulesets.ruleset import Action, Rule


def fill_texts(texts: Texts, columns: Mapping[Question, Column], row: int, audience: Audience) -> Texts | None:
    """Fill every language; None when a fact is unknown."""
    filled: dict[str, str] = {}
    for language, text in texts.items():
        words = []
        for part in _prepare(text, audience):
            if isinstance(part, Question):
                found = write_value(part.fact, columns[part].get(row), language)
                if found is None:
                    return None
                words.append(escape(found))
            else:
                words.append(part)
        filled[language] = "".join(words)
    return filled


def speak(rule: Rule, index: int, action: Action, columns: Mapping[Question, Column], row: int) -> Chosen | None:
    """Return a letter, slip, message, flag, tag, priority or hold as it is chosen; None when it would tell what nobody
    knows.
    """
    slots: Mapping[str, Texts] | None = {}
    text = action.text
    if action.kind is not ActionKind.HOLD:
        slots = _fill_slots(action, columns, row, rule.audience)
        text = None if action.text is None else fill_texts(action.text, columns, row, rule.audience)
    if slots is None or (text is None and action.text is not None):
        return None
    return Chosen(
        rule_key=rule.key,
        action=index,
        kind=action.kind,
        template=action.template,
        slots=slots,
        slot=action.slot,
        text=text,
        word=action.word,
        value=action.value,
    )


def _fill_slots(
    action: Action, columns: Mapping[Question, Column], row: int, audience: Audience
) -> dict[str, Texts] | None:
    slots: dict[str, Texts] = {}
    for slot, texts in action.slots.items():
        filled = fill_texts(texts, columns, row, audience)
        if filled is None:
            return None
        slots[slot] = filled
    return slots


@lru_cache(maxsize=4096)
def _prepare(text: str, audience: Audience) -> tuple[str | Question, ...]:
    """Return what is written as it stands and the facts between, in their order. Print fields stay as they are."""
    return tuple(ask(part.key, audience) if isinstance(part, FactField) else part for part in list_parts(text))


def write_value(fact: Fact, value: Value, language: str) -> str | None:
    """Return a value as it reads inside a sentence, without unit; None when it is unknown."""
    if value is None:
        return None
    if isinstance(value, bool):
        return {"ja": ("いいえ", "はい"), "en": ("no", "yes")}[language][value]
    if isinstance(value, tuple):
        return ("、" if language == "ja" else ", ").join(value)
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日" if language == "ja" else value.isoformat()
    if isinstance(value, str):
        choice = next((c for c in fact.choices if c.value == value), None)
        return value if choice is None else getattr(choice, language)
    return f"{value:,.0f}" if fact.type is FactType.MONEY or isinstance(value, int) else f"{value:,.1f}"
