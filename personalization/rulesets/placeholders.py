"""Texts with {placeholders}: facts are filled when a shipment is decided, names when its copy is made."""

from collections.abc import Callable, Mapping
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


def fill_text(text: str, get_words: Callable[[str], str | None]) -> str | None:
    """Fill the facts of a text; None when one is unknown. Print fields stay for `fill_print_fields`."""
    parts = []
    for literal, name in split_text(text):
        parts.append(literal.replace("{", "{{").replace("}", "}}"))
        if name is None:
            continue
        words = f"{{{name}}}" if name in PRINT_FIELDS else get_words(name)
        if words is None:
            return None
        parts.append(words if name in PRINT_FIELDS else words.replace("{", "{{").replace("}", "}}"))
    return "".join(parts)


def fill_print_fields(text: str, values: Mapping[str, str]) -> str:
    """Return the final text. Raises KeyError when a field that the text needs has no value."""
    return "".join(literal + ("" if name is None else values[name]) for literal, name in split_text(text))
