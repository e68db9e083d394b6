"""Facts written into texts: letters and messages speak with the values of the moment of the decision."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from personalization.columns import Column, FactType, Value
from personalization.facts.fact import Fact
from personalization.facts.question import Audience, Question, ask
from personalization.plan import Texts
from personalization.rulesets.placeholders import FactField, escape, list_parts


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
