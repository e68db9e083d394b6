"""Texts with {placeholders}: facts are filled when a shipment is decided, names when its copy is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from personalization.facts.catalogue import find_fact
from personalization.problems import Problems

# Filled by fulfillment when the copy is made; until then they stay in the text.
PRINT_FIELDS = frozenset({"recipient_name", "buyer_name", "sender_name", "shop_name", "order_number"})


@lru_cache(maxsize=4096)
def split_text(text: str) -> tuple[tuple[str, str | None], ...]:
    """Return (literal, placeholder or None) pairs. Raises ValueError when braces do not match."""
    pairs = []
    for literal, name, spec, conversion in Formatter().parse(text):
        if spec or conversion:
            raise ValueError("A placeholder is a name only.")
        pairs.append((literal, name))
    return tuple(pairs)


def list_facts(text: str) -> list[str]:
    """Return the facts a text asks for."""
    return [name for _, name in split_text(text) if name is not None and name not in PRINT_FIELDS]


def check_text(text: str, place: str, problems: Problems) -> None:
    """Add a problem for braces that do not match and for placeholders that nothing fills."""
    try:
        pairs = split_text(text)
    except ValueError:
        problems.add(place, "bad_braces")
        return
    for _, name in pairs:
        if name is None or name in PRINT_FIELDS:
            continue
        fact = find_fact(name)
        if fact is None or any(parameter.required for parameter in fact.parameters):
            problems.add(place, "bad_placeholder", key=name)


@dataclass(frozen=True, slots=True)
class FactField:
    """A place in a text where the value of a fact stands."""

    key: str


def list_parts(text: str) -> Iterator[str | FactField]:
    """Yield what a text consists of; print fields stay for `fill_print_fields`."""
    for literal, name in split_text(text):
        yield escape(literal)
        if name is not None:
            yield f"{{{name}}}" if name in PRINT_FIELDS else FactField(name)


def escape(words: str) -> str:
    """Return words as they stand in a text that is still to be filled."""
    return words.replace("{", "{{").replace("}", "}}")


def fill_print_fields(text: str, values: Mapping[str, str]) -> str:
    """Return the final text. Raises KeyError when a field that the text needs has no value."""
    return "".join(literal + ("" if name is None else values[name]) for literal, name in split_text(text))
